import type { Probabilities } from '../../train/loss/index.js';
import { logShares } from '../../train/task/class-scores.js';
import type { Target } from '../../train/task/index.js';
import type { Answer } from './result.js';

/**
 * @param about what is told: classes or values; how the loss makes probabilities of outputs; how many classes
 * @returns what makes an answer of a sample's outputs. Of equal outputs the first class is the likelier, as in evaluation; null
 * where they are not finite
 */
export function answerer({
  target,
  probabilities,
  top,
}: {
  readonly target: Target;
  readonly probabilities: Probabilities | null;
  readonly top: number;
}): (outputs: Float32Array) => Answer | null {
  const { names } = target;
  if (target.kind === 'value') {
    return (outputs) => {
      if (!outputs.every(Number.isFinite)) return null;
      return { kind: 'values', values: Object.fromEntries(names.map((name, k) => [name, outputs[k]!])) };
    };
  }
  const logs = new Float64Array(names.length);
  return (outputs) => {
    if (!outputs.every(Number.isFinite)) return null;
    const whole = probabilities === null ? 0 : logShares(outputs, probabilities, logs);
    const order = [...names.keys()].sort((a, b) => outputs[b]! - outputs[a]! || a - b).slice(0, top);
    return {
      kind: 'classes',
      top: order.map((index) => ({
        class: names[index]!,
        probability: probabilities === null ? null : Math.exp(logs[index]! - whole),
      })),
    };
  };
}
