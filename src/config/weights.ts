import { LossnetError } from '../base/errors.js';
import { weightsFileOf } from '../train/checkpoint.js';
import type { Sequential } from '../train/model/sequential.js';
import { carryOut, leftOut, planTransfer, type Transfer } from '../train/model/transfer.js';
import { checkWeights, loadWeights } from '../train/model/weights.js';
import { ConfigError } from './problems/errors.js';
import { count } from './problems/text.js';
import type { ResolvedConfig } from './resolved.js';

/** Where a model's first weights come from. */
export interface FirstWeights {
  /**
   * What `init.from` gives with `init.strict: false`, read once; null: all of it, or there is no `init.from`.
   *
   * @throws LossnetError when the file cannot be read, or nothing of it fits
   */
  transfer(): Transfer | null;
  /** What is to be said of it before training: what was taken, and what was not. @throws LossnetError as above */
  notes(): string[];
  /** Gives the model its first values. TensorFlow must be loaded. @throws LossnetError when the file does not fit */
  fill(): void;
}

/**
 * @param resolved a valid configuration
 * @param model made from it
 * @returns its first weights, not read yet
 */
export function firstWeights({ yaml }: ResolvedConfig, model: Sequential): FirstWeights {
  const { from, strict } = yaml.init ?? { from: null, strict: true };
  let known: Transfer | null = null;
  const transfer = (): Transfer | null => {
    if (from === null || strict) return null;
    known ??= planTransfer(model.state, weightsFileOf(from));
    return known;
  };
  return {
    transfer,
    notes: () => {
      const found = transfer();
      if (found === null) return [];
      const { file, taken, of } = found;
      const rest = taken.length < of ? '; the rest begins anew' : '';
      const head = `init.from: ${taken.length} of the model's ${count(of, 'tensor')} from ${file}${rest}`;
      return [head, ...leftOut(found).map((line) => `init.from: ${line}`)];
    },
    fill: () => {
      if (from !== null && strict) return loadWeights(model.state, weightsFileOf(from));
      model.initialize();
      const taken = transfer();
      if (taken !== null) carryOut(model.state, taken);
    },
  };
}

/**
 * Finds out whether a model can have the first weights that its configuration names, without TensorFlow.
 *
 * @param resolved a valid configuration
 * @param model made from it
 * @param weights its first ones
 * @throws ConfigError at `init.from` when the file cannot be read, or does not fit
 */
export function checkFirstWeights(resolved: ResolvedConfig, model: Sequential, weights: FirstWeights): void {
  const { from, strict } = resolved.yaml.init ?? { from: null, strict: true };
  if (from === null) return;
  try {
    if (strict) checkWeights(model.state, weightsFileOf(from));
    else weights.transfer();
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    const [message = '', ...details] = error.message.split('\n');
    const isMisfit = strict && error.code === 'LOSSNET_WEIGHTS_MISMATCH';
    const help = [
      ...(error.remedy === undefined ? [] : [error.remedy]),
      ...(isMisfit ? ['or take what fits, and leave out the rest: init.strict: false'] : []),
    ];
    const problem = resolved.problem('init.from', message, help);
    throw new ConfigError([details.length === 0 ? problem : { ...problem, details: details.join('\n') }]);
  }
}
