import { appendFileSync, closeSync, constants, openSync } from 'node:fs';
import { formatDuration, formatLoss, plural } from '../base/format.js';
import { systemReason } from '../base/system-errors.js';
import type { Change } from '../runs/baseline.js';
import type { GateResult } from '../runs/gates.js';
import { formatMetric, metricText } from '../runs/metric-text.js';
import { isChosenOnTest } from '../runs/store/read.js';
import type { Summary } from '../runs/train/summary.js';
import type { Metrics } from '../train/task/index.js';
import { changeText } from './change-text.js';
import { gateList } from './gate-text.js';
import { type Io, warn } from './io.js';

/** Without waiting, for ever perhaps, for whoever should read a pipe of that name. */
const APPEND = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NONBLOCK;

/**
 * Appends Markdown to the page that a CI job shows about itself, where there is one: GitHub Actions, and Gitea and
 * Forgejo after them, name its file in `GITHUB_STEP_SUMMARY`.
 *
 * @param io its environment, and where a file that cannot be written is warned about
 * @param markdown what to append
 */
export function appendJobSummary(io: Io, markdown: string): void {
  const file = io.env.GITHUB_STEP_SUMMARY;
  if (!file) return;
  try {
    const handle = openSync(file, APPEND);
    try {
      appendFileSync(handle, `${markdown}\n\n`);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    warn(io, `cannot append to GITHUB_STEP_SUMMARY, ${file}: ${systemReason(error)}`);
  }
}

/** A run and its gates as Markdown. */
export function runSummary(
  { config, end, last, start, standsInFor, wallSeconds }: Summary,
  gates: readonly GateResult[],
  { changes, path }: { readonly changes: readonly Change[]; readonly path?: string | undefined },
): string {
  const changeOf = (part: string, name: string) => changes.find(({ metric }) => metric === `${part}_${name}`);
  const rows = (part: 'eval' | 'train' | 'test', metrics: Metrics | null, loss: number | null): string[] =>
    figureTexts(metrics, loss).map(([name, text]) => {
      const cells = [`${part} ${metricText(name)}`, text];
      const change = changeOf(part, name);
      if (path !== undefined) {
        cells.push(...(change ? [formatMetric(name, change.baseline), changeText(change)] : ['', '']));
      }
      return `| ${cells.join(' | ')} |`;
    });
  const head = path === undefined ? [] : [`\`${path}\``, 'change'];
  const figures =
    last === null
      ? []
      : [
          ...(end.test ? rows('test', end.test.metrics, end.test.loss) : []),
          ...rows('eval', last.eval, last.evalLoss),
          ...rows('train', last.train, last.trainLoss),
        ];
  const chosen =
    end.best !== null && config.checkpoint.monitor.startsWith('eval_') && isChosenOnTest(start)
      ? ' The best epoch was chosen on the test set.'
      : '';
  return [
    `### lossnet train: ${config.name} ${end.status}`,
    '',
    `${plural(end.epoch, 'epoch')}, ${plural(end.step, 'step')} in ${formatDuration(wallSeconds)}${standsInFor ? `, on shapes, standing in for ${standsInFor}` : ''}.${chosen}`,
    ...(figures.length === 0
      ? []
      : [
          '',
          ...[
            ['figure', 'at the end', ...head],
            ['---', '---', ...head.map(() => '---')],
          ].map((cells) => `| ${cells.join(' | ')} |`),
          ...figures,
        ]),
    ...gateList(gates),
  ].join('\n');
}

function figureTexts(
  metrics: Metrics | null,
  loss: number | null,
): (readonly [name: string, text: string])[] {
  const texts = Object.entries(metrics ?? {}).map(
    ([name, value]) => [name, formatMetric(name, value)] as const,
  );
  return loss === null ? texts : [...texts, ['loss', formatLoss(loss)]];
}
