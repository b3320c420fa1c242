import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { LossFunction, Probabilities } from '../loss/index.js';
import { greatest, logShares } from './class-scores.js';
import { classification } from './classification.js';
import { BITS_PER_CHAR, PERPLEXITY } from './metrics.js';
import type { Readings, Scores } from './scores.js';
import type { ClassTarget, Measure, Task } from './task.js';

/**
 * Which token of a vocabulary comes next: a classification whose further metrics are those of language models. Sorts of tokens
 * are not judged alike, as a rare one is no class that someone asked for.
 *
 *     accuracy = correct / counted,   chance = 1 / vocabulary
 *
 * Where one is to be told after each token of a sample, outputs are [batch, length, vocabulary] and each target counts as one: the
 * mean of a loss is over batch * length, as `F.cross_entropy(outputs.flatten(0, 1), targets.flatten())` has it.
 *
 * @param target the vocabulary, and how many are to be told of a sample
 * @returns the task: targets are numbers of tokens [batch] or [batch, length], int32
 */
export function nextToken(target: ClassTarget): Task {
  const { names, length } = target;
  const ofOne = classification(target);
  return {
    ...(length === undefined ? ofOne : ofEach(ofOne, names.length, length)),
    further: (probabilities) => furtherOfTokens(names.length, probabilities),
    scores: (loss) => tokenScores(names, loss),
    readings: (loss) => tokenReadings(names.length, length ?? 1, loss),
  };
}

/** The same of samples that have several targets: each is a row of its own. */
function ofEach(task: Task, vocabulary: number, length: number): Task {
  const rows = (outputs: Tensor) => tensorflow().reshape(outputs, [-1, vocabulary]);
  const flat = (targets: Tensor) => tensorflow().reshape(targets, [-1]);
  return {
    ...task,
    targets: { dtype: 'int32', shape: [length] },
    forLoss: (outputs, targets, takes) => task.forLoss(rows(outputs), flat(targets), takes),
    measure: (outputs, targets, loss) => task.measure(rows(outputs), flat(targets), loss),
  };
}

/** None where a loss makes no probabilities. Who guesses evenly is as unsure as the vocabulary is large. */
function furtherOfTokens(tokens: number, probabilities: Probabilities | null): Measure[] {
  if (probabilities === null) return [];
  return [
    { ...PERPLEXITY, chance: tokens },
    { ...BITS_PER_CHAR, chance: Math.log2(tokens) },
  ];
}

/**
 * What outputs say of next tokens, each counting once whatever the weights and the label smoothing of the loss. Ignored ones do
 * not count.
 *
 *     H = - sum over i of log(p[i, target[i]]) / n,   perplexity = exp(H),   bits_per_char = H / log(2)
 *
 * @param names of the vocabulary
 * @param loss the loss
 * @returns what outputs are added to
 * @source H is sklearn.metrics.log_loss; perplexity as in Jelinek et al., 1977
 */
function tokenScores(names: readonly string[], { probabilities, ignoreIndex }: LossFunction): Scores {
  const size = names.length;
  const logs = new Float64Array(size);
  const support = new Float64Array(size);
  const right = new Float64Array(size);
  const losses = new Float64Array(size);
  let [samples, total] = [0, 0];
  return {
    add(outputs, targets) {
      for (const [i, target] of targets.entries()) {
        if (target === ignoreIndex) continue;
        const row = outputs.subarray(i * size, (i + 1) * size);
        samples += 1;
        support[target]! += 1;
        if (greatest(row) === target) right[target]! += 1;
        if (probabilities === null) continue;
        const loss = logShares(row, probabilities, logs) - logs[target]!;
        losses[target]! += loss;
        total += loss;
      }
    },

    metrics() {
      return probabilities === null ? {} : unsurenessOf(total / samples);
    },

    detail: () => ({
      kind: 'token',
      tokens: names.map((name, t) => ({
        name,
        support: support[t]!,
        right: right[t]!,
        bits: probabilities === null || support[t] === 0 ? null : losses[t]! / support[t]! / Math.LN2,
      })),
    }),
  };
}

/** Whether each token is told, and its loss; NaN where it does not count. Those of a sample, so many, count as often as it does. */
function tokenReadings(size: number, each: number, { probabilities, ignoreIndex }: LossFunction): Readings {
  const logs = new Float64Array(size);
  const hits: number[] = [];
  const losses: number[] = [];
  return {
    add(outputs, targets) {
      for (const [i, target] of targets.entries()) {
        const row = outputs.subarray(i * size, (i + 1) * size);
        hits.push(target === ignoreIndex ? Number.NaN : greatest(row) === target ? 1 : 0);
        losses.push(probabilities === null ? 0 : logShares(row, probabilities, logs) - logs[target]!);
      }
    },
    metrics(counts) {
      let [samples, right, total] = [0, 0, 0];
      for (const [i, hit] of hits.entries()) {
        if (Number.isNaN(hit)) continue;
        const count = counts[Math.floor(i / each)]!;
        samples += count;
        right += hit * count;
        total += losses[i]! * count;
      }
      const accuracy = right / samples;
      return probabilities === null ? { accuracy } : { accuracy, ...unsurenessOf(total / samples) };
    },
  };
}

/** @param mean of -log(p[target]) */
const unsurenessOf = (mean: number) => ({ perplexity: Math.exp(mean), bits_per_char: mean / Math.LN2 });
