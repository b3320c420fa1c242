import { formatLr } from '../../../base/format.js';
import { namedLr, toCamelCase } from '../../../config/index.js';
import type { RunRecord } from '../../store/read.js';
import { type LayerSteps, layerSteps, median, spread } from './layer-steps.js';
import { STEP_RULES } from './step-rules.js';
import { range, short, times } from './words.js';

/** From this factor on, sizes are told to differ. */
const CLEARLY = 2;

/**
 * What the figures of a run's layers mean: how far a step moved its parameters, what that has to do with the gradient, and what its
 * update ratio says with this optimizer.
 *
 * @param record of the run
 * @returns sentences, a paragraph each; none where the figures do not tell
 */
export function updatesText(record: RunRecord): string[] {
  const layers = layerSteps(record);
  return layers.length === 0 ? [] : [stepText(record, layers), ratioText(record, layers)];
}

function stepText(record: RunRecord, layers: readonly LayerSteps[]): string {
  const { type } = record.config.optimizer;
  const [gradients, steps] = [layers.map(({ gradient }) => gradient), layers.map(({ step }) => step)];
  const moved = `A step of ${type} moved a parameter by ${range(steps)}, its gradient being ${range(gradients)} (root mean squares over a layer, medians over the steps on record).`;
  if (layers.length === 1) return moved;
  const [apart, uneven] = [spread(gradients), spread(steps)];
  const between = `Between layers the gradients differ by a factor of ${times(apart)}, the steps by ${times(uneven)}`;
  if (apart < CLEARLY && uneven < CLEARLY) {
    return `${moved} ${between}: the layers are alike, and there is nothing to even out.`;
  }
  const rule = STEP_RULES[type];
  if (rule === null) return `${moved} ${between}: ${follows(record, apart, uneven)}`;
  const meaning =
    uneven * CLEARLY <= apart
      ? `${type} ${rule.does}, which evens the steps out.`
      : uneven > apart
        ? `${type} ${rule.does}, which did not even the steps out here.`
        : 'they are a little more even.';
  return `${moved} ${between}: ${meaning}`;
}

/** What SGD makes of a gradient. */
function follows({ config }: RunRecord, apart: number, uneven: number): string {
  const { optimizer } = config;
  const momentum = 'momentum' in optimizer ? optimizer.momentum : 0;
  const own =
    momentum === 0
      ? 'its step is the gradient times the learning rate'
      : `its step is the learning rate times a running sum of gradients, up to ${times(1 / (1 - Math.min(momentum, 0.999)))} times the gradient with momentum ${momentum}`;
  const groups = optimizer.groups.length > 0 ? ', which differs by group' : '';
  const isSame = Math.max(apart, uneven) / Math.min(apart, uneven) < CLEARLY;
  return `${own}${groups}${isSame ? ', so that a layer with a small gradient hardly moves' : ''}.`;
}

function ratioText(record: RunRecord, layers: readonly LayerSteps[]): string {
  const ratio = median(layers.map((layer) => layer.ratio));
  const weights = layers.map(({ step, ratio: own }) => step / own);
  const one = `Its update ratio, ${short(ratio)} in the median layer, says that ${short(1 / ratio)} steps in one direction would move a layer as far as its weights are large.`;
  const { type } = record.config.optimizer;
  const rule = STEP_RULES[type];
  if (rule === null) {
    return `${one} With sgd it is the learning rate times gradient / weight: it tells how steep the loss is, and becomes smaller as the gradients do${course(record)}.`;
  }
  const { lr } = namedLr(toCamelCase(record.config));
  return `${one} With ${type} it is set by ${rule.setBy.replace('(lr)', `(${formatLr(lr)})`)} and the size of the weights (${range(weights)}), hardly by the gradient: it tells how fast weights are replaced, not how steep the loss is${course(record)}.`;
}

/** How the ratio went, where it went anywhere. */
function course({ layers }: RunRecord): string {
  const of = (records: typeof layers) => {
    const found = records.flatMap((record) =>
      record.layers.flatMap(({ update_ratio }) => update_ratio ?? []),
    );
    return found.length === 0 ? null : median(found);
  };
  const part = Math.floor(layers.length / 5);
  const [first, last] = [of(layers.slice(0, part)), of(layers.slice(layers.length - part))];
  if (part === 0 || first === null || last === null || first === 0 || last === 0) return '';
  if (spread([first, last]) < CLEARLY) return '';
  return `. Here it went from ${short(first)} in the first fifth of the run to ${short(last)} in the last`;
}
