import type { DataLoader } from './data/loader.js';
import type { LossFunction } from './loss/index.js';
import type { Sequential } from './model/sequential.js';
import { forEachBatch } from './predict.js';
import { greatest, logShares } from './task/class-scores.js';
import { createTask, type TokenDetail } from './task/index.js';

/** What a model says of next tokens. Outputs are not kept: for a large vocabulary there would be too many. */
export interface TokenPredictions {
  readonly detail: TokenDetail;
  /** How many of the targets count, and of how many of these the right token is said. */
  readonly counted: number;
  readonly right: number;
  /** The mistakes that surprise the model most, worst first; of equal ones the first sample first. */
  readonly worst: readonly TokenMistake[];
  /** Whether all outputs are finite. */
  readonly isFinite: boolean;
}

/** Another token was said than came. */
export interface TokenMistake {
  /** The sample, by its place in the data set, and which of its targets, from 0. */
  readonly record: number;
  readonly at: number;
  readonly target: number;
  readonly said: number;
  /** How sure the model is of both, from 0 to 1; null: its loss makes no probabilities. */
  readonly sure: { readonly target: number; readonly said: number } | null;
  /** By what mistakes are ordered: log(p[said] / p[target]), or how far the outputs are apart. */
  readonly margin: number;
}

/**
 * Runs a model that tells the next token over samples one op at a time, training nothing.
 *
 * @param model whose weights are loaded
 * @param lossFunction its loss
 * @param loader the samples, unshuffled
 * @param most how many mistakes to keep
 * @returns figures of each token, and the worst mistakes
 */
export function predictTokens(
  model: Sequential,
  lossFunction: LossFunction,
  loader: DataLoader,
  most: number,
): TokenPredictions {
  const { target } = loader.dataset.spec;
  const scores = createTask(target).scores(lossFunction);
  const { probabilities, ignoreIndex } = lossFunction;
  const size = target.names.length;
  const each = (target.kind === 'class' && target.length) || 1;
  const logs = new Float64Array(size);
  let worst: TokenMistake[] = [];
  let [first, counted, right, areFinite] = [0, 0, 0, true];
  forEachBatch(model, loader, ({ targets, size: samples }, logits) => {
    const outputs = logits.dataSync() as Float32Array;
    areFinite &&= outputs.every(Number.isFinite);
    scores.add(outputs, targets);
    for (const [i, target] of targets.entries()) {
      if (target === ignoreIndex) continue;
      const row = outputs.subarray(i * size, (i + 1) * size);
      const said = greatest(row);
      counted += 1;
      if (said === target) {
        right += 1;
        continue;
      }
      const whole = probabilities === null ? 0 : logShares(row, probabilities, logs);
      const values = probabilities === null ? row : logs;
      const margin = values[said]! - values[target]!;
      const share = (token: number) => Math.exp(logs[token]! - whole);
      const sure = probabilities === null ? null : { target: share(target), said: share(said) };
      if (worst.length < most || margin > worst.at(-1)!.margin) {
        const place = { record: first + Math.floor(i / each), at: i % each };
        worst = [...worst, { ...place, target, said, sure, margin }]
          .sort((a, b) => b.margin - a.margin || a.record - b.record || a.at - b.at)
          .slice(0, most);
      }
    }
    first += samples;
  });
  const detail = scores.detail();
  if (detail.kind !== 'token') throw new Error('next tokens have figures of tokens');
  return { detail, counted, right, worst, isFinite: areFinite };
}
