import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildRun } from '../../src/config/build.js';
import { planRun } from '../../src/config/plan.js';
import { loadTensorFlow } from '../../src/train/backend/tensorflow.js';
import { generateShapes } from '../../src/train/data/sources/shapes/draw.js';
import { KeptGraphs } from '../../src/train/engine/graph/kept-graphs.js';
import { GraphSession } from '../../src/train/engine/graph/session.js';
import { inTemporaryFolder, load, MINIMAL } from './helpers.js';

inTemporaryFolder();
beforeAll(() => loadTensorFlow());
afterEach(() => vi.restoreAllMocks());

/** Is asked for graphs, and has none. */
class Asked extends KeptGraphs {
  key = '';

  override take(key: string): null {
    this.key = key;
    return null;
  }
}

const [train, test] = (['train', 'test'] as const).map((split) =>
  generateShapes({ seed: 0, split, size: 20 }),
);

/** The name of a configuration's graph, and its bytes. */
function graphOf(text: string): { readonly key: string; readonly bytes: string } {
  let bytes = '';
  const real = GraphSession.load;
  vi.spyOn(GraphSession, 'load').mockImplementation((definition) => {
    bytes = Buffer.from(definition).toString('latin1');
    return real.call(GraphSession, definition);
  });
  const asked = new Asked();
  const { parts, fallback } = buildRun(
    planRun(load(text)),
    { train: train!, eval: test! },
    null,
    null,
    asked,
  );
  expect(fallback).toBeNull();
  parts.program.dispose();
  asked.dispose();
  vi.restoreAllMocks();
  return { key: asked.key, bytes };
}

const BASE = MINIMAL.replace('optimizer: { type: sgd }\n', '');
const optimizer = (options: string) => `${BASE}optimizer: { ${options} }\n`;
const layers = (model: string) =>
  `dataset: { type: shapes }\nmodel: [${model}, { type: flatten }, { type: linear, out_features: 10 }]\noptimizer: { type: sgd }\n`;

describe('the name of a graph', () => {
  it.each<readonly [string, string, string]>([
    ...['sgd', 'adam', 'adamw', 'nadam', 'rmsprop', 'adagrad', 'adadelta', 'adamax'].map(
      (type) =>
        [
          `lr of ${type}`,
          optimizer(`type: ${type}, lr: 0.1`),
          optimizer(`type: ${type}, lr: 0.002`),
        ] as const,
    ),
    ['momentum', optimizer('type: sgd, momentum: 0.9'), optimizer('type: sgd, momentum: 0.5')],
    [
      'momentum of rmsprop',
      optimizer('type: rmsprop, momentum: 0.9'),
      optimizer('type: rmsprop, momentum: 0.5'),
    ],
    [
      'lr of a group',
      optimizer('type: sgd, groups: [{ layers: [1], lr: 0.1 }]'),
      optimizer('type: sgd, groups: [{ layers: [1], lr: 0.2 }]'),
    ],
    ['name, epochs and seed', MINIMAL, `${MINIMAL}name: other\nepochs: 7\nseed: 3\nlog_every: 1\n`],
    ['schedule', MINIMAL, `${MINIMAL}schedule: { type: cosine }\n`],
    ['first weights', MINIMAL, `${MINIMAL}init: { weight: { type: zeros } }\n`],
  ])('is the same whatever the %s, as is the graph', (_, one, other) => {
    const [a, b] = [graphOf(one), graphOf(other)];
    expect(b.key).toBe(a.key);
    // Not compared as text: a difference would be shown.
    expect(a.bytes.length > 1000 && a.bytes === b.bytes).toBe(true);
  });

  it.each([
    ['whether there is momentum', optimizer('type: sgd'), optimizer('type: sgd, momentum: 0.9')],
    [
      'what begins with one',
      MINIMAL.replace('sgd', 'rmsprop'),
      `${MINIMAL.replace('sgd', 'rmsprop')}schedule: { type: one_cycle, max_lr: 0.1 }\n`,
    ],
    ['betas', optimizer('type: adam'), optimizer('type: adam, betas: [0.8, 0.99]')],
    ['weight decay', optimizer('type: adam'), optimizer('type: adam, weight_decay: 0.1')],
    ['who has weight decay', optimizer('type: adamw'), optimizer('type: adamw, weight_decay_on: weights')],
    ['the loss', MINIMAL, `${MINIMAL}loss: { type: cross_entropy, label_smoothing: 0.1 }\n`],
    ['weights of classes', MINIMAL, `${MINIMAL}loss: { type: cross_entropy, weight: balanced }\n`],
    ['clipping', `${MINIMAL}clip_grad_norm: 1\n`, `${MINIMAL}clip_grad_norm: 2\n`],
    [
      'what is frozen',
      MINIMAL.replace('[{ type: flatten }', '[{ type: flatten }, { type: linear, out_features: 9 }'),
      `${MINIMAL.replace('[{ type: flatten }', '[{ type: flatten }, { type: linear, out_features: 9 }')}freeze: [1]\n`,
    ],
    ['the size of batches', MINIMAL, `${MINIMAL}loader: { batch_size: 5 }\n`],
    ['pixels', MINIMAL, `${MINIMAL}transforms: { scale: false }\n`],
    ['the seed of dropout', layers('{ type: dropout }'), `${layers('{ type: dropout }')}seed: 1\n`],
  ])('tells %s', (_, one, other) => {
    expect(graphOf(other).key).not.toBe(graphOf(one).key);
  });

  it('knows of every layer whose graph depends on the seed', () => {
    const folder = new URL('../../src/train/model/layers/', import.meta.url);
    const drawing = readdirSync(folder).filter((file) =>
      /RandomStream\(|dropper\(/.test(readFileSync(new URL(file, folder), 'utf8')),
    );
    // One more here is one more in `drawsNumbers` of graph-key.ts.
    expect(drawing.sort()).toEqual(['dropout.ts', 'recurrent.ts']);
  });
});
