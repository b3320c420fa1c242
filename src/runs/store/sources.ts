import { resolve } from 'node:path';
import { z } from 'zod';
import { readTextIfThere } from '../../base/read.js';
import { type Origin, originName, type ResolvedConfig } from '../../config/index.js';
import { checked, Damage, parseJson } from './damage.js';
import type { RunFolder } from './folder.js';

/**
 * Where the values of a run's configuration came from, by their dotted paths: `argument`, `LOSSNET_SEED` or `configs/x.yaml:12`. Values
 * that are not named are defaults. They have a file of their own, written when the run begins: however it is killed and resumed from
 * its own config.yaml, it knows them.
 */
export type RecordedSources = Readonly<Record<string, string>>;

const schema = z.record(z.string(), z.string());

/**
 * @param config what is trained
 * @param folder its run's
 * @param before what was recorded before it was resumed, of values that come from the run's own config.yaml by now; null: nothing
 * @returns the content of sources.json
 */
export function sourcesText(
  { origins }: Pick<ResolvedConfig, 'origins'>,
  folder: RunFolder,
  before: RecordedSources | null,
): string {
  const own = resolve(folder.config);
  const sources = Object.fromEntries(
    [...origins].flatMap(([path, origin]) => {
      if (origin.kind === 'default') return [];
      const isOwn = origin.kind === 'file' && resolve(origin.file) === own;
      if (!isOwn || before === null) return [[path, originName(origin)]];
      return Object.hasOwn(before, path) ? [[path, before[path]!]] : [];
    }),
  );
  return `${JSON.stringify(sources, null, 2)}\n`;
}

/** What a run has recorded; null where it has not, or where that cannot be read: nothing that a run needs is in it. */
export function sourcesIn({ sources: file }: RunFolder): RecordedSources | null {
  try {
    const text = readTextIfThere(file);
    return text === null ? null : checked(parseJson(text), schema);
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
