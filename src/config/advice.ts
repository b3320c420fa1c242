import type { ConfigYaml } from './schema/index.js';

/** Losses that take log-probabilities: the model has to end with a log_softmax. */
const TAKE_LOG_PROBABILITIES: readonly string[] = ['nll', 'kl_div'];
/** Losses that take raw outputs, and the function that they apply themselves. */
const APPLY: Readonly<Record<string, string>> = { cross_entropy: 'softmax', bce_with_logits: 'sigmoid' };
const MAKE_PROBABILITIES: readonly string[] = ['softmax', 'log_softmax', 'sigmoid'];

/**
 * What is legal and yet most likely a mistake: a model whose end does not fit its loss trains, only badly.
 *
 * @param config a valid configuration, or what of it counts
 * @returns a sentence for each, to be shown before the run
 */
export function adviceOn({
  model,
  loss,
}: {
  readonly model: readonly { readonly type: string }[];
  readonly loss: Pick<ConfigYaml['loss'], 'type'>;
}): string[] {
  const last = model.at(-1)!.type;
  if (TAKE_LOG_PROBABILITIES.includes(loss.type) && last !== 'log_softmax') {
    return [
      `loss ${loss.type} takes log-probabilities, and the model ends with ${last}: add a log_softmax layer, or take loss cross_entropy, which needs none`,
    ];
  }
  const own = APPLY[loss.type];
  if (own !== undefined && MAKE_PROBABILITIES.includes(last)) {
    return [
      `loss ${loss.type} takes raw outputs and applies a ${own} itself, and the model ends with ${last}: leave that layer out`,
    ];
  }
  return [];
}
