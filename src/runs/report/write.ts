import { dirname, extname } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { makeFolder, writeFileAtomically } from '../../base/files.js';
import { exists } from '../../base/read.js';
import type { RecordedTuning } from '../compare/tune/record.js';
import { namesOf } from '../store/names.js';
import type { RunRecord } from '../store/read.js';
import type { Surroundings } from '../surroundings.js';
import { page } from './page.js';
import { predictAll, type ReportRun } from './predictions.js';
import { lossChart } from './sections/curves.js';
import { hasPoints } from './series.js';
import { standaloneSvg, toPng } from './svg.js';

/** What is written where. */
export interface Writing {
  /** Path of the HTML file; the pictures are put beside it. */
  readonly output: string;
  readonly title: string;
  /** Replace files that are there. */
  readonly force: boolean;
  /** Load the models to show what they get wrong: confusion matrix and images. */
  readonly predictions: boolean;
  /** What to say first, a paragraph each. */
  readonly lead: readonly string[];
  /** What was tuned before; null: nothing. */
  readonly tuning: RecordedTuning | null;
}

/** What was written; no pictures when no run has a loss to draw. */
export interface ReportFiles {
  readonly html: string;
  readonly svg: string | null;
  readonly png: string | null;
  /** Size of the HTML file in bytes. */
  readonly bytes: number;
}

/**
 * Writes a report on runs: one HTML file that needs nothing else, and its main chart as SVG and PNG. The same runs give
 * the same bytes.
 *
 * @param runs at least one
 * @param writing where to, and what
 * @param surroundings told what takes long
 * @returns the files
 * @throws UsageError when a file is there already, before anything slow happens; LossnetError when one cannot be written
 */
export async function writeReport(
  runs: readonly RunRecord[],
  { output, title, force, predictions, lead, tuning }: Writing,
  surroundings: Surroundings,
): Promise<ReportFiles> {
  const files = filesOf(output);
  if (!force) refuseExisting(Object.values(files));
  const names = namesOf(runs);
  const predicted = predictions ? await predictAll(runs, surroundings) : [];
  const shown = runs.map(
    (record, line): ReportRun => ({
      record,
      label: names[line]!,
      line,
      predicted: predicted[line] ?? { kind: 'none', reason: 'They were left out.' },
    }),
  );
  const text = page(shown, { title, lead, mistakes: predictions, tuning });
  const chart = lossChart(shown);
  const svg = hasPoints(chart)
    ? standaloneSvg({ ...chart, title: `${title}: ${chart.title.toLowerCase()}` })
    : null;
  makeFolder(dirname(output));
  if (svg !== null) {
    writeFileAtomically(files.svg, svg);
    writeFileAtomically(files.png, toPng(svg));
  }
  writeFileAtomically(files.html, text);
  return {
    html: files.html,
    svg: svg && files.svg,
    png: svg && files.png,
    bytes: Buffer.byteLength(text),
  };
}

function filesOf(output: string): { html: string; svg: string; png: string } {
  const extension = extname(output);
  if (!/^\.html?$/i.test(extension)) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `The report is an HTML file, but ${output} does not end in .html.`,
      `Name it ${extension === '' ? output : output.slice(0, -extension.length)}.html; its chart is written beside it as .svg and .png.`,
    );
  }
  const stem = output.slice(0, -extension.length);
  return { html: output, svg: `${stem}.svg`, png: `${stem}.png` };
}

function refuseExisting(files: readonly string[]): void {
  const found = files.filter((file) => exists(file));
  if (found.length === 0) return;
  throw new UsageError(
    'LOSSNET_REPORT_EXISTS',
    `${found.join(' and ')} ${found.length === 1 ? 'exists' : 'exist'} already.`,
    'Add --force to write the report anew, or name another file with --output.',
  );
}
