import { isDeepStrictEqual } from 'node:util';
import { LossnetError } from '../../base/errors.js';
import type { RunFolder } from '../store/folder.js';
import { tell } from '../surroundings.js';
import { findTrained } from '../trained/find.js';
import { type Flatness, flatnessFile, readFlatness, writeFlatness } from './flatness.js';
import type { LandscapeOptions, LandscapeRun } from './result.js';

/**
 * Keeps with runs how flat it is around them, whole or not at all: the report tells it. Only what is of a run's own evaluation samples
 * is kept, since there it stands beside the run's own figures. What cannot be written is a warning: it was measured all the same.
 *
 * @param runs what was measured
 * @param options what it was measured with; told what is not kept, and why
 * @param isAsked whether it was asked for; what came along with a picture replaces no figure of other weights or of another seed
 * @returns by run the file that it is in now; null: it is in none
 */
export function keepMeasured(
  runs: readonly Pick<LandscapeRun, 'path' | 'flatness'>[],
  options: LandscapeOptions,
  isAsked: boolean,
): (string | null)[] {
  const { part = 'val', overrides = [] } = options;
  if (part !== 'val' || overrides.length > 0) {
    if (isAsked) {
      tell(options, {
        type: 'note',
        text: 'Nothing is kept with the runs: it is not of the samples that they were evaluated on.',
      });
    }
    return runs.map(() => null);
  }
  return runs.map(({ path, flatness }) => {
    const found = findTrained(path);
    return found.kind === 'run' ? keepOne(found.folder, flatness, options, isAsked) : null;
  });
}

function keepOne(
  { path }: RunFolder,
  flatness: Flatness,
  options: LandscapeOptions,
  isAsked: boolean,
): string | null {
  const file = flatnessFile(path);
  const kept = keptIn(path);
  if (isDeepStrictEqual(kept, flatness)) return file;
  if (!isAsked && kept !== null && isOther(kept, flatness)) {
    tell(options, {
      type: 'note',
      text: `How flat it is was not kept: ${file} has it of ${kept.weightsFile}, seed ${kept.seed}, and this is of ${flatness.weightsFile}, seed ${flatness.seed}. lossnet landscape ${path} --flatness, with these --weights and --seed, replaces it.`,
    });
    return null;
  }
  try {
    writeFlatness(path, flatness);
    return file;
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    tell(options, { type: 'warning', text: `How flat it is was not kept with ${path}: ${error.message}` });
    return null;
  }
}

/** What is kept; what is damaged is as if there were nothing, and is written anew. */
function keptIn(folder: string): Flatness | null {
  try {
    return readFlatness(folder);
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    return null;
  }
}

const isOther = (a: Flatness, b: Flatness): boolean => a.weightsFile !== b.weightsFile || a.seed !== b.seed;
