import { figure } from '../../report/figure.js';
import { html } from '../../report/html.js';
import { chartsOf, type LossCurves } from '../losses.js';
import { pageHtml } from './page.js';
import { type PageFile, writePage } from './write.js';

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
