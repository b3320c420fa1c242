import { tensorflow } from '../../train/backend/tensorflow.js';
import type { Metrics } from '../../train/task/index.js';
import type { Reporter } from './reporter.js';

/**
 * TensorBoard event files (`events.out.tfevents.*`) in the run's folder, written by TensorFlow itself.
 *
 * @param folder the run's folder
 * @param logEvery one step in so many
 * @returns the reporter
 */
export function tensorboardReporter(folder: string, logEvery: number): Reporter {
  const writer = tensorflow().node.summaryFileWriter(folder);
  const scalars = (step: number, values: Record<string, number | null>): void => {
    for (const [name, value] of Object.entries(values)) if (value !== null) writer.scalar(name, value, step);
  };
  return {
    event(event) {
      if (event.type === 'step' && event.step % logEvery === 0) {
        const { loss, lr, groupLrs = [], gradNorm } = event;
        scalars(event.step, { 'train/step_loss': loss, lr, grad_norm: gradNorm });
        for (const [i, own] of groupLrs.entries()) scalars(event.step, { [`lr/group_${i}`]: own });
      } else if (event.type === 'layers') {
        for (const { layer, gradNorm, weightNorm, updateRatio } of event.layers) {
          scalars(event.step, {
            [`layers/${layer}/grad_norm`]: gradNorm,
            [`layers/${layer}/weight_norm`]: weightNorm,
            [`layers/${layer}/update_ratio`]: updateRatio,
          });
        }
      } else if (event.type === 'epoch') {
        scalars(event.step, {
          'train/loss': event.trainLoss,
          ...under('train/', event.train),
          'eval/loss': event.evalLoss,
          ...under('eval/', event.eval ?? {}),
        });
      }
      // What a checkpoint counts as done must have left this process when it is.
      if (event.type === 'epoch' || event.type === 'saving') writer.flush();
    },
    close: () => writer.flush(),
  };
}

const under = (prefix: string, metrics: Metrics): Metrics =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${prefix}${name}`, value]));
