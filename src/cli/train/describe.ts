import { formatCount, formatDuration, formatLoss, formatLr, plural } from '../../base/format.js';
import { VERSION } from '../../base/package.js';
import { type Config, namedLr } from '../../config/index.js';
import { diagnosisText, divergenceLines } from '../../runs/diagnosis-text.js';
import { formatMetric, metricText } from '../../runs/metric-text.js';
import { isChosenOnTest } from '../../runs/store/read.js';
import type { PreparedEvent } from '../../runs/train/events.js';
import type { Data } from '../../runs/train/prepare.js';
import type { Summary } from '../../runs/train/summary.js';
import { tensorflowVersions } from '../../train/backend/tensorflow.js';
import { type DatasetIdentity, sampleNoun } from '../../train/data/dataset.js';
import type { DivergedEvent } from '../../train/events.js';
import { metricKind } from '../../train/task/index.js';
import type { Io } from '../io.js';

/** Columns of what stands before a line's text. */
const BESIDE = 6;

/** Says, on stderr, what is about to be trained on what. */
export function describeStart(io: Io, { plan, data, folder, engine, fallback, done }: PreparedEvent): void {
  const { config, model } = plan;
  const { bold, dim } = io.style.err;
  const { optimizer, schedule } = config;
  io.log(`${bold(`lossnet ${VERSION}`)}  ${dim(`TensorFlow ${tensorflowVersions().tensorflow}, ${engine}`)}`);
  io.log(`${dim('data ')} ${describeData(data, config)}`, BESIDE);
  io.log(`${dim('model')} ${plural(model.layers.length, 'layer')}, ${parameterText(model)}`);
  const scheduled = schedule.type === 'constant' ? '' : `, ${schedule.type} schedule`;
  const { key, lr: named } = namedLr(config);
  const lr = `${key.replace(/.*\./, '')} ${formatLr(named)}`;
  const { batchSize } = config.loader;
  const batches = `batches of ${batchSize}${config.accumulate > 1 ? ` x ${config.accumulate}` : ''}`;
  const groups = optimizer.groups.length === 0 ? '' : `, ${groupText(config)}`;
  io.log(
    `${dim('train')} ${optimizer.type}, ${lr}${groups}${scheduled}, ${batches}, seed ${config.seed}`,
    BESIDE,
  );
  io.log(`${dim('run  ')} ${folder}`);
  if (fallback !== null) io.log(`note: engine eager instead of graph: ${fallback}`);
  if (done.steps > 0) {
    io.log(`resumed after step ${formatCount(done.steps)}, in epoch ${done.epochs + 1}`);
  }
}

/** How many parameters there are, and how many of them are trained where some are frozen. */
export function parameterText({ parameterCount, trainableCount }: PreparedEvent['plan']['model']): string {
  const all = plural(parameterCount, 'parameter');
  if (trainableCount === parameterCount) return all;
  const frozen = formatCount(parameterCount - trainableCount);
  return `${all}, ${formatCount(trainableCount)} trainable and ${frozen} frozen`;
}

/** The learning rates of the optimizer's groups, in a few words. */
function groupText({ optimizer, schedule }: Config): string {
  const named = optimizer.groups.map(({ lr, maxLr }) =>
    formatLr((schedule.type === 'one_cycle' ? (maxLr ?? schedule.maxLr) : lr) ?? optimizer.lr),
  );
  return `${plural(named.length, 'group')} with ${named.join(', ')}`;
}

type Limits = Partial<Pick<Config, 'loader' | 'evaluation'>>;

/**
 * The data sets in a line; a stand-in is named as one.
 *
 * @param limits how many samples an epoch and an evaluation take at the most; default: all
 */
export function describeData(
  { train, eval: evaluation, test, standsInFor }: Data,
  limits: Limits = {},
): string {
  const noun = sampleNoun(train.spec);
  const samples = ({ records, split }: DatasetIdentity, limit: number | null | undefined) =>
    `${limit != null && limit < records ? `${formatCount(limit)} of ` : ''}${formatCount(records)} ${split} ${noun}s`;
  const name = standsInFor ? `${train.identity.name}, STANDING IN FOR ${standsInFor}` : train.identity.name;
  const parts = [
    samples(train.identity, limits.loader?.limit),
    samples(evaluation.identity, limits.evaluation?.limit),
    ...(test ? [samples(test.identity, null)] : []),
  ];
  return `${name}: ${parts.join(', ')} (${train.identity.source})`;
}

/** Says, on stderr, at which step the loss left the finite numbers, where first, and what to try. */
export function describeDiverged(io: Io, event: DivergedEvent, config: Config): void {
  const { red, bold } = io.style.err;
  const [first, ...rest] = divergenceLines(event, config);
  io.log(`${red(bold('diverged'))}: ${first}`);
  for (const line of rest) io.log(`  ${line}`);
}

/** Says, on stdout, how a run ended and where it is. */
export function describeEnd(io: Io, summary: Summary, folder: string): void {
  const { bold, dim } = io.style.out;
  const { end, best, last, config, wallSeconds, standsInFor } = summary;
  const figures = Object.entries(last?.eval ?? {}).map(([name, value]) => ({
    isFurther: metricKind(name).evaluationOnly === true,
    text: `${metricText(name)} ${formatMetric(name, value)}`,
  }));
  const further = figures.filter(({ isFurther }) => isFurther).map(({ text }) => text);
  const parts = [
    `${plural(end.epoch, 'epoch')}, ${plural(end.step, 'step')} in ${formatDuration(wallSeconds)}`,
    ...describeStopped(summary),
    ...describeBest(summary),
    ...(end.status === 'done' && best === null
      ? [`no best epoch: ${metricText(config.checkpoint.monitor)} was never defined`]
      : []),
    ...figures.filter(({ isFurther }) => !isFurther).map(({ text }) => `final eval ${text}`),
    ...(standsInFor ? [`on shapes, standing in for ${standsInFor}`] : []),
  ];
  io.say(`${bold(end.status)}: ${parts.join('; ')}`);
  if (further.length > 0) io.say(`${dim('final eval')} ${further.join('; ')}`);
  for (const text of describeTest(summary)) io.say(text);
  const { diagnosis } = end;
  // A run that diverged has said so, and what to try.
  if (diagnosis && diagnosis.kind !== 'diverged') {
    const text = diagnosisText(diagnosis, namedLr(config).key);
    io.say(`${bold(diagnosis.kind.replace('_', ' '))}: ${text}`);
  }
  const next = end.status === 'interrupted' ? `; continue with: lossnet train ${folder} --resume` : '';
  io.say(`${dim('saved in')} ${folder}${next}`);
}

function describeStopped({ config, end: { stopped } }: Summary): string[] {
  if (stopped === undefined) return [];
  if (stopped === 'max_time') return [`ended by max_time, ${formatDuration(config.maxTime!)}`];
  const { patience, monitor } = config.earlyStopping!;
  const figure = metricText(monitor ?? config.checkpoint.monitor);
  return [`ended early: ${figure} was no better in ${plural(patience, 'evaluation')}`];
}

function describeBest({ best, config, start }: Summary): string[] {
  if (best === null) return [];
  const { monitor } = config.checkpoint;
  const figure = `${metricText(monitor)} ${formatMetric(monitor, best.value)}`;
  // What chose is no judge: that epoch is the best of many on these very samples.
  const chosen = monitor.startsWith('eval_') && isChosenOnTest(start) ? ', chosen on the test set' : '';
  return [`best epoch ${best.epoch}: ${figure}${chosen}`];
}

/** What the chosen weights are worth on samples that had no say. */
function describeTest({ best, end: { test } }: Summary): string[] {
  if (test === null) return [];
  const [first = '', ...others] = Object.entries(test.metrics).map(
    ([name, value]) => `${metricText(name)} ${formatMetric(name, value)}`,
  );
  const which = test.epoch === best?.epoch ? 'best epoch' : 'last epoch';
  return [`test of the ${which}: ${[first, `loss ${formatLoss(test.loss)}`, ...others].join('; ')}`];
}
