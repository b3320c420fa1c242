import { resolve } from 'node:path';
import { readTextIfThere } from '../../base/read.js';
import { type Origin, originName, type ResolvedConfig } from '../../config/index.js';
import { Damage } from './damage.js';
import type { RunFolder } from './folder.js';
import { parseSummary } from './records.js';

/**
 * Where the values of a run's configuration came from, by their dotted paths: `argument`, `LOSSNET_SEED` or `configs/x.yaml:12`. Values
 * that are not named are defaults.
 */
export type RecordedSources = Readonly<Record<string, string>>;

/**
 * @param config what is trained
 * @param folder its run's
 * @param before what was recorded before it was resumed, of values that come from the run's own config.yaml by now; null: nothing
 * @returns what to record
 */
export function sourcesOf(
  { origins }: Pick<ResolvedConfig, 'origins'>,
  folder: RunFolder,
  before: RecordedSources | null,
): RecordedSources {
  const own = resolve(folder.config);
  return Object.fromEntries(
    [...origins].flatMap(([path, origin]) => {
      if (origin.kind === 'default') return [];
      const isOwn = origin.kind === 'file' && resolve(origin.file) === own;
      if (!isOwn || before === null) return [[path, originName(origin)]];
      return Object.hasOwn(before, path) ? [[path, before[path]!]] : [];
    }),
  );
}

/** What a run recorded when it ended last; null where it has not, or where that cannot be read. */
export function sourcesIn({ summary }: RunFolder): RecordedSources | null {
  try {
    return parseSummary(readTextIfThere(summary) ?? '{}').sources ?? null;
  } catch (error) {
    if (error instanceof Damage) return null;
    throw error;
  }
}

/** What a recorded source says. */
export function originFrom(source: string): Origin {
  if (source === 'argument') return { kind: 'argument', text: '' };
  const [, file, line] = /^(.+):(\d+)$/.exec(source) ?? [];
  return file === undefined
    ? { kind: 'env', variable: source }
    : { kind: 'file', file, line: Number(line), column: 1 };
}
