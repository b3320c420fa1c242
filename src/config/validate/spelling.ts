import { distance } from 'fastest-levenshtein';

/** Names that other libraries use for ours, where no likeness of letters would lead from one to the other. */
const SYNONYMS: Readonly<Record<string, string>> = {
  criterion: 'loss',
  data: 'dataset',
  filters: 'out_channels',
  layers: 'model',
  learningrate: 'lr',
  net: 'model',
  network: 'model',
  probability: 'p',
  rate: 'p',
  units: 'out_features',
};

/** Longer words are garbage, and comparing them would take time. */
const LONGEST = 64;

/**
 * The candidate that `word` was most likely meant to be. Case and separators do not count, so that
 * `MaxPool2d` finds `max_pool2d`; a word of a candidate does, so that `batch` finds `batch_size`.
 *
 * @returns the candidate, or undefined when none is near: more than about a third of the letters differ
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  const bare = normalise(word);
  const synonym = synonymOf(word);
  if (synonym !== undefined && candidates.includes(synonym)) return synonym;
  return (
    nearestSpelling(word, candidates) ??
    closest(bare, candidates, (candidate) => candidate.toLowerCase().split('_').filter(isTelling))
  );
}

/** Our name for what other libraries call `word`. */
export function synonymOf(word: string): string | undefined {
  const bare = normalise(word);
  return Object.hasOwn(SYNONYMS, bare) ? SYNONYMS[bare] : undefined;
}

/** As `nearest`, but likeness to the whole of a candidate alone counts. */
export function nearestSpelling(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  return closest(normalise(word), candidates, (candidate) => [normalise(candidate)]);
}

function closest(
  bare: string,
  candidates: readonly string[],
  spellings: (candidate: string) => readonly string[],
): string | undefined {
  let best: string | undefined;
  let least = Math.ceil(bare.length / 3) + 1;
  for (const candidate of candidates) {
    for (const target of spellings(candidate)) {
      const far = distance(bare, target);
      // A word of one or two letters is one letter away from any other: `p` is not `lr`.
      if (far < least && far <= Math.max(bare.length, target.length) / 2) {
        best = candidate;
        least = far;
      }
    }
  }
  return best;
}

/** Shorter words, such as `out` and `by`, are in too many names. */
const isTelling = (word: string) => word.length >= 4;
const normalise = (word: string) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
