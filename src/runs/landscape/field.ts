import { setImmediate as nextTurn } from 'node:timers/promises';
import { evaluationLoader, lossOptions } from '../../config/index.js';
import type { DatasetIdentity } from '../../train/data/dataset.js';
import type { State } from '../../train/landscape/directions.js';
import { createLoss } from '../../train/loss/index.js';
import { addBatch, emptyTally, meanLoss } from '../../train/metrics.js';
import type { Parameter } from '../../train/model/parameter.js';
import { evaluationData, type PartName } from '../evaluate/data.js';
import { loadEvaluator } from '../evaluate/evaluator.js';
import { identityOf } from '../store/read.js';
import { isStopped, type Surroundings } from '../surroundings.js';
import type { Subject } from './subject.js';

/** The loss of a model on fixed samples, wherever its weights are moved to. */
export interface Field {
  readonly identity: DatasetIdentity;
  readonly samples: number;
  /** All parameters; those among them that are trained. */
  readonly parameters: readonly Parameter[];
  readonly trainable: readonly Parameter[];
  /** Gives tensors values, without measuring anything. */
  load(state: State): void;
  /**
   * @param state values for some tensors; the others keep those that they have
   * @returns the mean loss there, batch norm and dropout as in evaluation; null when told to stop
   */
  at(state: State): Promise<number | null>;
  dispose(): void;
}

/**
 * Loads a run's model and the samples to measure its loss on, as `evaluate` does.
 *
 * @param subject the run
 * @param part which samples
 * @param isLimited whether a limit was named, which counts for every part then
 * @param surroundings told what takes long
 * @throws UsageError when there are no such samples; LossnetError when they cannot be had any more
 */
export async function openField(
  subject: Subject,
  part: Exclude<PartName, 'all'>,
  isLimited: boolean,
  surroundings: Surroundings,
): Promise<Field> {
  const { trained, plan, record, isOther } = subject;
  const { config, model } = plan;
  const dataset = await evaluationData(
    trained,
    plan,
    { record, part: isOther ? undefined : part, isOther },
    surroundings,
  );
  // A run's own evaluation may be of some samples only.
  const isOwn = part === 'val' && !isOther;
  const loader = evaluationLoader(config, dataset, isOwn || isLimited ? undefined : null);
  const lossFunction = createLoss(lossOptions(config.loss, record.start?.class_weights ?? null));
  const about = { lossFunction, trained: identityOf(record, 'train') };
  const evaluator = await loadEvaluator(trained, plan, loader, about, surroundings);
  const byName = new Map(model.state.map((parameter) => [parameter.name, parameter]));
  const load = (state: State): void => {
    for (const [name, values] of state) byName.get(name)!.load(values);
  };
  return {
    identity: dataset.identity,
    samples: loader.samples,
    parameters: model.parameters,
    trainable: model.trainable,
    load,
    async at(state) {
      load(state);
      const tally = emptyTally(evaluator.task);
      for (const batch of loader.epoch(0)) {
        addBatch(tally, { ...(await evaluator.evaluate(batch)), size: batch.size });
        await nextTurn(); // A signal is heard between two batches.
        if (isStopped(surroundings)) return null;
      }
      return meanLoss(tally);
    },
    dispose: () => evaluator.dispose(),
  };
}
