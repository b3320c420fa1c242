import { type DiagnosisInput, type DivergenceCause, smallerLr } from './diagnosis.js';
import type { NonFinite } from './engine/program.js';
import type { EvaluationResult } from './evaluate.js';
import type { DivergedEvent } from './events.js';
import type { LoopStep } from './loop.js';
import { addBatch, emptyTally } from './metrics.js';
import type { Progress } from './progress.js';
import type { Task } from './task/index.js';

/** Where it was noticed that the loss is not finite, and why it is not. */
type Divergence = Pick<DivergedEvent, 'phase' | 'step' | 'loss' | 'cause' | 'tensor'>;

/** Tells why the loss of a run is not finite, and keeps it for the diagnosis. */
export class Divergences {
  /** The last one that was told of; null: there was none. */
  last: DivergedEvent | null = null;

  /**
   * @param progress where the run stands, kept up to date
   * @param task what it is to say
   * @param options its learning rate, and the usual one where a diagnosis is made
   */
  constructor(
    private readonly progress: Progress,
    private readonly task: Task,
    private readonly options: {
      readonly lr: number;
      readonly diagnosis: Pick<DiagnosisInput, 'usualLr'> | null;
    },
  ) {}

  /** That an evaluation has no loss; null: it has. */
  inEvaluation(
    { loss, divisor, nonFinite }: EvaluationResult,
    phase: 'evaluation' | 'test',
  ): DivergedEvent | null {
    if (Number.isFinite(loss)) return null;
    const kind = nonFinite?.kind ?? 'computation';
    const cause = nonFinite === null && divisor === 0 ? 'nothing_counts' : this.#cause(kind);
    const tensor = nonFinite?.tensor ?? 'the loss itself';
    return this.#tell({ phase, step: this.progress.step, loss, cause, tensor });
  }

  /** That a step was not made. */
  inStep({ batches }: LoopStep, { tensor, kind }: NonFinite): DivergedEvent {
    const own = emptyTally(this.task);
    for (const batch of batches) addBatch(own, batch);
    const isEmpty = own.divisor === 0 && Number.isFinite(own.totalLoss);
    const cause = isEmpty ? 'nothing_counts' : this.#cause(kind);
    const [step, loss] = [this.progress.step + 1, batches.at(-1)!.loss];
    return this.#tell({ phase: 'training', step, loss, cause, tensor });
  }

  /** That there is something to save that no run could go on from. */
  inState(tensor: string): DivergedEvent {
    const { step } = this.progress;
    return this.#tell({ phase: 'saving', step, loss: Number.NaN, cause: 'steps', tensor });
  }

  #cause(kind: NonFinite['kind']): DivergenceCause {
    if (kind === 'inputs') return 'inputs';
    // Before the first step no learning rate has done anything.
    return this.progress.step === 0 ? 'first_weights' : 'steps';
  }

  #tell(divergence: Divergence): DivergedEvent {
    const { lr, epoch } = this.progress;
    const { options } = this;
    const suggestedLr =
      divergence.cause === 'steps' ? smallerLr(options.lr, options.diagnosis?.usualLr ?? null) : null;
    this.last = { type: 'diverged', ...divergence, epoch: epoch + 1, lr, suggestedLr };
    return this.last;
  }
}
