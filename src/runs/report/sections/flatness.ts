import { readFlatness } from '../../landscape/flatness.js';
import { chartNumber } from '../figure.js';
import type { ReportRun } from '../predictions.js';

/**
 * How flat it is around each run, where `lossnet landscape` measured it: nothing where it did not. Only of weights that are still there.
 *
 * @param runs those of the report
 * @returns a column of the table of results, or none
 */
export function flatnessColumns(runs: readonly ReportRun[]) {
  const found = new Map(runs.map(({ record: { path } }) => [path, readFlatness(path)]));
  const [first] = [...found.values()].flatMap((flatness) => flatness?.rises[0] ?? []);
  if (first === undefined) return [];
  const value = ({ record }: ReportRun): number | null => {
    const { mean } = found.get(record.path)?.rises.find(({ distance }) => distance === first.distance) ?? {};
    return mean === undefined || !Number.isFinite(mean) ? null : mean;
  };
  return [
    {
      title: `Loss rise at ${first.distance * 100} %`,
      better: 'lower' as const,
      isLoss: true as const,
      part: 'eval' as const,
      value,
      text: (rise: number) => chartNumber(rise),
    },
  ];
}
