import { refuseExisting, refuseOtherThanHtml, writeFiles } from '../pictures/files.js';
import { pathsPage } from './page.js';
import type { Paths } from './result.js';

/**
 * Checks, before anything is walked, whether a page can be written.
 *
 * @param target the file, and whether to replace one that is there
 * @returns what writes the page, whole or not at all, and tells how many bytes it has
 * @throws UsageError when the file is there already, or is no HTML file
 */
export function writePathsPage({
  file,
  force,
}: {
  readonly file: string;
  readonly force: boolean;
}): (found: Paths) => number {
  refuseOtherThanHtml(file);
  refuseExisting([file], force);
  return (found) => {
    const text = pathsPage(found);
    writeFiles(new Map([[file, text]]));
    return Buffer.byteLength(text);
  };
}
