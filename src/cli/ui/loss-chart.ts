import { metricText } from '../../runs/metric-text.js';
import type { EpochRecord } from '../../runs/store/records.js';
import type { Io } from '../io.js';
import { lineChart } from './chart.js';
import { textWidth } from './style.js';

const LINES = 6;
/** Losses of such a ratio are read on a logarithmic axis only. */
const WIDE_RANGE = 100;

/**
 * The losses of a run by epoch, drawn a few lines high.
 *
 * @param epochs of the run, two at least
 * @param io whose stdout it is drawn on
 * @param indent columns that stand before each line; default 0
 * @returns its lines
 */
export function lossChart(epochs: readonly EpochRecord[], io: Io, indent = 0): string[] {
  const curve = (key: 'train_loss' | 'eval_loss') => ({
    name: metricText(key),
    points: epochs.flatMap((epoch): [number, number][] => {
      const value = epoch[key];
      return value == null ? [] : [[epoch.epoch, value]];
    }),
  });
  const curves = [curve('train_loss'), curve('eval_loss')].filter(({ points }) => points.length > 0);
  const losses = curves.flatMap(({ points }) => points.map(([, loss]) => loss));
  const isWide = Math.min(...losses) > 0 && Math.max(...losses) >= WIDE_RANGE * Math.min(...losses);
  return lineChart(curves, {
    width: textWidth(io.stdout) - indent,
    height: LINES,
    yScale: isWide ? 'log' : 'linear',
    xLabel: 'epoch',
    color: io.style.out.colored,
  }).split('\n');
}
