import type { Notice } from '../../notices.js';
import { tell } from '../../surroundings.js';
import { type Data, type Load, loadData } from '../../train/prepare.js';

/** Data, and what was said as they were loaded. */
interface Kept {
  readonly key: string;
  readonly data: Data;
  readonly said: readonly Notice[];
}

/**
 * Loads data once for runs that follow each other and have the same: reading and checking them takes longer than a short run. What
 * was kept is let go before others are loaded. What was said of them is said of each run again, but for what was under way.
 *
 * @returns how data are had
 */
export function keepingData(): Load {
  let kept: Kept | null = null;
  return async ({ config, source }, surroundings) => {
    // With what they are: a file that was changed meanwhile is read anew where a model would see it.
    const key = JSON.stringify([config.dataset, source.spec]);
    if (kept?.key === key) {
      for (const notice of kept.said) tell(surroundings, notice);
      return kept.data;
    }
    kept = null;
    const said: Notice[] = [];
    const onProgress = (notice: Notice): void => {
      if (notice.type !== 'download' && notice.type !== 'prepare') said.push(notice);
      tell(surroundings, notice);
    };
    const data = await loadData(source, { ...surroundings, onProgress });
    kept = { key, data, said };
    return data;
  };
}
