import { jsonLine } from '../../base/printable.js';
import { diffRuns, type RunDifference, type RunsDiff } from '../../runs/find/diff.js';
import { formatMetric } from '../../runs/metric-text.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { textTable } from '../ui/table.js';

/**
 * Shows in what two runs differ.
 *
 * @param a folder of the one
 * @param b folder of the other
 * @param json whether to print one JSON object
 * @param io where to show it
 * @returns the exit code: 0, also where they differ
 */
export function showDiff(a: string, b: string, json: boolean, io: Io): ExitCode {
  const diff = diffRuns(a, b);
  if (json) {
    const { config, figures, data, versions, sameWeights, sameBatches } = diff;
    const said = { type: 'diff', a, b, config, figures, data, versions };
    io.print(jsonLine({ ...said, same_weights: sameWeights, same_batches: sameBatches }));
    return EXIT.done;
  }
  const names = a === b ? (['a', 'b'] as const) : ([a, b] as const);
  const sections = [
    ['configuration', diff.config, valueText],
    ['figures', diff.figures, figureText],
    ['data', diff.data, valueText],
    ['versions', diff.versions, valueText],
  ] as const;
  for (const [title, differences, text] of sections) {
    if (differences.length === 0) continue;
    const rows = differences.map((difference: RunDifference) => [
      difference.key,
      text(difference.a, difference.key),
      text(difference.b, difference.key),
    ]);
    const table = { head: [title, ...names], rows, texts: [title, ...names] };
    for (const line of textTable(table, io.style.out.bold, Number.POSITIVE_INFINITY)) io.print(line);
    io.print('');
  }
  io.print(sameText(diff));
  return EXIT.done;
}

const valueText = (value: unknown): string => {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

function figureText(value: unknown, key: string): string {
  return typeof value === 'number' ? formatMetric(key, value) : '-';
}

function sameText({ config, data, sameWeights, sameBatches }: RunsDiff): string {
  const same = [
    ...(config.length === 0 ? ['configuration'] : []),
    ...(data.length === 0 ? ['data'] : []),
    ...(sameWeights === true ? ['first weights'] : []),
    ...(sameBatches === true ? ['order of batches'] : []),
  ];
  const others = [
    ...(sameWeights === false ? ['first weights'] : []),
    ...(sameBatches === false ? ['order of batches'] : []),
  ];
  return [
    `the same: ${same.length === 0 ? 'nothing of configuration, data, first weights and batches' : same.join(', ')}`,
    ...(others.length === 0 ? [] : [`different: ${others.join(', ')}`]),
  ].join('\n');
}
