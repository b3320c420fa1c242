// Apache ECharts draws the charts: it renders SVG without a browser. Only what is used of it is loaded.
import { LineChart, type LineSeriesOption } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
import { colors } from './chart-colors.js';
import { markerPath } from './palette.js';
import { type Chart, type Point, type Series, xText } from './series.js';

echarts.use([LineChart, GridComponent, LegendComponent, TitleComponent, LabelLayout, SVGRenderer]);

/** Where a chart's plot lies in its picture, in units of the picture. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Write names at the ends of the lines. */
  readonly endLabels: boolean;
  /** Write title and legend into the picture, for one that stands alone. */
  readonly alone: boolean;
}

/** For the width of a page. */
export const WIDE = size(960, 400, { right: 140, endLabels: true });
/** For half a page, or a phone. */
export const COMPACT = size(400, 270, { right: 14, endLabels: false });
/** For a file of its own. */
export const ALONE = size(1200, 640, {
  left: 76,
  right: 190,
  top: 130,
  bottom: 62,
  endLabels: true,
  alone: true,
});

function size(width: number, height: number, rest: Partial<Frame>): Frame {
  return { width, height, left: 52, right: 14, top: 30, bottom: 42, endLabels: false, alone: false, ...rest };
}

const FONT_SIZE = 12;
const MOST_END_LABELS = 12;
/** So large that the marker within it is still seen. */
const MARK_SIZE = 20;

/**
 * Draws a chart.
 *
 * @param chart what it shows
 * @param frame its size
 * @returns an SVG document; its colours are names that `chart-colors` resolves
 */
export function drawChart(chart: Chart, frame: Frame): string {
  const { width, height, left, right, top, bottom, alone } = frame;
  const fontSize = alone ? 17 : FONT_SIZE;
  const text = { color: colors.muted, fontSize };
  const [min, max] = xRange(chart);
  const format = (value: number) => formatTick(value, chart.percent === true);
  const instance = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  const isWhole = Number.isInteger(min) && Number.isInteger(max);
  instance.setOption({
    animation: false,
    backgroundColor: alone ? colors.paper : 'none',
    textStyle: { fontFamily: 'DejaVu Sans, Verdana, sans-serif' },
    title: alone ? heading(chart, text) : { show: false },
    legend: alone && labelled(chart) > MOST_END_LABELS ? legend(chart, text) : { show: false },
    grid: { left, right, top, bottom, outerBoundsMode: 'none' },
    xAxis: {
      type: 'value',
      min,
      max,
      ...(isWhole && { minInterval: 1 }),
      name: chart.xLabel,
      nameLocation: 'middle',
      nameGap: alone ? 36 : 26,
      nameTextStyle: text,
      axisLine: { lineStyle: { color: colors.muted } },
      axisTick: { lineStyle: { color: colors.muted } },
      axisLabel: {
        ...text,
        hideOverlap: true,
        ...(chart.xLog && { formatter: (x: number) => xText(chart, x) }),
      },
      splitLine: { show: false },
    },
    yAxis: {
      type: chart.yScale === 'log' ? 'log' : 'value',
      scale: chart.fromZero !== true,
      ...aroundOne(chart),
      // Where x is a logarithm, 0 is a value like any other.
      ...(chart.xLog && { axisLine: { onZero: false } }),
      name: chart.yScale === 'log' ? `${chart.yLabel} (log scale)` : chart.yLabel,
      nameGap: 12,
      nameTextStyle: { ...text, align: 'left', padding: [0, 0, 0, -left + 8] },
      axisLabel: { ...text, formatter: format },
      splitLine: { lineStyle: { color: colors.rule } },
      splitNumber: height > 300 ? 6 : 4,
    },
    series: chart.series.flatMap((series) => [drawLine(series, chart, frame), drawMarkers(series, frame)]),
  });
  const svg = instance.renderToSVGString();
  instance.dispose();
  return svg;
}

/** The range of x: all points, or the surroundings of the only one. */
export function xRange({ series }: Chart): [min: number, max: number] {
  const xs = series
    .flatMap(({ points }) => [points[0]?.[0], points.at(-1)?.[0]])
    .filter((x) => x !== undefined);
  const min = xs.length === 0 ? 0 : Math.min(...xs);
  const max = xs.length === 0 ? 1 : Math.max(...xs);
  return min === max ? [min - 1, max + 1] : [min, max];
}

/** A range around the only value that there is: echarts rounds its own to nothing where that is small. */
function aroundOne({ series }: Chart): { min?: number; max?: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points } of series) {
    for (const [, y] of points) {
      if (y === null) continue;
      min = Math.min(min, y);
      max = Math.max(max, y);
    }
  }
  const size = Math.abs(max);
  // A mean of equal values may be another in its last digit.
  const isOne = size > 0 && size < 0.1 && max - min < 1e-9 * size;
  return isOne ? { min: min - size, max: max + size } : {};
}

function drawLine(series: Series, chart: Chart, { endLabels, alone }: Frame): LineSeriesOption {
  const color = colors.line(series.line);
  const hasLabel = endLabels && series.label !== undefined && labelled(chart) <= MOST_END_LABELS;
  const width = series.look === 'solid' ? 2.25 : 1.5;
  return {
    type: 'line',
    name: series.name,
    silent: true,
    showSymbol: false,
    // A line that ends in a gap has its label at the last value.
    data: series.points.map(([x, y]) => [x, y ?? Number.NaN]),
    color,
    lineStyle: {
      color,
      width: alone ? width * 1.3 : width,
      type: series.look === 'dashed' ? [5, 4] : 'solid',
      opacity: series.look === 'faint' ? 0.3 : 1,
    },
    endLabel: {
      show: hasLabel,
      // A function: in a text, braces would be placeholders.
      formatter: () => series.label ?? '',
      color,
      textBorderWidth: 0,
      fontSize: alone ? 17 : FONT_SIZE,
      distance: 8,
      width: alone ? 170 : 122,
      overflow: 'truncate',
    },
    labelLayout: { moveOverlap: 'shiftY' },
  };
}

/** Markers tell lines apart without colour. On a long line there are a few; a point between gaps always has one. */
function drawMarkers({ name, line, look, points }: Series, { alone }: Frame): LineSeriesOption {
  const every = points.length <= 20 ? 1 : Math.ceil(points.length / 8);
  const isAlone = (i: number) => points[i - 1]?.[1] == null && points[i + 1]?.[1] == null;
  const isMarked = ([, y]: Point, i: number) => y !== null && ((i + line) % every === 0 || isAlone(i));
  const color = colors.line(line);
  const solid = look === 'solid';
  const size = { solid: 8, dashed: 6, faint: 6, marks: MARK_SIZE }[look];
  return {
    type: 'line',
    name,
    silent: true,
    symbol: `path://${markerPath(line)}`,
    symbolSize: size * (alone ? 1.4 : 1),
    lineStyle: { width: 0, opacity: 0 },
    itemStyle: solid
      ? { color }
      : { color: look === 'marks' ? 'none' : colors.paper, borderColor: color, borderWidth: 1.25 },
    data: look === 'faint' ? [] : points.filter(isMarked).map(([x, y]) => [x, y!]),
  };
}

function heading({ title, series }: Chart, text: object) {
  const hasBoth = series.some(({ look }) => look === 'solid') && series.some(({ look }) => look === 'dashed');
  return {
    text: title,
    ...(hasBoth && { subtext: 'solid: evaluation, dashed: training' }),
    left: 18,
    top: 16,
    itemGap: 8,
    textStyle: {
      color: colors.ink,
      fontSize: 24,
      fontWeight: 'normal' as const,
      width: 1150,
      overflow: 'truncate' as const,
    },
    subtextStyle: text,
  };
}

/** More lines than can be named at their ends are named above the plot. */
function legend({ series }: Chart, text: object) {
  return {
    show: true,
    type: 'plain' as const,
    left: 190,
    right: 20,
    top: 56,
    height: 60,
    itemWidth: 16,
    itemGap: 12,
    textStyle: { ...text, fontSize: 13 },
    data: series
      .filter(({ label }) => label !== undefined)
      .map(({ name, line }) => ({ name, icon: `path://${markerPath(line)}` })),
    formatter: (name: string) => series.find((one) => one.name === name)?.label ?? name,
  };
}

const labelled = ({ series }: Chart): number => series.filter(({ label }) => label !== undefined).length;

/** Short, for an axis: 0.001, 1e-7, 25 %. */
function formatTick(value: number, percent: boolean): string {
  if (percent) return `${Number((value * 100).toPrecision(3))} %`;
  // A power of ten may come as its neighbour.
  const rounded = Number(value.toPrecision(4));
  const text = String(rounded);
  return text.length <= 6 ? text : rounded.toExponential().replace('e+', 'e');
}
