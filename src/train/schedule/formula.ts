import { formatNumber } from '../formula.js';
import { sinceRestart } from './cosine-restarts.js';
import type { ScheduleOptions } from './index.js';
import { phaseAt } from './one-cycle.js';
import { plateauAfter } from './reduce-on-plateau.js';
import { oneLine, type Position, type ScheduleFormula } from './schedule.js';
import { afterWarmup, warmupLength } from './warmup.js';

/** What decides a learning rate besides the schedule itself. */
export interface ScheduleAt {
  /** The optimizer's learning rate, or its group's. */
  readonly lr: number;
  /** Length of the whole run. */
  readonly total: Position;
  readonly position: Position;
  readonly history: readonly number[];
  /** What the schedule gives where its warm-up ends: `lr` of the schedule without one, at its beginning. */
  readonly first: number;
}

/**
 * How a schedule comes to its learning rate at a position.
 *
 * @param options the schedule's kind and arguments, and its warm-up
 * @param at where it stands
 * @returns the formula; the value of its last line, `lr`, is what the schedule itself gives
 */
export function scheduleFormula(options: ScheduleOptions, at: ScheduleAt): ScheduleFormula {
  const { warmup } = options;
  if (warmup === null) return mainFormula(options, at);
  const t = at.position[warmup.interval];
  const length = warmupLength(warmup, at.total);
  if (t >= warmup.duration) {
    const position = afterWarmup(at.position, length);
    return mainFormula(options, { ...at, position, total: afterWarmup(at.total, length) });
  }
  const { startFactor, duration } = warmup;
  return oneLine(
    { lr0: at.first, start_factor: startFactor, t, duration },
    'lr0 * (start_factor + (1 - start_factor) * t / duration)',
    `warm-up: t counts ${warmup.interval}s, lr0 is where ${options.type} begins`,
  );
}

function mainFormula(options: ScheduleOptions, at: ScheduleAt): ScheduleFormula {
  const { lr: lr0, position } = at;
  const symbols = { lr0, t: 'interval' in options ? position[options.interval] : position.step };
  const counts = 'interval' in options ? `t counts ${options.interval}s` : '';
  switch (options.type) {
    case 'constant':
      return oneLine(symbols, 'lr0', 'constant: it stays as it is');
    case 'step': {
      const { gamma, stepSize } = options;
      return oneLine({ ...symbols, gamma, step_size: stepSize }, 'lr0 * gamma^floor(t / step_size)', counts);
    }
    case 'multi_step': {
      const n = options.milestones.filter((milestone) => milestone <= symbols.t).length;
      const passed = `milestones that are passed, of ${options.milestones.join(', ')}; ${counts}`;
      return {
        symbols: { ...symbols, gamma: options.gamma, passed: n },
        lines: [
          { gives: 'n', formula: 'passed', says: passed, value: n },
          { gives: 'lr', formula: 'lr0 * gamma^n', says: 'multiplied at each' },
        ],
      };
    }
    case 'exponential':
      return oneLine({ ...symbols, gamma: options.gamma }, 'lr0 * gamma^t', counts);
    case 'cosine': {
      const t_max = options.tMax ?? at.total[options.interval];
      return oneLine(
        { ...symbols, eta_min: options.etaMin, t_max, pi: Math.PI },
        'eta_min + (lr0 - eta_min) * (1 + cos(pi * t / t_max)) / 2',
        counts,
      );
    }
    case 'cosine_restarts': {
      const { current, length } = sinceRestart(symbols.t, options.t0, options.tMult);
      return oneLine(
        { ...symbols, eta_min: options.etaMin, t_cur: current, t_i: length, pi: Math.PI },
        'eta_min + (lr0 - eta_min) * (1 + cos(pi * t_cur / t_i)) / 2',
        `t_cur: ${options.interval}s since the cosine began, t_i: its length`,
      );
    }
    case 'linear': {
      const { startFactor: start_factor, endFactor: end_factor, totalIters: total_iters } = options;
      return oneLine(
        { ...symbols, start_factor, end_factor, total_iters },
        'lr0 * (start_factor + (end_factor - start_factor) * min(t, total_iters) / total_iters)',
        counts,
      );
    }
    case 'polynomial':
      return oneLine(
        { ...symbols, total_iters: options.totalIters, power: options.power },
        'lr0 * (1 - min(t, total_iters) / total_iters)^power',
        counts,
      );
    case 'one_cycle': {
      const { start, end, share, lr } = phaseAt(options, at.total, position);
      const curve =
        options.annealStrategy === 'cos'
          ? 'to + (from - to) / 2 * (cos(pi * s) + 1)'
          : '(to - from) * s + from';
      const where = `share of the phase from ${formatNumber(start)} to ${formatNumber(end)}; ${counts}`;
      const isOver = symbols.t >= end || end === start;
      return {
        symbols: { t: symbols.t, start, end, from: lr[0], to: lr[1], pi: Math.PI },
        lines: [
          { gives: 's', formula: isOver ? '1' : '(t - start) / (end - start)', says: where, value: share },
          { gives: 'lr', formula: curve, says: `${options.annealStrategy}, from one end of it to the other` },
        ],
      };
    }
    case 'reduce_on_plateau': {
      const { factor, minLr, patience, monitor } = options;
      const { reductions, bad } = plateauAfter(options, lr0, at.history);
      return {
        symbols: { lr0, factor, min_lr: minLr, reductions },
        lines: [
          {
            ...{ gives: 'n', formula: 'reductions', value: reductions },
            says: `times that ${monitor} had stopped improving; now it has ${bad} of patience ${patience}`,
          },
          { gives: 'lr', formula: 'max(lr0 * factor^n, min_lr)', says: 'lowered each time' },
        ],
      };
    }
  }
}
