import { describe, expect, it } from 'vitest';
import { axisFor } from '../../../src/cli/ui/axis.js';
import { type ChartOptions, lineChart, type Series } from '../../../src/cli/ui/chart.js';
import { displayWidth } from '../../../src/config/problems/text.js';

const OPTIONS: ChartOptions = { width: 60, height: 10, color: false };

/** A point for each whole x up to `count`. */
function curve(name: string, count: number, of: (x: number) => number): Series {
  return { name, points: Array.from({ length: count }, (_, x) => [x, of(x)] as const) };
}

const falling = curve('sgd', 50, (x) => 2.3 * Math.exp(-x / 20));
const flat = curve('adam', 50, () => 1);

function widest(chart: string): number {
  return Math.max(...chart.split('\n').map(displayWidth));
}

describe('lineChart', () => {
  it('draws axes, round ticks, labels, marks and a legend', () => {
    const labels = { title: 'Loss', xLabel: 'step', yLabel: 'loss' };
    expect(lineChart([falling, flat], { ...OPTIONS, ...labels, height: 8 })).toMatchInlineSnapshot(`
      "Loss
       loss
       │●
      2┤ ⠉⠒⠤⡀
       │    ⠈⠑⠢⢄⣀
       │         ⠉⠒⠤●⣀⣀
      1┤⣀⣀⣀⣀⣀⣀■⣀⣀⣀⣀⣀⣀⣀⣀⣉⣒⣤■⣄⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀■⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀■⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀■⣀⣀⣀
       │                      ⠉⠒●⠢⠤⠤⠤⣀⣀
       │                               ⠉⠉⠉⠑⠒●⠒⠤⠤⠤⠤⠤⣀⣀⣀⣀⣀●
      0┤                                                 ⠉⠉⠉⠉⠉⠉⠉⠉⠒
       └┬──────────┬───────────┬───────────┬───────────┬──────────
        0         10          20          30          40
                                   step
        ● sgd   ■ adam"
    `);
  });

  it('draws decades on a logarithmic axis, as powers of ten', () => {
    const points = Array.from({ length: 90 }, (_, i) => [10 ** (-7 + i / 11), i % 30] as const);
    const chart = lineChart([{ name: '', points }], { ...OPTIONS, xScale: 'log' });
    expect(chart).toMatch(/1e-6 .*1e-4 .*0\.01 .*1$/m);
    expect(chart.split('\n')).toHaveLength(12);
  });

  it('puts equal steps of a logarithmic axis at equal distances', () => {
    const values = [0.01, 0.1, 1, 10, 100];
    expect(values.map(axisFor(values, 'log', 101, true).position)).toEqual([0, 25, 50, 75, 100]);
    expect(values.map(axisFor(values, 'linear', 101, true).position)).toEqual([0, 0, 1, 10, 100]);
    expect(axisFor(values, 'log', 101, true).position(0)).toBeNaN();
  });

  it.each([20, 33, 60, 80, 200])('is never wider than %i columns', (width) => {
    const many = Array.from({ length: 14 }, (_, i) => curve(`series number ${i}`, 20, (x) => x * i * 12345));
    const named = curve(
      'a name that is much too long to stand in any legend of a chart so narrow',
      9,
      Math.sin,
    );
    const wide = curve('学習率の比較', 5, (x) => x);
    const labels = { title: 'A title that is long, too. '.repeat(9), xLabel: 'x'.repeat(300), yLabel: 'y' };
    expect(widest(lineChart([...many, named, wide], { ...OPTIONS, ...labels, width }))).toBeLessThanOrEqual(
      width,
    );
  });

  it('tells series apart without colour, even when they are the same', () => {
    const chart = lineChart([falling, { ...falling, name: 'twin' }, flat], OPTIONS);
    const [area, legend] = chart.split('└') as [string, string];
    for (const mark of ['●', '■', '▲']) {
      expect(area).toContain(mark);
      expect(legend).toContain(mark);
    }
    expect(legend).toMatch(/● sgd {3}■ twin {3}▲ adam/);
  });

  it('has a mark of its own for each of 30 series', () => {
    const many = Array.from({ length: 30 }, (_, i) => ({
      name: `#${i}`,
      points: [[0, i] as const, [1, i] as const],
    }));
    const chart = lineChart(many, { width: 100, height: 30, color: false });
    const marks = [...chart.matchAll(/(\S) #\d+/g)].map(([, mark]) => mark);
    expect([marks.length, new Set(marks).size]).toEqual([30, 30]);
  });

  it('gives each series a colour when asked to, and changes nothing else', () => {
    const plain = lineChart([falling, flat], OPTIONS);
    const colored = lineChart([falling, flat], { ...OPTIONS, color: true });
    expect(colored).toContain('\u001b[36m● \u001b[39m'.replace(' ', ''));
    expect(colored).toContain('\u001b[33m■\u001b[39m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes are what is looked at
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(plain);
    expect(plain).not.toContain('\u001b');
  });

  it('leaves a gap for what is not finite, and for what has no logarithm', () => {
    const holes = [1, 1, 1, Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1, 1, 1];
    const series = [curve('', 10, (x) => holes[x]!)];
    const chart = lineChart(series, { ...OPTIONS, yScale: 'log' });
    expect(chart).toMatch(/⣀|⠤|⠒|⠉/);
    const row = chart.split('\n').find((line) => /[⠁-⣿]/.test(line))!;
    expect(row).toMatch(/[⠁-⣿]{10,} {25,}[⠁-⣿]{10,}/);
    expect(lineChart(series, OPTIONS)).not.toMatch(/NaN|Infinity/);
  });

  it('shows one point, a constant, and tells of what is empty', () => {
    expect(lineChart([{ name: 'one', points: [[3, 0.5]] }], OPTIONS)).toMatch(/● one/);
    const constant = lineChart([flat], OPTIONS);
    expect(constant).toMatch(/^1\.0+┤[⠁-⣿]{50,}$/m);
    expect(lineChart([falling, { name: 'none', points: [] }], OPTIONS)).toContain('■ none (nothing to draw)');
    expect(lineChart([], OPTIONS)).toContain('no finite points to draw');
    expect(lineChart([{ name: 'nan', points: [[0, Number.NaN]] }], OPTIONS)).toContain(
      'no finite points to draw',
    );
  });

  it('has two labels at least on its vertical axis, at equal distances', () => {
    const low = lineChart(
      [
        {
          name: '',
          points: [
            [1, 0.12],
            [2, 0.28],
          ],
        },
      ],
      { ...OPTIONS, height: 6 },
    );
    expect(low.match(/┤/g)!.length).toBeGreaterThan(1);
    const slope = {
      name: '',
      points: [
        [-3, -6],
        [3, 6],
      ] as const,
    };
    const rows = lineChart([slope], { ...OPTIONS, height: 12 }).split('\n');
    const at = rows.flatMap((row, i) => (row.includes('┤') ? [{ i, value: Number.parseFloat(row) }] : []));
    const steps = at.slice(1).map(({ value }, k) => at[k]!.value - value);
    expect(new Set(steps).size, rows.join('\n')).toBe(1);
  });

  it('has marks at few points, and nowhere between', () => {
    const chart = (count: number) =>
      lineChart([curve('a', count, (x) => 3 - x), curve('b', count, (x) => x)], OPTIONS).split('└')[0]!;
    for (const mark of ['●', '■']) expect(chart(2).split(mark)).toHaveLength(3);
    for (const mark of ['●', '■']) expect(chart(5).split(mark)).toHaveLength(6);
  });

  it('labels whole numbers alone where x counts something', () => {
    const chart = lineChart([curve('epochs', 4, (x) => x)], { ...OPTIONS, width: 80 });
    expect(chart).toMatch(/^ +0 +1 +2 +3$/m);
  });

  it('draws many points in little time, with the outliers among them', () => {
    const noise = curve('', 300_000, (x) => (x === 123_456 ? 9 : Math.sin(x)));
    const began = performance.now();
    const chart = lineChart([noise], { ...OPTIONS, height: 20 });
    expect(performance.now() - began).toBeLessThan(3000);
    const column = Math.floor((123_456 / 300_000) * (60 - 3));
    const rows = chart.split('\n').slice(0, 20);
    expect(rows[2]!.charAt(3 + column).trim() + rows[2]!.charAt(4 + column).trim()).toMatch(/[⠁-⣿]/);
  });
});
