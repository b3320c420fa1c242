import { join } from 'node:path';
import { kindOf } from '../../base/read.js';
import { refuseExisting, refuseOtherThanHtml, refuseUnwritable, writeFiles } from '../pictures/files.js';
import { literalColors } from '../report/chart-colors.js';
import { toPng } from '../report/svg.js';
import { landscapePage } from './page.js';
import { landscapeSvg } from './picture.js';
import type { Landscape } from './result.js';

/** Where the pictures of a landscape are. */
export interface LandscapeFiles {
  readonly html: string;
  readonly svg: string;
  readonly png: string;
}

/**
 * Where to write to: `landscape.html` in the one folder that is named, or here; its pictures beside it.
 *
 * @param paths of the runs
 * @param output another file
 * @param force replace what is there
 * @returns the files
 * @throws UsageError when one is there already, before anything slow happens, or it is no HTML file; LossnetError when their folder
 * cannot be written to
 */
export function landscapeFiles(
  paths: readonly string[],
  output: string | undefined,
  force: boolean,
): LandscapeFiles {
  const [only = ''] = paths;
  const isFolder = paths.length === 1 && kindOf(only) === 'folder';
  const html = output ?? (isFolder ? join(only, 'landscape.html') : 'landscape.html');
  refuseOtherThanHtml(html);
  const stem = html.replace(/\.html?$/i, '');
  const files = { html, svg: `${stem}.svg`, png: `${stem}.png` };
  refuseExisting(Object.values(files), force);
  refuseUnwritable(Object.values(files));
  return files;
}

/**
 * Writes a landscape as a page, as SVG and as PNG, each whole or not at all. The same measurement gives the same bytes.
 *
 * @param found what was measured
 * @param files where to
 * @throws LossnetError when one cannot be written
 */
export function writeLandscape(found: Landscape, { html, svg, png }: LandscapeFiles): void {
  const names = found.runs.map(({ name }) => name);
  const title = `The loss around ${names.length <= 3 ? names.join(', ') : `${names.length} runs`}`;
  const drawn = literalColors(landscapeSvg(found, title));
  writeFiles(
    new Map<string, string | Buffer>([
      [svg, drawn],
      [png, toPng(drawn)],
      [html, landscapePage(found, title)],
    ]),
  );
}
