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

/** Whether this is a curve, as far as can be told: it comes from a file. */
export function isCurve(value: unknown): value is LossCurve {
  const { first, span, stretches, epochs } = (value ?? {}) as Partial<LossCurve>;
  const isObject = (entry: unknown) => typeof entry === 'object' && entry !== null;
  const isCount = (n: unknown) => Number.isSafeInteger(n) && Number(n) > 0;
  return (
    (first === null || Number.isFinite(first)) &&
    isCount(span) &&
    Array.isArray(stretches) &&
    stretches.every((stretch) => isObject(stretch)) &&
    stretches.every(
      ({ steps, sum, max }) => isCount(steps) && Number.isFinite(sum) && Number.isFinite(max),
    ) &&
    Array.isArray(epochs) &&
    epochs.every((epoch) => isObject(epoch)) &&
    epochs.every(
      ({ trainLoss, evalLoss }) =>
        Number.isFinite(trainLoss) && (evalLoss === null || Number.isFinite(evalLoss)),
    )
  );
}
