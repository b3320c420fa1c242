import { formatPercent } from '../../base/format.js';
import { COMPACT, type Frame, WIDE, xRange } from './chart.js';
import { type Html, html, json } from './html.js';
import { colorIndex, markerPath } from './palette.js';
import { type Chart, hasPoints, type Series, xText } from './series.js';
import { inlineSvg } from './svg.js';

const MOST_ROWS = 50;

/**
 * A chart in the page: the picture, what it says in words for those who do not see it, and its figures as a table.
 *
 * @param chart what it shows
 * @param options wide: a picture for the whole width besides that for phones; note: what else to say below it
 */
export function figure(chart: Chart, { wide = false, note }: { wide?: boolean; note?: string } = {}): Html {
  const caption = html`<figcaption id="${chart.id}-caption">${chart.title}</figcaption>`;
  if (!hasPoints(chart)) {
    return html`<figure class="chart">${caption}<p class="missing">No figures were recorded for this chart.</p></figure>`;
  }
  const pictures = wide
    ? [inlineSvg(chart, WIDE, 'wide'), inlineSvg(chart, COMPACT, 'compact')]
    : inlineSvg(chart, COMPACT, 'compact always');
  return html`<figure class="chart${wide && ' spread'}">
${caption}
<div class="plot" role="img" tabindex="0" aria-labelledby="${chart.id}-caption" aria-describedby="${chart.id}-words"
  data-id="${chart.id}">${pictures}</div>
<p class="readout" aria-live="polite" hidden></p>
<p class="visually-hidden" id="${chart.id}-words">${inWords(chart)}</p>
${!chart.byRun && legend(chart)}
${note !== undefined && html`<p class="note">${note}</p>`}
${dataTable(chart)}
<script type="application/json" id="${chart.id}-data">${json(readoutData(chart))}</script>
</figure>`;
}

/** The marker of a line, as a key to the charts. */
export function swatch(line: number): Html {
  return html`<svg class="swatch line-${colorIndex(line)}" viewBox="-14 -11 28 22" aria-hidden="true"><path d="M-14 0H14"/><path d="${markerPath(line)}"/></svg>`;
}

/** Lines that are no runs have their key below the chart. */
function legend({ series }: Chart): Html {
  return html`<ul class="key">${series.map(({ name, line }) => html`<li>${swatch(line)}${name}</li>`)}</ul>`;
}

/** What a screen reader says of a chart. */
export function inWords(chart: Chart): string {
  const lines = chart.series
    .filter(({ look }) => look !== 'faint')
    .flatMap(({ name, points }) => {
      const known = points.filter(([, y]) => y !== null);
      const [first, last] = [known[0], known.at(-1)];
      if (first === undefined || last === undefined) return [`${name}: no values`];
      const number = (y: number | null) => chartNumber(y, chart.percent);
      const begin = `${name}: ${number(first[1])} at ${chart.xLabel} ${xText(chart, first[0])}`;
      return [first === last ? begin : `${begin}, ${number(last[1])} at ${xText(chart, last[0])}`];
    });
  return `Line chart of ${chart.yLabel} by ${chart.xLabel}. ${lines.join('; ')}. Arrow keys read out its values.`;
}

function dataTable(chart: Chart): Html {
  const series = chart.series.filter(({ look }) => look !== 'faint');
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const shown = pick(xs, MOST_ROWS);
  const columns = series.map(({ points }) => new Map(points));
  const thinned = shown.length < xs.length ? `, ${shown.length} of ${xs.length} rows` : '';
  return html`<details><summary>Figures of this chart</summary>
<div class="scroll" role="region" tabindex="0" aria-label="Figures: ${chart.title}"><table>
<caption><span>${chart.title}${thinned}</span></caption>
<thead><tr><th scope="col">${chart.xLabel}</th>${series.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${shown.map(
    (x) => html`<tr><th scope="row">${xText(chart, x)}</th>${columns.map((column) => {
      const value = column.get(x);
      return html`<td>${value === undefined ? '' : chartNumber(value, chart.percent)}</td>`;
    })}</tr>
`,
  )}</tbody></table></div></details>`;
}

/** What the script needs to find the values under the pointer. */
function readoutData(chart: Chart): unknown {
  const plot = ({ width, height, left, right, top, bottom }: Frame) => [
    left / width,
    (width - right) / width,
    top,
    height - bottom,
  ];
  const shown = (series: Series) => ({
    name: series.name,
    line: series.line,
    // Between marks there are gaps, which are nothing to be read out.
    points: series.points
      .filter(([, y]) => y !== null || series.look !== 'marks')
      .map(([x, y]) => [x, y === null ? 'no value' : chartNumber(y, chart.percent)]),
  });
  return {
    x: xRange(chart),
    label: chart.xLabel,
    isLog: chart.xLog ?? false,
    byRun: chart.byRun,
    plots: { wide: plot(WIDE), compact: plot(COMPACT) },
    series: chart.series.filter(({ look }) => look !== 'faint').map(shown),
  };
}

/** At most `limit` of the values, evenly spread, the last one among them. */
function pick(values: readonly number[], limit: number): number[] {
  if (values.length <= limit) return [...values];
  return Array.from(
    { length: limit },
    (_, i) => values[Math.round((i * (values.length - 1)) / (limit - 1))]!,
  );
}

/** A number of a chart or table: four significant digits, percent for shares; `not finite` for null. */
export function chartNumber(value: number | null, percent = false): string {
  if (value === null) return 'not finite';
  if (percent) return formatPercent(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(3);
  return size >= 1000 ? value.toFixed(1) : value.toPrecision(4);
}
