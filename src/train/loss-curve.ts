import { type Guard, list, nullable, number, object, positive } from '../base/guards.js';

/** A stretch of steps: sum and maximum of their losses. */
export interface Stretch {
  steps: number;
  sum: number;
  max: number;
}

/** How the loss went so far, in few numbers however long the run: plain data, so that a checkpoint keeps it exactly. */
export interface LossCurve {
  /** Loss of the first step: that of the untrained model. */
  first: number | null;
  /** Steps that a stretch spans; the last one may be short. */
  span: number;
  stretches: Stretch[];
  /** Of each whole epoch; `evalLoss` null where it was not evaluated. */
  epochs: { trainLoss: number; evalLoss: number | null }[];
}

/** When there would be more, two neighbours become one. */
export const MOST_STRETCHES = 64;

export function emptyCurve(): LossCurve {
  return { first: null, span: 1, stretches: [], epochs: [] };
}

/** Adds the loss of a step. */
export function addStep(curve: LossCurve, loss: number): void {
  curve.first ??= loss;
  const last = curve.stretches.at(-1);
  if (last && last.steps < curve.span) {
    last.steps += 1;
    last.sum += loss;
    last.max = Math.max(last.max, loss);
    return;
  }
  if (curve.stretches.length === MOST_STRETCHES) {
    curve.stretches = Array.from({ length: MOST_STRETCHES / 2 }, (_, i) =>
      joined(curve.stretches[2 * i]!, curve.stretches[2 * i + 1]!),
    );
    curve.span *= 2;
  }
  curve.stretches.push({ steps: 1, sum: loss, max: loss });
}

function joined(a: Stretch, b: Stretch): Stretch {
  return { steps: a.steps + b.steps, sum: a.sum + b.sum, max: Math.max(a.max, b.max) };
}

/** Reads a curve that comes from a checkpoint. */
export const readCurve: Guard<LossCurve> = object<LossCurve>({
  first: nullable(number),
  span: positive,
  stretches: list(object<Stretch>({ steps: positive, sum: number, max: number })),
  epochs: list(object({ trainLoss: number, evalLoss: nullable(number) })),
});
