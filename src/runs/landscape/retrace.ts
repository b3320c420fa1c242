import { setImmediate as nextTurn } from 'node:timers/promises';
import { LossnetError } from '../../base/errors.js';
import { buildRun, initialize, planRun } from '../../config/index.js';
import type { State } from '../../train/landscape/directions.js';
import type { Parameter } from '../../train/model/parameter.js';
import { newProgress } from '../../train/progress.js';
import { Trainer } from '../../train/trainer.js';
import { identityOf } from '../store/read.js';
import { isStopped, type Surroundings, tell } from '../surroundings.js';
import { prepare } from '../train/prepare.js';
import type { Subject } from './subject.js';

/** More points of a path cannot be told apart, and each is a copy of the model. */
const MOST_POINTS = 60;

/** Where a run was after its epochs. */
export interface Retraced {
  /** From 0, the first weights. */
  readonly epochs: readonly number[];
  readonly states: readonly State[];
  /** What the run recorded of each on its evaluation samples; null: nothing. */
  readonly losses: readonly (number | null)[];
  /** Whether every training loss came out as the run recorded it, to the last bit; else by how much one differs at most, as a share. */
  readonly isExact: boolean;
  readonly largestDifference: number;
}

/** The epochs whose weights are kept. */
export function keptEpochs(total: number): number[] {
  const stride = Math.ceil(total / MOST_POINTS);
  return Array.from({ length: total + 1 }, (_, epoch) => epoch).filter(
    (epoch) => epoch % stride === 0 || epoch === total,
  );
}

/**
 * Trains a run once more, in memory, to learn where its weights were after each epoch: a run keeps but the best and the last. The same
 * configuration and data give the same bytes, which its recorded losses prove.
 *
 * @param subject the run
 * @param surroundings told of the progress
 * @returns its way; null when told to stop
 * @throws LossnetError when its data are others by now, or it does not come as far as the run did
 */
export async function retrace(subject: Subject, surroundings: Surroundings): Promise<Retraced | null> {
  const { record, path } = subject;
  const plan = planRun(record.resolved, true);
  const data = await prepare(plan, surroundings);
  if (data === null) return null;
  const recorded = identityOf(record, 'train');
  if (recorded !== null && recorded.sha256 !== data.train.identity.sha256) {
    throw new LossnetError(
      'LOSSNET_DATA_CHANGED',
      `The training data of ${path} are others by now: SHA-256 ${data.train.identity.sha256.slice(0, 16)}…, the run recorded ${recorded.sha256.slice(0, 16)}….`,
      'Bring them back as they were, or leave out the path.',
    );
  }
  const run = buildRun(plan, data, null);
  try {
    initialize(plan);
    const progress = newProgress(run.parts.program.task);
    const trainer = new Trainer(
      run.parts,
      run.options,
      progress,
      surroundings.signal ?? new AbortController().signal,
    );
    const total = record.epochs.length;
    const kept = new Set(keptEpochs(total));
    const states: State[] = [stateOf(plan.model.state)];
    let largestDifference = 0;
    let done = 0;
    for (const event of trainer.run()) {
      await nextTurn();
      if (isStopped(surroundings)) return null;
      if (event.type !== 'epoch') continue;
      done = event.epoch;
      const was = record.epochs[done - 1]!.train_loss ?? Number.NaN;
      const differs = Object.is(was, event.trainLoss) ? 0 : Math.abs(event.trainLoss / was - 1);
      largestDifference = Math.max(largestDifference, differs);
      if (kept.has(done)) states.push(stateOf(plan.model.state));
      tell(surroundings, { type: 'prepare', what: `Retracing ${path}`, done, total });
      if (done === total) break;
    }
    if (done < total) {
      throw new LossnetError(
        'LOSSNET_RETRACE_FAILED',
        `${path} had ${total} epochs; trained once more it ends after ${done}.`,
        'Leave out the path.',
      );
    }
    const epochs = [...kept];
    return {
      epochs,
      states,
      losses: epochs.map((epoch) => record.epochs[epoch - 1]?.eval_loss ?? null),
      isExact: largestDifference === 0,
      largestDifference,
    };
  } finally {
    run.parts.program.dispose();
    run.parts.optimizer.dispose();
    plan.model.dispose();
  }
}

const stateOf = (parameters: readonly Parameter[]): State =>
  new Map(
    parameters
      .filter(({ dtype }) => dtype === 'float32')
      .map((parameter) => [parameter.name, Float32Array.from(parameter.values())]),
  );
