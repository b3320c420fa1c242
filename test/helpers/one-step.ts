import { expect } from 'vitest';
import { createProgram, type Engine } from '../../src/train/engine/index.js';
import { createLoss } from '../../src/train/loss/index.js';
import { Sequential } from '../../src/train/model/sequential.js';
import { createOptimizer } from '../../src/train/optim/index.js';
import { loaderOf, tinyDataset } from './data.js';
import { CROSS_ENTROPY } from './losses.js';
import { type Block, layersOf, optimizerOf } from './options.js';
import { classes } from './tasks.js';

/**
 * What a net on images of 8x8 pixels and 4 classes gives on its first batch.
 *
 * @param engine what runs it
 * @param blocks its layers
 * @param size of the batch
 * @param evaluates whether it is evaluated first. Default: no
 * @returns the losses of evaluation, if any, and of training; the gradients; all parameters and buffers after the backward pass
 */
export function oneStep(engine: Engine, blocks: readonly Block[], size: number, evaluates = false) {
  const model = Sequential.build({
    layers: layersOf(...blocks),
    input: { kind: 'image', channels: 3, height: 8, width: 8 },
    outputs: 4,
    seed: 0,
  });
  model.initialize();
  const optimizer = createOptimizer(optimizerOf({ type: 'sgd' }), model.parameters);
  const { program, fallback } = createProgram(engine, {
    model,
    optimizer,
    task: classes(4),
    lossFunction: createLoss(CROSS_ENTROPY),
    clip: { clipGradNorm: null, clipGradValue: null },
    sizes: { train: [size], evaluate: evaluates ? [size] : [] },
  });
  expect(fallback).toBeNull();
  const batch = loaderOf(tinyDataset(size), { batchSize: size }).epoch(0).next().value!;
  const evaluated = evaluates ? [program.evaluate(batch).loss] : [];
  optimizer.zeroGrad();
  const loss = program.loss(batch);
  loss.backward();
  const gradients = model.parameters.flatMap((parameter) => [...parameter.gradient()!]);
  const losses = [...evaluated, loss.item()];
  const state = model.state.flatMap((each) => [...each.toTorch(each.data)]);
  program.dispose();
  model.dispose();
  return { losses, gradients, state };
}
