import { plural } from '../../base/format.js';
import { wrap } from '../../config/problems/text.js';
import type { Comparison } from '../../runs/compare/ranking/comparison.js';
import { describeFairness } from '../../runs/compare/ranking/fairness.js';
import type { Ranked, Ranking } from '../../runs/compare/ranking/ranking.js';
import { mean } from '../../runs/compare/ranking/statistics.js';
import { targetText, type Verdict } from '../../runs/compare/ranking/verdict.js';
import { formatMetric, metricText } from '../../runs/metric-text.js';
import { otherLosses } from '../../runs/store/differences.js';
import { type EpochKey, keyFor, keyOf } from '../../runs/store/figures.js';
import { againstLines, againstTable } from '../change-text.js';
import { describeGate, gateList } from '../gate-text.js';
import type { Io } from '../io.js';
import { lineChart, type Series } from '../ui/chart.js';
import { textWidth } from '../ui/style.js';
import { markdownTable, textTable } from '../ui/table.js';
import { sensitivityChart } from './sensitivity.js';
import { tableOf } from './table.js';
import { costTable, type Shown, tuningMarkdown, tuningNotes, winnerLines, withTuned } from './tuned.js';

const CHART_LINES = 12;
/** Columns beside a name that are enough for sentences. */
const LEAST_TEXT = 32;
/** From this ratio of greatest to least on, the scale is logarithmic. */
const WIDE_RANGE = 30;

/**
 * Prints a comparison for people: curves, table, verdict, gates.
 *
 * @param io where to print
 * @param comparison what
 * @param chart whether with the curves
 * @param tuned what came of tuning, whose curves are shown then; null: nothing was tuned
 */
export function showComparison(
  io: Io,
  comparison: Comparison,
  chart: boolean,
  tuned: Shown | null = null,
): void {
  const { bold, dim, green } = io.style.out;
  const { ranking, verdict, gates, against } = comparison;
  const width = textWidth(io.stdout);
  const lines: string[] = [];
  const picture = chart ? pictureOf(comparison, tuned, width, io) : null;
  if (picture !== null) lines.push(picture, '');
  const table = tableOf(ranking);
  if (tuned === null) lines.push(...textTable(table, bold, width), '');
  else {
    lines.push(...textTable(withTuned(table, ranking, tuned.tuning), bold, width), '');
    lines.push(...textTable(costTable(comparison, tuned.tuning), bold, width), '');
  }
  for (const text of notes(comparison, tuned)) lines.push(...wrap(text, width).map(dim));
  lines.push(
    '',
    ...verdict.overall.flatMap((text, i) => wrap(text, width).map((line) => (i === 0 ? bold(line) : line))),
    '',
  );
  const longest = Math.max(...ranking.variants.map((variant) => variant.name.length));
  // Beside a long name no room is left: what is said stands below it.
  const isBeside = longest <= width - LEAST_TEXT;
  const indent = ' '.repeat(isBeside ? longest + 2 : 2);
  const described = new Set<string>();
  for (const variant of ranking.variants) {
    const said = wrap(remarks(variant, verdict), width - indent.length).map((line) => indent + line);
    const title = variant.rank === 1 ? green(variant.name) : bold(variant.name);
    if (isBeside) said[0] = `${title}${said[0]!.slice(variant.name.length)}`;
    else said.unshift(title);
    lines.push(...said);
    // Of a preset with several values, once.
    if (variant.summary === null || described.has(variant.summary)) continue;
    described.add(variant.summary);
    lines.push(...wrap(variant.summary, width - indent.length).map((line) => dim(indent + line)));
  }
  if (tuned !== null && tuned.winner !== null) lines.push('', ...winnerLines(tuned.winner, io));
  for (const { name: run, reason } of ranking.variants.flatMap((variant) => variant.runs)) {
    if (reason !== null)
      lines.push('', ...`${run}: ${reason}`.split('\n').map((line, i) => (i === 0 ? line : `  ${line}`)));
  }
  if (against !== null) lines.push('', ...againstLines(against));
  if (gates.length > 0) lines.push('', ...gates.map((gate) => describeGate(gate, io)));
  for (const line of lines) io.print(line);
}

/** The same as Markdown. */
export function markdown(comparison: Comparison, tuned: Shown | null = null): string {
  const { title, ranking, verdict, gates, against } = comparison;
  const plain = tableOf(ranking);
  const table = tuned === null ? plain : withTuned(plain, ranking, tuned.tuning);
  const judged = table.rows.map((row, i) => [...row, remarks(ranking.variants[i]!, verdict)]);
  return [
    `### ${title}`,
    '',
    verdict.overall.join(' '),
    '',
    ...markdownTable({ ...table, head: [...table.head, 'verdict'], rows: judged }),
    '',
    ...notes(comparison, tuned).map((note) => `- ${note}`),
    ...(tuned === null ? [] : ['', ...tuningMarkdown(comparison, tuned)]),
    ...(against === null ? [] : ['', ...againstTable(against)]),
    ...gateList(gates),
  ].join('\n');
}

function remarks({ name }: Ranked, { variants }: Verdict): string {
  return variants.get(name)?.join('; ') ?? '';
}

/** How the table is to be read. */
function notes(comparison: Comparison, tuned: Shown | null = null): string[] {
  const { ranking, fairness, shared, standsInFor } = comparison;
  const { by, metrics, target, sameLoss, variants, differentSamples, noun, hasTest } = ranking;
  const count = Math.max(...variants.map(({ runs }) => runs.length));
  const to =
    target === null || tuned !== null
      ? []
      : [
          `to ${formatMetric(target.metric, target.bound)}: epochs and seconds of training to ${targetText(target)}`,
        ];
  return [
    ...(standsInFor === null ? [] : [`on generated shapes, STANDING IN FOR ${standsInFor}`]),
    [
      `${differentSamples === null ? 'ranked by' : `not ranked: of different ${noun}s is the`} ${metricText(by)} at the end`,
      ...to,
    ].join('; '),
    ...(count > 1
      ? [
          `mean ± 95 % confidence interval over ${plural(count, 'seed')}; leads are paired by seed${
            variants.length > 2 ? ', and significant at 5 % for all of them together (Holm)' : ''
          }`,
        ]
      : []),
    ...(hasTest ? [`test: of each run's best epoch, on ${noun}s that chose nothing`] : []),
    ...(sameLoss ? [] : [otherLosses(metrics[0].name)]),
    ...(shared ? ['seconds are of runs that shared the machine: alone, each takes less'] : []),
    ...(tuned === null ? [] : tuningNotes(comparison, tuned.tuning)),
    ...(variants.length > 1 ? describeFairness(fairness) : []),
  ];
}

/** The loss, where all have the same, else the metric; of evaluation where there is any. */
function curveKey({ variants, sameLoss, by, metrics }: Ranking): EpochKey {
  const isEvaluated = variants.some(({ figures }) => figures.eval_loss != null);
  const split = isEvaluated ? 'eval' : 'train';
  if (sameLoss) return `${split}_loss`;
  return by.endsWith('_loss') ? keyFor(split, metrics[0]) : keyOf(by);
}

/** A curve for each variant, over several seeds their mean. */
function curvesOf(ranking: Ranking): Series[] {
  const key = curveKey(ranking);
  return ranking.variants.map(({ name, runs }): Series => {
    const epochs = [...new Set(runs.flatMap(({ record }) => record?.epochs.map(({ epoch }) => epoch) ?? []))];
    const points = epochs.flatMap((epoch): (readonly [number, number])[] => {
      const values = runs.flatMap(
        ({ record }) => record?.epochs.find((at) => at.epoch === epoch)?.[key] ?? [],
      );
      return values.length === 0 ? [] : [[epoch, mean(values)]];
    });
    return { name, points };
  });
}

/** The curves of the runs, or of what was tried. */
function pictureOf({ ranking }: Comparison, tuned: Shown | null, width: number, io: Io): string | null {
  if (tuned !== null) return sensitivityChart(tuned.tuning, io);
  const series = curvesOf(ranking);
  return series.some(({ points }) => points.length > 0) ? drawn(series, ranking, width, io) : null;
}

function drawn(series: readonly Series[], ranking: Ranking, width: number, io: Io): string {
  const values = series.flatMap(({ points }) => points.map(([, y]) => y)).filter(Number.isFinite);
  // One variant that blew up must not press the others onto the axis.
  const isWide = Math.min(...values) > 0 && Math.max(...values) >= WIDE_RANGE * Math.min(...values);
  return lineChart(series, {
    yScale: isWide ? 'log' : 'linear',
    width,
    height: CHART_LINES,
    title: `${metricText(curveKey(ranking))} by epoch`,
    xLabel: 'epoch',
    color: io.style.out.colored,
  });
}
