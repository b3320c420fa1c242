import { formatCount, formatDuration, formatLr, formatMetric, plural } from '../../base/format.js';
import { VERSION } from '../../base/version.js';
import { type Config, namedLr, type Plan, type Run } from '../../config/index.js';
import { diagnosisText } from '../../runs/diagnosis-text.js';
import type { RunFolder } from '../../runs/store/folder.js';
import type { Data } from '../../runs/train/prepare.js';
import type { SummaryInput } from '../../runs/train/summary.js';
import { tensorflowVersions } from '../../train/backend/tensorflow.js';
import type { Progress } from '../../train/checkpoint.js';
import type { DatasetIdentity } from '../../train/data/dataset.js';
import { DIVERGENCE } from '../../train/diagnosis.js';
import type { DivergedEvent } from '../../train/events.js';
import type { Io } from '../io.js';

/** Says, on stderr, what is about to be trained on what. */
export function describeStart(
  io: Io,
  { config, model }: Plan,
  data: Data,
  folder: RunFolder,
  progress: Progress,
  { engine, fallback }: Run,
): void {
  const { bold, dim } = io.style.err;
  const { optimizer, schedule } = config;
  io.log(`${bold(`lossnet ${VERSION}`)}  ${dim(`TensorFlow ${tensorflowVersions().tensorflow}, ${engine}`)}`);
  io.log(`${dim('data ')} ${describeData(data)}`);
  io.log(
    `${dim('model')} ${plural(model.layers.length, 'layer')}, ${plural(model.parameterCount, 'parameter')}`,
  );
  const scheduled = schedule.type === 'constant' ? '' : `, ${schedule.type} schedule`;
  const { key, lr: named } = namedLr(config);
  const lr = `${key.replace(/.*\./, '')} ${formatLr(named)}`;
  const { batchSize } = config.loader;
  const batches = `batches of ${batchSize}${config.accumulate > 1 ? ` x ${config.accumulate}` : ''}`;
  io.log(`${dim('train')} ${optimizer.type}, ${lr}${scheduled}, ${batches}, seed ${config.seed}`);
  io.log(`${dim('run  ')} ${folder.path}`);
  if (fallback !== null) io.log(`note: engine eager instead of graph: ${fallback}`);
  if (progress.step > 0) {
    io.log(`resumed after step ${formatCount(progress.step)}, in epoch ${progress.epoch + 1}`);
  }
}

/** The data sets in a line; a stand-in is named as one. */
export function describeData({ train, eval: evaluation, standsInFor }: Data): string {
  const images = (identity: DatasetIdentity) => `${formatCount(identity.records)} ${identity.split} images`;
  const name = standsInFor ? `${train.identity.name}, STANDING IN FOR ${standsInFor}` : train.identity.name;
  return `${name}: ${images(train.identity)}, ${images(evaluation.identity)} (${train.identity.source})`;
}

/** Says, on stderr, at which step the loss left the finite numbers, where first, and what to try. */
export function describeDiverged(io: Io, event: DivergedEvent, config: Config): void {
  const { red, bold } = io.style.err;
  const step = formatCount(event.step);
  const what = {
    training: `the loss is ${event.loss} at step ${step}`,
    evaluation: `the evaluation loss is ${event.loss} after step ${step}`,
    saving: `step ${step} made parameters that are not finite`,
  };
  io.log(`${red(bold('diverged'))}: ${what[event.phase]}, epoch ${event.epoch}.`);
  io.log(`  First tensor that is not finite: ${event.tensor}.`);
  if (event.suggestedLr === null) {
    const { finding, advice } = DIVERGENCE[event.cause];
    io.log(`  ${finding}\n  ${advice}`);
    return;
  }
  io.log(`  The learning rate is most likely too large: it was ${formatLr(event.lr)}.`);
  io.log(
    `  Try: ${namedLr(config).key}=${formatLr(event.suggestedLr)}, or clip_grad_norm=1 (with --force, or another --name)`,
  );
}

/** Says, on stdout, how a run ended and where it is. */
export function describeEnd(io: Io, summary: SummaryInput, folder: RunFolder): void {
  const { bold, dim } = io.style.out;
  const { end, best, last, config, wallSeconds, standsInFor } = summary;
  const parts = [
    `${plural(end.epoch, 'epoch')}, ${plural(end.step, 'step')} in ${formatDuration(wallSeconds)}`,
    ...(best ? [`best epoch ${best.epoch}: ${describeBest(config.checkpoint.monitor, best.value)}`] : []),
    ...Object.entries(last?.eval ?? {}).map(
      ([name, value]) => `final eval ${name} ${formatMetric(name, value)}`,
    ),
    ...(standsInFor ? [`on shapes, standing in for ${standsInFor}`] : []),
  ];
  io.print(`${bold(end.status)}: ${parts.join('; ')}`);
  const { diagnosis } = end;
  // A run that diverged has said so, and what to try.
  if (diagnosis && diagnosis.kind !== 'diverged') {
    const text = diagnosisText(diagnosis, namedLr(config).key);
    io.print(`${bold(diagnosis.kind.replace('_', ' '))}: ${text}`);
  }
  const next = end.status === 'interrupted' ? `; continue with: lossnet train ${folder.path} --resume` : '';
  io.print(`${dim('saved in')} ${folder.path}${next}`);
}

function describeBest(monitor: string, value: number): string {
  return `${monitor.replace('_', ' ')} ${formatMetric(monitor, value)}`;
}
