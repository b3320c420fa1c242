import { join } from 'node:path';
import { exists } from '../../base/read.js';
import { RunFolder } from '../store/folder.js';
import { runFolders } from '../store/run-folders.js';
import { type Surroundings, tell } from '../surroundings.js';

/**
 * The runs that are meant by what was named.
 *
 * @param paths folders of runs, checkpoints in them, or folders with runs in them
 * @param surroundings told which runs of a folder are left out for want of weights, as those that diverged at once
 * @returns the runs; what is none stands for itself: reading it says what is wrong
 */
export function runsIn(paths: readonly string[], surroundings: Surroundings): string[] {
  return paths.flatMap((path) => {
    const folders = runFolders(path);
    if (folders.length < 2) return folders.length === 0 ? [path] : folders;
    const whole = folders.filter(hasWeights);
    // Where there is none, reading the first one says why.
    if (whole.length === 0) return folders.slice(0, 1);
    for (const left of folders.filter((folder) => !whole.includes(folder))) {
      tell(surroundings, {
        type: 'warning',
        text: `${left} is left out: it has no weights, as no epoch of it came to its end.`,
      });
    }
    return whole;
  });
}

const hasWeights = (path: string) =>
  ['best', 'last'].some((name) => exists(join(new RunFolder(path).checkpoints, `${name}.safetensors`)));
