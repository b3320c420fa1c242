import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../../src/train/backend/tensorflow.js';
import { createProgram } from '../../../../src/train/engine/index.js';
import { createLoss } from '../../../../src/train/loss/index.js';
import { Sequential } from '../../../../src/train/model/sequential.js';
import { createOptimizer } from '../../../../src/train/optim/index.js';
import { loaderOf, tinyDataset } from '../../../helpers/data.js';
import { CROSS_ENTROPY } from '../../../helpers/losses.js';
import { layersOf, optimizerOf } from '../../../helpers/options.js';
import { classes } from '../../../helpers/tasks.js';

beforeAll(() => loadTensorFlow());

/** Arrays at multiples of so many bytes share their memory with TensorFlow; others are copied. */
const ALIGNMENT = 64;
const CLASSES = 4;

/** What `--expose-gc` would have given. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** A program that has run, whose bias came from an array; the array is in no other hands. */
function programFrom(array: Float32Array) {
  const model = Sequential.build({
    layers: layersOf({ type: 'flatten' }, { type: 'linear', out_features: CLASSES }),
    input: { kind: 'image', channels: 3, height: 8, width: 8 },
    outputs: CLASSES,
    seed: 0,
  });
  model.initialize();
  const bias = model.parameters.find(({ name }) => name.endsWith('bias'))!;
  bias.data = tensorflow().tensor1d(array);
  const { program, fallback } = createProgram('graph', {
    model,
    optimizer: createOptimizer(optimizerOf({ type: 'sgd' }), model.parameters),
    task: classes(CLASSES),
    lossFunction: createLoss(CROSS_ENTROPY),
    clip: { clipGradNorm: null, clipGradValue: null },
    sizes: { train: [16], evaluate: [16] },
  });
  expect(fallback).toBeNull();
  program.evaluate(loaderOf(tinyDataset(16)).epoch(0).next().value!);
  return { program, bias };
}

describe('the variables of a graph', () => {
  /**
   * Node may be told on its main thread only that an array is no longer in use. Variables change hands on TensorFlow's
   * threads: one that held an array would end the process, about once in a dozen runs.
   */
  it('do not hold the arrays that they were made from', async () => {
    const places = Array.from({ length: ALIGNMENT / 4 }, (_, i) => i * 4);
    const made = places.map((place) => {
      const array = new Float32Array(new ArrayBuffer(4 * ALIGNMENT), place, CLASSES).fill(place);
      return { array: new WeakRef(array), ...programFrom(array) };
    });
    await wait(0);
    collectGarbage();

    expect(made.map(({ array }) => array.deref())).toEqual(places.map(() => undefined));
    for (const [i, { program, bias }] of made.entries()) {
      expect([...bias.values()]).toEqual(Array(CLASSES).fill(places[i]));
      program.dispose();
    }
  });
});
