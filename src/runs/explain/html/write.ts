import { dirname, extname } from 'node:path';
import { UsageError } from '../../../base/errors.js';
import { makeFolder, writeFileAtomically } from '../../../base/files.js';
import { exists, kindOf } from '../../../base/read.js';
import { refuseNameless } from '../../pictures/files.js';
import { figure } from '../../report/figure.js';
import { html } from '../../report/html.js';
import { lesson } from '../lesson.js';
import { lessonHead } from '../lesson-head.js';
import { chartsOf, type LossCurves } from '../losses.js';
import type { Explanation } from '../result.js';
import { pageHtml } from './page.js';

/** Where a page is written. */
export interface PageFile {
  readonly file: string;
  /** Replace a file that is there. */
  readonly force: boolean;
}

/**
 * Refuses early, before anything slow happens, what could not be written.
 *
 * @param file where a page is to go
 * @param force whether it may replace what is there
 * @throws UsageError when it is no name of an HTML file, or there is one
 */
export function checkOutput(file: string, force: boolean): void {
  refuseNameless(file);
  const extension = extname(file);
  if (!/^\.html?$/i.test(extension)) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `The page is an HTML file, but ${file} does not end in .html.`,
      `Name it ${extension === '' ? file : file.slice(0, -extension.length)}.html.`,
    );
  }
  if (kindOf(file) === 'folder') {
    throw new UsageError('LOSSNET_USAGE', `${file} is a folder.`, 'Name a file.');
  }
  if (exists(file) && !force) {
    const remedy = 'Add --force to write it anew, or name another file.';
    throw new UsageError('LOSSNET_EXPLAIN_EXISTS', `${file} exists already.`, remedy);
  }
}

/**
 * Writes a step as an HTML page with steps that one can go through. It needs no network, nothing but itself.
 *
 * @param explanation the step
 * @param output where to
 * @throws UsageError when there is such a file already; LossnetError when it cannot be written
 */
export function writeExplanation(explanation: Explanation, { file, force }: PageFile): void {
  const [title = '', ...lead] = lessonHead(explanation);
  writePage(file, force, pageHtml({ title, lead, sections: lesson(explanation) }));
}

/** Writes the text of a page; see `checkOutput`. */
export function writePage(file: string, force: boolean, text: string): void {
  checkOutput(file, force);
  makeFolder(dirname(file));
  writeFileAtomically(file, text);
}

/**
 * Writes a loss beside the others as an HTML page that needs nothing else.
 *
 * @param curves the losses
 * @param output where to
 * @throws UsageError when there is such a file already; LossnetError when it cannot be written
 */
export function writeLossPage(curves: LossCurves, { file, force }: PageFile): void {
  const charts = chartsOf(curves).map(({ title, xLabel, yLabel, series }, i) => {
    const lines = series.map(({ name, points }, line) => ({
      ...{ name, line, points, look: line === 0 ? ('solid' as const) : ('dashed' as const) },
    }));
    const about = { id: i === 0 ? 'loss' : 'gradient', title, xLabel, yLabel, yScale: 'linear' as const };
    return figure({ ...about, series: lines, byRun: false }, { wide: true });
  });
  const options = Object.entries(curves.options).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const lead = [
    `Computed by the loss itself. ${options.join(', ')}; the other losses as they are by default.`,
  ];
  writePage(file, force, pageHtml({ title: curves.loss, lead, sections: [], body: html`${charts}` }));
}
