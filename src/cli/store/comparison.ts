import { join } from 'node:path';
import { z } from 'zod';
import { readTextIfThere } from '../../base/read.js';

/** What is read of a compare.json, which any other program may have changed. */
const comparisonSchema = z.object({
  type: z.literal('comparison'),
  /** Variants and the names of their runs, which lie in the folder. */
  variants: z.array(z.object({ runs: z.array(z.string()) })).optional(),
  /** Runs that were finished before, as paths from the folder on. */
  runs: z.array(z.string()).optional(),
  results: z
    .object({
      verdict: z.array(z.string()),
      variants: z.array(z.object({ name: z.string(), verdict: z.array(z.string()) })),
    })
    .nullish(),
});

/** A comparison on the disk. */
export interface RecordedComparison {
  /** Folders of its runs, also of those that never began. */
  readonly runs: readonly string[];
  /** What came of it, a paragraph each: which variant to use and why, then each variant. Empty before it has ended. */
  readonly verdict: readonly string[];
}

/**
 * @param folder any folder
 * @returns the comparison that lies in it; null when there is none that can be read
 */
export function readComparison(folder: string): RecordedComparison | null {
  const file = join(folder, 'compare.json');
  const text = readTextIfThere(file);
  const parsed = comparisonSchema.safeParse(text === null ? null : parse(text));
  if (!parsed.success) return null;
  const { variants = [], runs = [], results } = parsed.data;
  const own = variants.flatMap((variant) => variant.runs);
  return {
    runs: [...own, ...runs].map((run) => join(folder, run)),
    verdict: results == null ? [] : [results.verdict.join(' '), ...results.variants.map(sentence)],
  };
}

const sentence = ({ name, verdict }: { readonly name: string; readonly verdict: readonly string[] }) =>
  `${name}: ${verdict.join('; ')}.`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
