import { describe, expect, it } from 'vitest';
import { COMPACT, WIDE } from '../../../src/runs/report/chart.js';
import { inWords } from '../../../src/runs/report/figure.js';
import { LINES, markerPath, THEME } from '../../../src/runs/report/palette.js';
import type { Chart, Point } from '../../../src/runs/report/series.js';
import { inlineSvg, standaloneSvg, toPng } from '../../../src/runs/report/svg.js';

const EVIL = `<b onclick='x'>"{a}" &`;
const points: Point[] = [
  [1, 2],
  [2, null],
  [3, 1],
];
const chart: Chart = {
  id: 'loss',
  title: EVIL,
  xLabel: 'epoch',
  yLabel: 'loss',
  yScale: 'linear',
  byRun: true,
  series: [
    { name: EVIL, label: EVIL, line: 0, look: 'solid', points },
    { name: 'b', label: 'b', line: 9, look: 'dashed', points },
  ],
};

it.each([1e-12, 2.3e-5, 0.02, 0, 1, -3e-7])('a chart of %s alone is drawn', (value) => {
  const flat = {
    ...chart,
    series: [{ ...chart.series[0]!, points: [[1, value] as Point, [2, value * (1 + 2 ** -52)] as Point] }],
  };
  expect(`${inlineSvg(flat, WIDE, 'wide')}`).toContain('<path');
});

it('an axis of powers of ten has short labels', () => {
  const small = [0.001, 0.0009, 0.0004, 0.0001, 0.00002].map((y, i): Point => [i, y]);
  const svg = `${inlineSvg({ ...chart, yScale: 'log', series: [{ ...chart.series[0]!, points: small }] }, COMPACT, 'log')}`;
  expect(svg).toContain('>1e-5<');
  expect(svg).not.toMatch(/>[^<]*9999[^<]*</);
});

describe('inlineSvg', () => {
  const svg = `${inlineSvg(chart, WIDE, 'wide')}`;

  it('takes its colours from the page, and names the run of each line', () => {
    expect(svg).not.toMatch(/#(a1e0|b2)/);
    expect(svg).toMatch(/<path class="run-0"[^>]*var\(--line-0\)/);
    expect(svg).toMatch(/<path class="run-9"[^>]*var\(--line-1\)[^>]*stroke-dasharray/);
    expect(svg).toContain('var(--muted)');
  });

  it('brings no style, script or text that is markup', () => {
    expect(svg).not.toMatch(/ style=|<style|<script|<b |ecmeta|zr\d/);
    expect(svg).toContain('&lt;b onclick');
  });

  it('is the same each time, and its names differ from those of other pictures', () => {
    expect(`${inlineSvg(chart, WIDE, 'wide')}`).toBe(svg);
    const ids = (text: string) => [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    const other = ids(`${inlineSvg(chart, COMPACT, 'compact')}`);
    expect(ids(svg).length).toBeGreaterThan(0);
    expect(ids(svg).filter((id) => other.includes(id))).toEqual([]);
  });
});

it('standaloneSvg and toPng give files that need nothing else', () => {
  const svg = standaloneSvg(chart);
  expect(svg).toMatch(/^<svg /);
  expect(svg).toContain(LINES[0]!.light);
  expect(svg).not.toMatch(/var\(|#b2|#a1e0/);
  const png = toPng(svg);
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 640]);
});

it('a chart is said in words', () => {
  expect(inWords({ ...chart, series: [{ ...chart.series[0]!, name: 'adam' }] })).toBe(
    'Line chart of loss by epoch. adam: 2.000 at epoch 1, 1.000 at 3. Arrow keys read out its values.',
  );
  const [first] = chart.series[0]!.points;
  expect(inWords({ ...chart, series: [{ ...chart.series[0]!, name: 'adam', points: [first!] }] })).toBe(
    'Line chart of loss by epoch. adam: 2.000 at epoch 1. Arrow keys read out its values.',
  );
});

describe('palette', () => {
  const luminance = (hex: string) => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const contrast = (a: string, b: string) => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light! + 0.05) / (dark! + 0.05);
  };

  it.each(['light', 'dark'] as const)('is readable: 4.5:1 and more in %s surroundings', (scheme) => {
    const paper = THEME.paper[scheme];
    const texts = [...LINES, THEME.ink, THEME.muted, THEME.accent, THEME.bad].map((color) => color[scheme]);
    for (const color of texts) expect(contrast(color, paper), color).toBeGreaterThanOrEqual(4.5);
  });

  it('gives 60 lines a colour and a marker that no other has', () => {
    const looks = Array.from({ length: 60 }, (_, i) => `${i % LINES.length} ${markerPath(i)}`);
    expect(new Set(looks).size).toBe(60);
  });
});
