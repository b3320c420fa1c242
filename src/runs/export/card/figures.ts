import { formatCount } from '../../../base/format.js';
import { formatMetric, metricText } from '../../metric-text.js';
import { keyFor } from '../../store/figures.js';
import { identityOf, isChosenOnTest, type RunRecord, standInOf } from '../../store/read.js';
import { cell } from './inputs.js';

/** A figure of the weights that were exported. */
export interface CardFigure {
  readonly name: string;
  readonly value: number;
}

/** Which weights of the run were exported; null: others than those it saved itself. */
export type Checkpoint = 'best' | 'last' | null;

/**
 * What the exported weights were worth in their run.
 *
 * @param run whose
 * @param checkpoint which of its weights
 * @returns the figures of the evaluation, then those of the samples for the end; none where nothing is on record
 */
export function figuresOfWeights(run: RunRecord, checkpoint: Checkpoint): CardFigure[] {
  const { epochs, metrics, summary } = run;
  const epoch =
    checkpoint === 'best'
      ? epochs.findLast(({ best }) => best)
      : checkpoint === 'last'
        ? epochs.at(-1)
        : undefined;
  const evaluated = [{ name: 'loss' }, ...metrics].flatMap((metric) => {
    const name = keyFor('eval', metric);
    const value = epoch?.[name];
    return typeof value === 'number' ? [{ name, value }] : [];
  });
  // They tell which epoch they are of.
  const test = summary?.test ?? {};
  const tested = Object.entries(epoch !== undefined && test.epoch === epoch.epoch ? test : {}).flatMap(
    ([name, value]) => (name.startsWith('test_') && value !== null ? [{ name, value }] : []),
  );
  return [...evaluated, ...tested];
}

/** The figures as a table. */
export function figuresText(run: RunRecord, figures: readonly CardFigure[]): string[] {
  if (figures.length === 0) return ['No figures of these weights are on record.'];
  const rows = figures.map(({ name, value }) => `| ${metricText(name)} | ${formatMetric(name, value)} |`);
  const note = isChosenOnTest(run.start)
    ? [
        'The best epoch was chosen on the very samples that these figures are of: on others they may be lower.',
      ]
    : [];
  return [['| figure | value |', '| --- | --- |', ...rows].join('\n'), ...note];
}

const USES = { train: 'train', eval: 'choose the best epoch', test: 'tell how good it is' } as const;

/** The samples of each part. */
export function dataText(run: RunRecord): string[] {
  const parts = (['train', 'eval', 'test'] as const).flatMap((part) => {
    const identity = identityOf(run, part);
    return identity === null ? [] : [{ part, ...identity }];
  });
  const standIn = standInOf(run);
  const warning =
    standIn === undefined
      ? []
      : [
          `**${cell(standIn)} could not be had: this model was trained on generated shapes, which stood in for it.**`,
        ];
  if (parts.length === 0) return [...warning, 'Which samples it was trained on is not on record.'];
  const { loader, evaluation } = run.config;
  const limits = { train: loader.limit, eval: evaluation.limit, test: null };
  const rows = parts.map(({ part, name, split, records, sha256 }) => {
    const limit = limits[part];
    const first = limit !== null && limit < records ? `the first ${formatCount(limit)} of ` : '';
    return `| ${USES[part]} | ${cell(name)} | ${split} | ${first}${formatCount(records)} | \`${sha256.slice(0, 16)}\` |`;
  });
  const table = ['| used to | data | part | samples | sha256 |', '| --- | --- | --- | --- | --- |', ...rows];
  return [...warning, table.join('\n')];
}
