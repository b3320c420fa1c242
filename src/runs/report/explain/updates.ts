import { formatLr } from '../../../base/format.js';
import { namedLr, toCamelCase } from '../../../config/index.js';
import type { RunRecord } from '../../store/read.js';
import { type LayerSteps, layerSteps, median, spread } from './layer-steps.js';
import { isConstant, ratesOf } from './rate.js';
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
function follows(record: RunRecord, apart: number, uneven: number): string {
  const { optimizer } = record.config;
  const momentum = momentumOf(record);
  const dampening = 'dampening' in optimizer ? optimizer.dampening : 0;
  const own =
    momentum === 0
      ? 'its step is the gradient times the learning rate'
      : `its step is the learning rate times a running sum of gradients, up to ${times((1 - dampening) / (1 - Math.min(momentum, 0.999)))} times the gradient with momentum ${momentum}`;
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
  if (rule !== null) {
    const setBy = rule.setBy.replace('(lr)', `(${rateText(record)})`);
    return `${one} With ${type} it is set by ${setBy} and the size of the weights (${range(weights)}), hardly by the gradient: it tells how fast weights are replaced, not how steep the loss is${course(record)}.`;
  }
  const momentum = momentumOf(record);
  const isSteady = isConstant(record);
  const meaning =
    momentum === 0
      ? `it is the learning rate times gradient / weight: it tells how steep the loss is, and becomes smaller as the gradients do${isSteady ? '' : ', and as the learning rate does'}`
      : `and momentum ${momentum} it is the learning rate times the running sum of gradients / weight: that sum is large where gradients are, and where they keep their direction${isSteady ? '' : '; the ratio becomes smaller as the learning rate does too'}`;
  return `${one} With sgd ${meaning}${course(record)}.`;
}

const momentumOf = ({ config: { optimizer } }: RunRecord): number =>
  'momentum' in optimizer ? optimizer.momentum : 0;

/** `0.001`, or from where to where a schedule took it. */
function rateText(record: RunRecord): string {
  const rates = ratesOf(record).map(({ lr }) => lr);
  if (rates.length === 0) return formatLr(namedLr(toCamelCase(record.config)).lr);
  const [least, greatest] = [Math.min(...rates), Math.max(...rates)].map(formatLr);
  return least === greatest ? least! : `${least} to ${greatest}, as its schedule had it`;
}

/** From where to where something went: medians of the first and the last fifth of what is on record. */
type Course = readonly [first: number, last: number];

/** How the ratio went, where it went anywhere; with what the schedule has to do with it, so that no gradient is blamed for that. */
function course(record: RunRecord): string {
  const ratio = courseOf(record, ({ layers }) => layers.flatMap(({ update_ratio }) => update_ratio ?? []));
  if (ratio === null || spread(ratio) < CLEARLY) return '';
  const went = `. Here it went from ${short(ratio[0])} in the first fifth of the run to ${short(ratio[1])} in the last`;
  const rates = ratesOf(record);
  // Of a step the one on record for it, or before it.
  const rate = courseOf(record, ({ step }) => rates.findLast((one) => one.step <= step)?.lr ?? []);
  if (rate === null || spread(rate) < CLEARLY) return went;
  const gradient = courseOf(record, ({ layers }) => layers.flatMap(({ grad_norm }) => grad_norm ?? []));
  const { type } = record.config.schedule;
  const took = `${type === 'constant' ? 'the warm-up' : `the schedule ${type}`} took from ${short(rate[0])} to ${short(rate[1])}`;
  const rest = ratio[1] / ratio[0] / (rate[1] / rate[0]);
  const meanwhile =
    gradient === null
      ? ''
      : `; the median gradient norm went from ${short(gradient[0])} to ${short(gradient[1])} meanwhile`;
  return Math.max(rest, 1 / rest) < CLEARLY
    ? `${went}, as the learning rate did, which ${took}${meanwhile}`
    : `${went}, not by the learning rate alone, which ${took}${meanwhile}`;
}

type Recorded = RunRecord['layers'][number];

function courseOf({ layers }: RunRecord, valuesOf: (record: Recorded) => number | number[]): Course | null {
  const part = Math.floor(layers.length / 5);
  if (part === 0) return null;
  const [first, last] = [layers.slice(0, part), layers.slice(-part)].map((records) => {
    const found = records.flatMap(valuesOf);
    return found.length === 0 ? 0 : median(found);
  }) as [number, number];
  return first > 0 && last > 0 ? [first, last] : null;
}
