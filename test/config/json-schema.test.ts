import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type JsonSchema, jsonSchema } from '../../src/config/json-schema.js';
import { configSchema } from '../../src/config/schema/index.js';
import { inTemporaryFolder, MINIMAL } from './helpers.js';
import { accepts } from './json-schema-validator.js';

inTemporaryFolder();

const COMMITTED = new URL('../../configs/schema.json', import.meta.url);

describe('configs/schema.json', () => {
  it('is current: after a change of the schema, npm run schema writes it anew', () => {
    expect(readFileSync(COMMITTED, 'utf8')).toBe(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  });

  it('is a draft 7 schema that asks for no key with a default', () => {
    const schema = jsonSchema();
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(schema.required).toEqual(['dataset', 'model', 'optimizer']);
  });

  it('describes every key, for editors to show', () => {
    const { definitions = {}, ...schema } = jsonSchema();
    expect(undescribed(schema, '')).toEqual([]);
    for (const [name, inner] of Object.entries(definitions))
      expect(undescribed(inner, `${name}.`)).toEqual([]);
  });
});

/** Dotted paths of the keys without a description, at every depth. */
function undescribed(schema: JsonSchema, path: string): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const branches = [inner, ...(inner.anyOf ?? [])];
    const isClear = key === 'type' || branches.some(({ description }) => description !== undefined);
    return [...(isClear ? [] : [`${path}${key}`]), ...undescribed(inner, `${path}${key}.`)];
  });
  const items = Array.isArray(schema.items) || schema.items === undefined ? [] : [schema.items];
  const inner = [...items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return [...own, ...inner.flatMap((branch) => undescribed(branch, path))];
}

const GOOD = [
  '',
  'epochs: 3',
  'loader: {}',
  'loader: { limit: null }',
  'clip_grad_norm: 0.5',
  'schedule: { type: cosine, t_max: 10 }',
  'transforms: { random_flip: {}, random_crop: { padding: 4 } }',
  'init: { from: weights.safetensors }',
  'model: [{ type: conv2d, out_channels: 1, kernel_size: [3, 3], padding: 0 }]',
  'optimizer: { type: adam, betas: [0, 0.5] }',
  'model: [{ type: residual, layers: [{ type: residual, layers: [{ type: relu }] }], projection: null }]',
  'model: [{ type: linear, out_features: 1, init: { weight: { type: orthogonal, gain: relu } } }]',
  'init: { weight: { type: kaiming_normal }, bias: { type: zeros } }',
];

const BAD = [
  'epochs: 0',
  'epochs: 1.5',
  'epochs: "3"',
  'epochs: null',
  'epoch: 3',
  'name: a b',
  'runs_dir: ""',
  'tensorboard: yes',
  'loader: { batch_size: 0 }',
  'loader: { quux: 0 }',
  'clip_grad_norm: 0',
  'checkpoint: { monitor: loss }',
  'schedule: cosine',
  'schedule: { type: cosin }',
  'schedule: { step_size: 3 }',
  'schedule: { type: cosine, step_size: 3 }',
  'schedule: { type: step }',
  'model: []',
  'model: [{ type: conv2d, out_channels: 1, kernel_size: [3] }]',
  'model: [{ type: conv2d, out_channels: 1, kernel_size: [3, 0] }]',
  'model: [{ type: dropout, p: 1.1 }]',
  'optimizer: { type: adam, betas: [0, 1] }',
  'optimizer: { type: adam, momentum: 0.9 }',
  'model: [{ type: residual, layers: [] }]',
  'model: [{ type: residual, layers: [{ type: residual, layers: [{ type: rel }] }] }]',
  'init: { weight: { type: kaiming } }',
];

describe('the JSON schema and the zod schema judge alike', () => {
  const schema: JsonSchema = JSON.parse(readFileSync(COMMITTED, 'utf8'));
  it.each([...GOOD.map((added) => [added, true] as const), ...BAD.map((added) => [added, false] as const)])(
    '%s: %s',
    (added, expected) => {
      const data = { ...parse(MINIMAL), ...parse(added) };
      expect(accepts(schema, data)).toBe(expected);
      expect(configSchema.safeParse({ name: 'x', ...data }).success).toBe(expected);
    },
  );

  it('misses none of the required blocks', () => {
    for (const key of ['dataset', 'model', 'optimizer']) {
      const { [key]: _, ...rest } = parse(MINIMAL);
      expect(accepts(schema, rest)).toBe(false);
    }
  });
});
