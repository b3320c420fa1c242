import { LossnetError } from '../../../base/errors.js';
import { planRun } from '../../../config/index.js';
import type { NamedLayer } from '../../../train/model/layer.js';
import type { RunRecord } from '../../store/read.js';

/** What the steps of a run were like in one layer: medians over the steps that are on record. */
export interface LayerSteps {
  /** `0 conv2d` */
  readonly name: string;
  /** Root mean square over the layer's parameters: of the gradient, and of how far a step moved them. */
  readonly gradient: number;
  readonly step: number;
  /** Norm of a step / norm of the weights. */
  readonly ratio: number;
}

/**
 * How far each layer moved in a step, against its gradient:
 *
 *     gradient = |g| / sqrt(n),   step = ratio * |w| / sqrt(n)
 *
 * for n parameters with weights w; |w| is taken after the step, which the ratio changes by no more than itself.
 *
 * @param record of a run
 * @returns a layer each, in the model's order, of those that had a gradient and moved; none where the run recorded no layers, or
 * the sizes of its model are not known any more
 */
export function layerSteps(record: RunRecord): LayerSteps[] {
  const sizes = trainedSizes(record);
  return [...sizes].flatMap(([layer, size]) => {
    const figures = record.layers.flatMap(({ layers }) => layers.filter((one) => one.layer === layer));
    const whole = figures.flatMap(({ grad_norm: norm, weight_norm: weight, update_ratio: ratio }) =>
      norm === null || weight === null || ratio === null ? [] : [{ norm, weight, ratio }],
    );
    if (whole.length === 0) return [];
    const each = Math.sqrt(size);
    const steps = {
      name: layerName(layer, record),
      gradient: median(whole.map(({ norm }) => norm / each)),
      step: median(whole.map(({ ratio, weight }) => (ratio * weight) / each)),
      ratio: median(whole.map(({ ratio }) => ratio)),
    };
    return steps.gradient > 0 && steps.step > 0 ? [steps] : [];
  });
}

/** `0 conv2d`; of a layer inside another its place alone. */
export function layerName(layer: string, { config }: Pick<RunRecord, 'config'>): string {
  const type = config.model[Number(layer)]?.type;
  return type === undefined ? layer : `${layer} ${type}`;
}

/** How many trained parameters each layer has. */
function trainedSizes({ resolved, spec }: RunRecord): Map<string, number> {
  const sizes = new Map<string, number>();
  const add = ({ parameters, children = [] }: NamedLayer): void => {
    for (const child of children) add(child);
    for (const { parameter } of children.length > 0 ? [] : parameters) {
      if (!parameter.requiresGrad) continue;
      const layer = parameter.name.slice(0, parameter.name.lastIndexOf('.'));
      sizes.set(layer, (sizes.get(layer) ?? 0) + parameter.size);
    }
  };
  try {
    for (const layer of planRun(resolved, false, spec).model.layers) add(layer);
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
  }
  return sizes;
}

/** @param values one at least */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Greatest / least of positive values. */
export const spread = (values: readonly number[]): number => Math.max(...values) / Math.min(...values);
