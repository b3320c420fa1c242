import { basename } from 'node:path';
import { listing } from '../../../config/problems/text.js';
import { type Flatness, readFlatness } from '../../landscape/flatness.js';
import { chartNumber } from '../figure.js';
import type { ReportRun } from '../predictions.js';

/**
 * How flat it is around each run, where `lossnet landscape` measured it: nothing where it did not. Only of weights that are still there.
 *
 * @param runs those of the report
 * @returns a column of the table of results, or none; with a note where the figures are of other weights or seeds and do not compare
 */
export function flatnessColumns(runs: readonly ReportRun[]) {
  const found = new Map(runs.map(({ record: { path } }) => [path, readFlatness(path)]));
  const [first] = [...found.values()].flatMap((flatness) => flatness?.rises[0] ?? []);
  if (first === undefined) return [];
  const mixed = mixedText(runs.map(({ label, record: { path } }) => [label, found.get(path) ?? null]));
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
      ...(mixed !== null && { note: `Loss rise is not compared: ${mixed}` }),
    },
  ];
}

/** Whose figures are of which weights, directions and samples; null: all are of the same. */
function mixedText(
  measured: readonly (readonly [label: string, flatness: Flatness | null])[],
): string | null {
  const groups = new Map<string, string[]>();
  const known = measured.flatMap(([label, flatness]) => (flatness === null ? [] : [{ label, flatness }]));
  const isOneCount = new Set(known.map(({ flatness }) => flatness.samples)).size === 1;
  for (const { label, flatness } of known) {
    const { weightsFile, seed, directions, samples } = flatness;
    const of = `${basename(weightsFile, '.safetensors')} weights, ${directions} directions of seed ${seed}${isOneCount ? '' : `, ${samples} samples`}`;
    groups.set(of, [...(groups.get(of) ?? []), label]);
  }
  if (groups.size < 2) return null;
  const told = [...groups].map(([of, labels]) => `${listing(labels)} with ${of}`);
  return `${told.join('; ')}. One lossnet landscape --flatness of all measures them alike.`;
}
