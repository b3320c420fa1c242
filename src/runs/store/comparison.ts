import { basename, join } from 'node:path';
import { z } from 'zod';
import { readTextIfThere } from '../../base/read.js';
import { MOST_THREADS } from '../../train/backend/environment.js';
import { checked, Damage, parseJson } from './damage.js';

const count = z.int().min(1).max(MOST_THREADS);
const threads = z.object({ intra_op: count, inter_op: count });

/** TensorFlow's threads of each run. */
export type RunThreads = z.output<typeof threads>;

/** What is read of a compare.json, which any other program may have changed. */
const comparison = z.object({
  type: z.literal('comparison'),
  /** Hash of every run's whole configuration. */
  sha256: z.string(),
  threads: threads.nullable().default(null),
  /** What was asked for: arguments, the file that presets are applied to, and how many seeds. */
  arguments: z.array(z.string()).nullable().default(null),
  config: z.string().nullable().default(null),
  seeds: count.nullable().default(null),
  /** Variants and the names of their runs, which lie in the folder. */
  variants: z.array(z.object({ name: z.string().default(''), runs: z.array(z.string()) })).default([]),
  /** Runs that were finished before, as paths from the folder on. */
  runs: z.array(z.string()).default([]),
  results: z
    .object({
      verdict: z.array(z.string()),
      variants: z.array(z.object({ name: z.string(), verdict: z.array(z.string()) })),
    })
    .nullable()
    .default(null),
});

/** A comparison on the disk. */
export interface RecordedComparison {
  readonly sha256: string;
  readonly threads: RunThreads | null;
  /** What was asked for; null: runs were compared that were there, or an older version did not keep it. */
  readonly arguments: readonly string[] | null;
  readonly config: string | null;
  readonly seeds: number | null;
  /** Folders of its runs, also of those that never began. */
  readonly runs: readonly string[];
  /** Those of each variant; of runs that were finished before, each is one. */
  readonly variants: readonly { readonly name: string; readonly runs: readonly string[] }[];
  /** What came of it, a paragraph each: which variant to use and why, then each variant. Empty before it has ended. */
  readonly verdict: readonly string[];
  /** The same as it stands in the file; null before it has ended. */
  readonly results: unknown;
}

/**
 * @param folder any folder
 * @returns the comparison that lies in it; null when there is none
 * @throws Damage when there is one that cannot be read
 */
export function parseComparison(folder: string): RecordedComparison | null {
  const file = join(folder, 'compare.json');
  const text = readTextIfThere(file);
  if (text === null) return null;
  const value = parseJson(text);
  const { sha256, threads, variants, runs, results, ...asked } = checked(value, comparison);
  const each = [...variants, ...runs.map((run) => ({ name: basename(run), runs: [run] }))].map((variant) => ({
    name: variant.name,
    runs: variant.runs.map((run) => join(folder, run)),
  }));
  return {
    ...{ sha256, threads, arguments: asked.arguments, config: asked.config, seeds: asked.seeds },
    runs: each.flatMap((variant) => variant.runs),
    variants: each,
    verdict: results === null ? [] : [results.verdict.join(' '), ...results.variants.map(sentence)],
    results: (value as { readonly results?: unknown }).results ?? null,
  };
}

/** The same for who can do without it: null also when it cannot be read. */
export function readComparison(folder: string): RecordedComparison | null {
  try {
    return parseComparison(folder);
  } catch (error) {
    if (error instanceof Damage) return null;
    throw error;
  }
}

const sentence = ({ name, verdict }: { readonly name: string; readonly verdict: readonly string[] }) =>
  `${name}: ${verdict.join('; ')}.`;
