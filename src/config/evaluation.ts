import type { DataLoader } from '../train/data/loader.js';
import { createProgram } from '../train/engine/index.js';
import type { Program } from '../train/engine/program.js';
import { currentThreads, lanesFor, stepWork } from '../train/engine/threads.js';
import type { LossFunction } from '../train/loss/index.js';
import { createOptimizer } from '../train/optim/index.js';
import { createTask } from '../train/task/index.js';
import type { Plan } from './plan.js';

/**
 * A trained model ready to be evaluated, as its run evaluates it: the same engine computes the same parts of a batch side by side, so
 * that the figures are the same to the last bit. TensorFlow must be loaded, and the model have its values.
 *
 * @param plan of the run
 * @param loader the samples
 * @param about the loss; trained: how many samples were trained on, which decides those parts
 * @returns the program; its evaluations give outputs
 */
export function evaluationProgram(
  { config, model, spec }: Plan,
  loader: DataLoader,
  { lossFunction, trained }: { readonly lossFunction: LossFunction; readonly trained: number },
): Program {
  const samples = Math.min(config.loader.batchSize, trained, config.loader.limit ?? trained);
  const { flops } = stepWork(model, samples, config.engine);
  return createProgram(config.engine, {
    ...{ model, task: createTask(spec.target), lossFunction, clip: config, keepsOutputs: true },
    // A graph has one; nothing is stepped with it.
    optimizer: createOptimizer(config.optimizer, model.parameters),
    ...(spec.input.kind === 'image' && { pixels: config.transforms }),
    sizes: { train: [], evaluate: loader.sizes },
    lanes: lanesFor(currentThreads(), { flops, samples }),
  }).program;
}
