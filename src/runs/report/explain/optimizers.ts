import { isDeepStrictEqual } from 'node:util';
import { capital, plural } from '../../../base/format.js';
import { isBetterLarger } from '../../../config/index.js';
import { listing } from '../../../config/problems/text.js';
import { formatMetric, isShare, metricText } from '../../metric-text.js';
import { type EpochKey, keyFor } from '../../store/figures.js';
import type { RunRecord } from '../../store/read.js';
import { isWithinNoise, samplesOf } from '../../store/sample-noise.js';
import { differentSamples, nounOf } from '../../store/samples.js';
import { type LayerSteps, layerSteps, spread } from './layer-steps.js';
import { STEP_RULES } from './step-rules.js';
import { range, times } from './words.js';

/** Steps are told to be larger, or less even, from this factor on. */
const CLEARLY = 3;

interface Named {
  readonly label: string;
  readonly record: RunRecord;
}

interface Judged extends Named {
  readonly value: number;
  readonly layers: readonly LayerSteps[];
}

/**
 * Why the best run of an optimizer with a step size for each parameter and the best one of SGD differ, as far as their layers tell:
 * by how much one's steps are larger in all layers (the geometric mean of their ratios), and how much that differs between layers. Of a
 * lead that may be luck no reason is told, only how their steps differ.
 *
 * @param runs of a report
 * @returns sentences; none where there are not both kinds, their figures do not compare, or layers are not on record
 */
export function whyText(runs: readonly Named[]): string[] {
  const isPlain = ({ record }: Named) => STEP_RULES[record.config.optimizer.type] === null;
  const adaptive = best(runs.filter((run) => !isPlain(run)));
  const plain = best(runs.filter(isPlain));
  if (adaptive === null || plain === null) return [];
  const key = figureOf(adaptive.record);
  const names = [adaptive, plain].map(({ label: name, record }) => ({ name, record }));
  const isSameModel = isDeepStrictEqual(adaptive.record.config.model, plain.record.config.model);
  if (
    !isSameModel ||
    key !== figureOf(plain.record) ||
    differentSamples(names, key.startsWith('eval') ? 'eval' : 'train') !== null
  )
    return [];
  const pairs = adaptive.layers.flatMap((layer) => {
    const other = plain.layers.find(({ name }) => name === layer.name);
    return other === undefined ? [] : [{ layer, other, ratio: layer.step / other.step }];
  });
  if (pairs.length === 0) return [];
  const isClose = isWithinNoise(key, [adaptive.value, plain.value], adaptive.record);
  const lead = isClose ? null : isBetterLarger(key) === adaptive.value > plain.value ? adaptive : plain;
  return [
    `${standing(key, adaptive, plain, lead)} ${sizes(pairs, adaptive, plain)}`,
    ...reasons(pairs, adaptive, plain, lead),
  ];
}

/** Which is ahead; of a lead that may be luck, how small it is. */
function standing(key: EpochKey, adaptive: Judged, plain: Judged, lead: Judged | null): string {
  const isFirst = isBetterLarger(key) === adaptive.value > plain.value;
  const [first, second] = lead === plain || !isFirst ? [plain, adaptive] : [adaptive, plain];
  const values = `${metricText(key)} ${formatMetric(key, first.value)} against ${formatMetric(key, second.value)}`;
  if (lead !== null) return `${first.label} is ahead of ${second.label} at the end, with ${values}.`;
  if (first.value === second.value)
    return `${adaptive.label} is level with ${plain.label} at the end, with ${values}.`;
  const samples = samplesOf(key, first.record);
  const noun = nounOf([first.record]);
  const few = isShare(key) && samples !== null ? `, of ${plural(samples, noun)}` : '';
  return `${first.label} and ${second.label} ended close to each other, with ${values}${few}: which is better may be luck.`;
}

type Pair = { readonly layer: LayerSteps; readonly other: LayerSteps; readonly ratio: number };

function sizes(pairs: readonly Pair[], adaptive: Judged, plain: Judged): string {
  const of = (steps: readonly LayerSteps[], key: 'step' | 'ratio') => range(steps.map((one) => one[key]));
  const [own, others] = [pairs.map(({ layer }) => layer), pairs.map(({ other }) => other)];
  return `A step moved a parameter by ${of(own, 'step')} with ${adaptive.label}, which is ${of(own, 'ratio')} of its layer's weights, and by ${of(others, 'step')} with ${plain.label}, ${of(others, 'ratio')} of them.`;
}

function reasons(pairs: readonly Pair[], adaptive: Judged, plain: Judged, lead: Judged | null): string[] {
  const ratios = pairs.map(({ ratio }) => ratio);
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  const { type } = adaptive.record.config.optimizer;
  const rule = STEP_RULES[type]!;
  const gradients = range(pairs.map(({ other }) => other.gradient));
  // What is advised needs a lead; what the steps were does not.
  const either = (ahead: string, behind: string) => (lead === null ? '' : lead === adaptive ? ahead : behind);
  const found: string[] = [];
  if (mean >= CLEARLY) {
    found.push(
      `${adaptive.label}'s steps were ${times(mean)} times as large (geometric mean over the layers): ${type} ${rule.does}, so that ${rule.so}; the steps of sgd go with the gradients, which were ${gradients} for a parameter with ${plain.label}.${either(' A larger learning rate lengthens the steps of sgd in all layers alike.', ` Larger steps were no advantage here: with ${type} a smaller learning rate is worth a run.`)}`,
    );
  } else if (mean <= 1 / CLEARLY) {
    found.push(
      `${adaptive.label}'s steps were ${times(1 / mean)} times smaller (geometric mean over the layers).${either(' So larger steps were not what sgd lacked: a smaller learning rate is worth a run with it.', ` That may be what it lacks: with ${type} a larger learning rate is worth a run.`)}`,
    );
  }
  if (spread(ratios) >= CLEARLY) {
    const [least, greatest] = [Math.min(...ratios), Math.max(...ratios)].map(
      (ratio) => pairs.find((pair) => pair.ratio === ratio)!,
    ) as [Pair, Pair];
    const meaning = either(
      plain.record.config.optimizer.groups.length > 0 ? '' : '; sgd has one learning rate for both',
      `; that ${type} moves each layer by about as much was no advantage here`,
    );
    found.push(
      `${capital(type)} shared out its steps otherwise: layer ${greatest.layer.name} moved ${times(greatest.ratio)} times as far as with sgd, layer ${least.layer.name} ${times(least.ratio)} times${meaning}.`,
    );
  }
  if (found.length > 0) return found;
  const kinds = listing([adaptive.label, plain.label]);
  return [
    `Their layers do not tell why: the steps of ${kinds} were of about the same size in each, within a factor of ${times(Math.max(...ratios.map((ratio) => Math.max(ratio, 1 / ratio))))}.`,
  ];
}

/** The figure that runs are held against each other by: the task's first metric, of the evaluation where there is one. */
export function figureOf({ metrics: [primary], epochs }: RunRecord): EpochKey {
  const key = primary === undefined ? 'eval_loss' : keyFor('eval', primary);
  return epochs.at(-1)?.[key] == null ? 'train_loss' : key;
}

/** The one that ended best, of those that came to an end and recorded their layers. */
function best(runs: readonly Named[]): Judged | null {
  const judged = runs.flatMap(({ label, record }): Judged[] => {
    const value = record.epochs.at(-1)?.[figureOf(record)];
    const layers = layerSteps(record);
    if (record.diverged !== null || value == null || layers.length === 0) return [];
    return [{ label, record, value, layers }];
  });
  const [first, ...others] = judged;
  if (first === undefined) return null;
  const key = figureOf(first.record);
  return others.reduce((a, b) => {
    if (figureOf(b.record) !== key) return a;
    return (isBetterLarger(key) ? b.value > a.value : b.value < a.value) ? b : a;
  }, first);
}
