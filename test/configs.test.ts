import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildRun, initialize, loadConfig, planRun } from '../src/config/index.js';
import { loadTensorFlow, tensorflow } from '../src/train/backend/tensorflow.js';
import { generateShapes } from '../src/train/data/sources/shapes/draw.js';
import { trainEpoch } from '../src/train/loop.js';
import { expectWithin } from './helpers/margin.js';

const FOLDER = new URL('../configs', import.meta.url).pathname;
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.yaml'),
);

beforeAll(() => loadTensorFlow());

describe('the shipped configurations', () => {
  it('are there', () => {
    expect(FILES.sort()).toEqual([
      'cifar-adam.yaml',
      'cifar-momentum.yaml',
      'cifar-resnet.yaml',
      'cifar-rmsprop.yaml',
      'cifar-sgd.yaml',
      'leaves.yaml',
      'pendulum.yaml',
      'shapes-gru.yaml',
      'shapes-sgd.yaml',
      'spirals.yaml',
      'text-gru.yaml',
      'tutorial.yaml',
    ]);
  });

  it.each(FILES)('%s names its schema, its command, and trains a step', async (name) => {
    const file = join(FOLDER, name);
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines[0]).toBe('# yaml-language-server: $schema=./schema.json');
    expect(lines).toContain(`#     lossnet train configs/${name}`);

    const plan = planRun(loadConfig({ file }));
    const { type } = plan.config.dataset;
    const isOwn = ['csv', 'arrays', 'image_folder', 'text'].includes(type);
    const shapes = (split: 'train' | 'test') => generateShapes({ seed: 0, split, size: 64 });
    const data = isOwn ? await plan.source.load() : { train: shapes('train'), eval: shapes('test') };
    const { parts, model } = buildRun(plan, data, null);
    initialize(plan);
    const first = trainEpoch(parts, 0, { batch: 0, step: 0 }).next();
    // Of some classes, or of a standardised number, of which nothing is known yet.
    const { target } = data.train.spec;
    const ignorance = target.kind === 'value' ? 1 : Math.log(target.names.length);
    expectWithin(Math.abs(first.value!.batches[0]!.loss - ignorance), 0.5, 'the first loss');
    parts.optimizer.dispose();
    model.dispose();
    expect(tensorflow().memory().numTensors).toBeLessThan(50);
  });

  it('is the tutorial to the letter: test images, one at a time, in order, SGD 0.01, 20 epochs', () => {
    const { yaml } = loadConfig({ file: join(FOLDER, 'tutorial.yaml') });
    expect(yaml).toMatchObject({
      epochs: 20,
      dataset: { type: 'cifar10', train_split: 'test' },
      loader: { batch_size: 1, shuffle: false, limit: null },
      optimizer: { type: 'sgd', lr: 0.01, momentum: 0, weight_decay: 0 },
      schedule: { type: 'constant' },
    });
    expect(planRun(loadConfig({ file: join(FOLDER, 'tutorial.yaml') })).model.parameterCount).toBe(145_578);
  });
});
