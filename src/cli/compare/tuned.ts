import { formatCount, formatDuration, formatLr, plural } from '../../base/format.js';
import { wrap } from '../../config/problems/text.js';
import type { CompareEvent } from '../../runs/compare/events.js';
import type { Comparison } from '../../runs/compare/ranking/comparison.js';
import type { Ranked } from '../../runs/compare/ranking/ranking.js';
import { targetText } from '../../runs/compare/ranking/verdict.js';
import { type GridAxis, type Value, valueText } from '../../runs/compare/tune/grid.js';
import { ETA, trialsAtRungs } from '../../runs/compare/tune/halving.js';
import { costOf } from '../../runs/compare/tune/record.js';
import type { TunedResult, Tuning } from '../../runs/compare/tune/tuning.js';
import type { Winner } from '../../runs/compare/tune/winner.js';
import { metricText } from '../../runs/metric-text.js';
import type { Io } from '../io.js';
import { textWidth } from '../ui/style.js';
import { markdownTable, type Table } from '../ui/table.js';

/** What is shown of tuning. */
export interface Shown {
  readonly tuning: Tuning;
  readonly winner: Winner | null;
}

/** Names of columns, of a narrow terminal, end here. */
const LABEL = 'variants'.length;

/**
 * Says before anything is trained what will be.
 *
 * @param event the plan
 * @param io where to say it
 */
export function describeTuning(
  { variants, notes, folder, rungs, seeds, by, cost, growth }: Extract<CompareEvent, { type: 'tuning' }>,
  io: Io,
): void {
  const { bold, dim } = io.style.err;
  const [first] = variants as readonly [(typeof variants)[number]];
  const trials = first.points.length;
  const epochs = rungs.at(-1)!;
  const width = textWidth(io.stderr);
  const atRungs = trialsAtRungs(trials, rungs)
    .map((count, i) => `${count} to epoch ${rungs[i]}`)
    .join(', ');
  const several = variants.length > 1 ? ' each' : '';
  const halving =
    rungs.length === 1
      ? `${trials} whole runs${several}: too few epochs or trials to stop any early`
      : `${atRungs}${several}: the best ${ETA === 3 ? 'third' : `1/${ETA}`} goes on from where it stood, two at least`;
  const lines: [string, string][] = [
    ['variants', variants.map(({ name }) => name).join(', ')],
    ['config', [...new Set(variants.map(({ file }) => file))].join(', ')],
    ...variants.map(({ name, axes }): [string, string] => [
      'tries',
      `${variants.length > 1 ? `${name}: ` : ''}${axes.map(axisText).join('; ')}`,
    ]),
    ['trials', halving],
    ['choice', `by ${metricText(by)}, on the validation part`],
    [
      'then',
      `${plural(seeds.length, 'whole run')}${several}, with ${plural(seeds.length, 'seed').replace(/^\S+ /, '')} ${seeds.join(', ')}, which no trial has`,
    ],
    [
      'cost',
      `${plural(cost, 'epoch')} in all, as many as ${plural(Math.ceil(cost / epochs), 'whole run')}${growth > 0 ? `; up to ${plural(growth, 'epoch')} more where a grid grows` : ''}`,
    ],
    ['folder', folder],
  ];
  io.log(bold('lossnet compare --tune'));
  for (const note of notes) for (const line of wrap(`note: ${note}`, width)) io.log(line);
  let before = '';
  for (const [label, text] of lines) {
    const head = label === before ? '' : label;
    before = label;
    for (const [i, line] of wrap(text, width - LABEL - 1).entries()) {
      io.log(`${i === 0 ? dim(head.padEnd(LABEL)) : ' '.repeat(LABEL)} ${line}`);
    }
  }
}

function axisText({ key, values, scale }: GridAxis): string {
  const all = scale === 'list' || values.length <= 3;
  const range = `${valueText(values[0]!)} to ${valueText(values.at(-1)!)}, ${values.length} values by equal factors`;
  return `${key} ${all ? values.map(valueText).join(', ') : range}`;
}

/** The table of results with the tuned values in it, without what has a table of its own. */
export function withTuned(table: Table, ranking: Comparison['ranking'], tuning: Tuning): Table {
  const dropped = (title: string) => title.startsWith('to ') || title === 'trained';
  const kept = table.head.flatMap((title, i) => (dropped(title) ? [] : [i]));
  const keys = [
    ...new Set(tuning.variants.flatMap(({ variant }) => variant.axes.map(({ key }) => last(key)))),
  ];
  const cells = (name: string): string[] => {
    const found = resultOf(tuning, name);
    return keys.map((key) => {
      const at = found.variant.axes.findIndex((axis) => last(axis.key) === key);
      return at < 0 ? '-' : shortText(found.best.point[at]!);
    });
  };
  const insert = (row: readonly string[], more: readonly string[]) => {
    const own = kept.map((i) => row[i]!);
    return [...own.slice(0, 2), ...more, ...own.slice(2)];
  };
  return {
    ...table,
    head: insert(table.head, keys),
    rows: table.rows.map((row, i) => insert(row, cells(ranking.variants[i]!.name))),
  };
}

/** How soon each reached the target, and what tuning it took. */
export function costTable({ ranking }: Comparison, tuning: Tuning): Table {
  const rows = ranking.variants.map((variant) => {
    const { trials, diverged, epochs, train_seconds } = costOf(resultOf(tuning, variant.name).tried);
    return [
      variant.name,
      ...(ranking.target === null ? [] : toTarget(variant)),
      `${trials}`,
      `${diverged}`,
      `${epochs}`,
      formatDuration(train_seconds),
    ];
  });
  return {
    head: [
      'variant',
      ...(ranking.target === null ? [] : ['steps', 'epochs', 'time']),
      'trials',
      'diverged',
      'tuned in epochs',
      'in time',
    ],
    rows,
    texts: ['variant'],
    expendable: /^(in time|tuned in epochs)$/,
    shrinkable: 'variant',
  };
}

/** Of several seeds, one that never gets there makes the mean infinite. */
function toTarget({ toTarget: reached, runs }: Ranked): string[] {
  if (reached === null || reached.reached < runs.length) {
    const some = reached === null ? '' : ` (${reached.reached} of ${runs.length})`;
    return [`not reached${some}`, '-', '-'];
  }
  const epochs = Number.isInteger(reached.epochs) ? `${reached.epochs}` : reached.epochs.toFixed(1);
  return [formatCount(reached.steps), epochs, formatDuration(reached.seconds)];
}

/** How the tables are to be read. */
export function tuningNotes({ ranking }: Comparison, { by, rungs, seed, seeds, samples }: Tuning): string[] {
  const target =
    ranking.target === null ? '' : `steps, epochs and time of training to ${targetText(ranking.target)}; `;
  return [
    `${target}trials, of seed ${seed}, were chosen by ${metricText(by)}${samples === null ? '' : ` of ${plural(samples, ranking.noun)}`}; the figures are of whole runs with ${plural(seeds.length, 'seed').replace(/^\S+ /, '')} ${seeds.join(', ')}`,
    ...(rungs.length > 1 ? [`a trial that was stopped early counts with the epochs that it had`] : []),
  ];
}

/** What to change in a configuration, and the file that has it all. */
export function winnerLines({ variant, learnt, patch, file }: Winner, io: Io): string[] {
  const { dim } = io.style.out;
  return [
    `${dim(learnt ? 'to train with the best' : 'the least bad, which is none to use')} (${variant}):`,
    ...patch.map((line) => `  ${line}`),
    `${dim('all of it in')} ${file}`,
  ];
}

/** The same as lines of Markdown. */
export function tuningMarkdown(comparison: Comparison, { tuning, winner }: Shown): string[] {
  return [
    '#### Tuning',
    '',
    ...markdownTable(costTable(comparison, tuning)),
    ...(winner === null
      ? []
      : [
          '',
          `${winner.learnt ? 'Best' : 'Least bad, none to use'}: ${winner.variant}, in \`${winner.file}\`:`,
          '',
          '```yaml',
          ...winner.patch,
          '```',
        ]),
  ];
}

const resultOf = ({ variants }: Tuning, name: string): TunedResult =>
  variants.find(({ variant }) => variant.name === name)!;

const shortText = (value: Value) => (typeof value === 'number' ? formatLr(value) : value);
const last = (key: string) => key.split('.').at(-1)!;
