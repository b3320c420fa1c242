import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../src/config/index.js';
import { lossnet } from './helpers/cli.js';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

interface Schema {
  properties?: Record<string, Schema>;
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema | Schema[];
}

/** Every key and every kind that a configuration can name. */
function words(schema: Schema): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [
    ...(key === 'type' && typeof value.const === 'string' ? [value.const] : [key]),
    ...words(value),
  ]);
  const items = schema.items === undefined ? [] : [schema.items].flat();
  return [...own, ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...items].flatMap(words)];
}

describe('the README', () => {
  it('names every key and kind of the configuration', () => {
    const known = new Set(words(jsonSchema() as Schema));
    expect(known.size).toBeGreaterThan(50);
    expect([...known].filter((word) => !new RegExp(`\\b${word}\\b`).test(README))).toEqual([]);
  });

  it.each(['--help', 'train --help'])('shows what lossnet %s prints', async (args) => {
    const { stdout } = await lossnet(args.split(' '));
    expect(README).toContain(stdout.trim());
  });
});
