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
export function adviceOn(config: Advised): string[] {
  return [...onTheEnd(config), ...onWeightDecay(config)];
}

/** What counts of a configuration. */
interface Advised {
  readonly model: readonly { readonly type: string }[];
  readonly loss: Pick<ConfigYaml['loss'], 'type'>;
  readonly optimizer?: Pick<ConfigYaml['optimizer'], 'weight_decay' | 'weight_decay_on'> & {
    readonly groups: readonly { readonly weight_decay?: number | undefined }[];
  };
}

function onWeightDecay({ optimizer }: Advised): string[] {
  if (optimizer === undefined || optimizer.weight_decay_on === 'all') return [];
  const all = [optimizer, ...optimizer.groups].map(({ weight_decay = 0 }) => weight_decay);
  if (all.some((decay) => decay > 0)) return [];
  return ['optimizer.weight_decay_on: weights is without effect: there is no weight_decay above 0'];
}

function onTheEnd({ model, loss }: Advised): string[] {
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
