import { jsonLine } from '../../base/printable.js';
import { toSnakeCase } from '../../config/index.js';
import { checkOutput, writeLossPage } from '../../runs/explain/html/write.js';
import { chartsOf, explainLoss, rowsOf } from '../../runs/explain/losses.js';
import { formatNumber } from '../../train/formula.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { showNotices } from '../notices.js';
import { lineChart } from '../ui/chart.js';
import { textWidth } from '../ui/style.js';
import { textTable } from '../ui/table.js';
import type { Output } from './show.js';

const WIDEST = 80;
const HEIGHT = 12;

/**
 * Draws a loss and its gradient beside the others.
 *
 * @param type the loss
 * @param options such as `delta=2`
 * @param output as text, JSON or HTML
 * @param io where to show it
 * @returns the exit code
 */
export async function showLoss(
  type: string,
  options: readonly string[],
  { json, html, force }: Output,
  io: Io,
): Promise<ExitCode> {
  if (html !== undefined) checkOutput(html, force);
  const curves = await explainLoss(type, options, { env: io.env, onProgress: showNotices(io, json) });
  if (html !== undefined) writeLossPage(curves, { file: html, force });
  if (json) {
    io.print(jsonLine({ type: 'loss_curves', ...toSnakeCase(curves), ...(html && { html }) }));
    return EXIT.done;
  }
  if (html !== undefined) {
    io.print(`${curves.loss} explained: ${html}`);
    return EXIT.done;
  }
  const width = Math.min(textWidth(io.stdout), WIDEST);
  const { bold, colored } = io.style.out;
  for (const { series, ...chart } of chartsOf(curves)) {
    io.print(lineChart(series, { ...chart, width, height: HEIGHT, color: colored }));
    io.print('');
  }
  io.print(bold(curves.curves[0]!.name));
  const rows = rowsOf(curves).map((row) => row.map(formatNumber));
  const table = { head: [curves.against, 'loss', 'gradient'], rows, texts: [] };
  for (const line of textTable(table, bold, width)) io.print(`  ${line}`);
  return EXIT.done;
}
