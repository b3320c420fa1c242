import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// resvg draws SVG as PNG, everywhere the same: its binary comes inside its npm package.
import { Resvg } from '@resvg/resvg-js';
import { PACKAGE_ROOT } from '../../base/package.js';
import { ALONE, drawChart, type Frame } from './chart.js';
import { literalColors, variableColors } from './chart-colors.js';
import { Html, html } from './html.js';
import type { Chart } from './series.js';

/**
 * A chart as a picture within a page: no styles or names of its own, colours from the page.
 *
 * @param chart what it shows
 * @param frame its size
 * @param className class of the picture
 */
export function inlineSvg(chart: Chart, frame: Frame, className: string): Html {
  const { width, height } = frame;
  const drawn = bare(drawChart(chart, frame), `${chart.id}-${className}`)
    .replace(/^<svg[^>]*>/, '')
    .replace(/<\/svg>\s*$/, '')
    .replace(/ style="([^"]*)"/g, (_, style: string) => attributesOf(style));
  const body = new Html(variableColors(drawn, chart.byRun ? 'run' : null));
  return html`<svg class="${className}" viewBox="0 0 ${width} ${height}" aria-hidden="true" focusable="false">${body}</svg>`;
}

/** A chart as a file: an SVG document that needs nothing else. */
export function standaloneSvg(chart: Chart): string {
  const svg = literalColors(bare(drawChart(chart, ALONE), 'chart'));
  return `${svg.trimEnd()}\n`;
}

/**
 * Draws a standalone SVG as PNG, with a font of its own: a machine may have none.
 *
 * @param svg from `standaloneSvg`
 * @returns the file's bytes
 */
export function toPng(svg: string): Buffer {
  const resvg = new Resvg(svg, {
    font: { fontFiles: [fontFile()], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
    background: 'white',
  });
  return Buffer.from(resvg.render().asPng());
}

function fontFile(): string {
  const file = join(PACKAGE_ROOT, 'dist/fonts/DejaVuSans.ttf');
  readFileSync(file); // resvg would leave the text out without a word.
  return file;
}

/** Without ECharts' marks for its own scripts; ids, which are counted through the process, become those of the chart. */
function bare(svg: string, id: string): string {
  return svg
    .replace(/<style\s*>[\s\S]*?<\/style>\s*/g, '')
    .replace(/ class="[^"]*"/g, '')
    .replace(/ ecmeta_\w+="[^"]*"/g, '')
    .replace(/ pointer-events="[^"]*"/g, '')
    .replace(/zr\d+-/g, `${id}-`)
    .replace(/<path d="" [^>]*><\/path>\n?/g, '');
}

/** A content security policy that forbids inline styles allows attributes. */
function attributesOf(style: string): string {
  const sizes = /font-size:([\d.]+)px/.exec(style);
  return sizes === null ? '' : ` font-size="${sizes[1]}"`;
}
