import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../src/cli/exit-codes.js';
import type { Call } from './calls.js';
import { verdictOf } from './judge.js';
import { type Outcome, type RunOptions, runProgram } from './program.js';
import type { Random } from './random.js';
import type { Failure } from './trial.js';

/** Signals that end programs. Most often the one that nothing can prepare for. */
const SIGNALS = ['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** Exit codes that say so, after saving. */
const CODES: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

export type Signal = (typeof SIGNALS)[number];

export interface Killed {
  readonly outcome: Outcome;
  readonly signal: Signal;
  /** Whether it was killed before it was done. */
  readonly isKilled: boolean;
  /** Whether it ended as the signal has it. */
  readonly isRight: boolean;
  readonly failures: readonly Failure[];
  /** What was done, in a line. */
  readonly story: string;
}

export interface KillOptions extends RunOptions {
  /** How long it takes when nobody kills it. */
  readonly seconds: number;
  /** The calls of the file system that the process which is killed makes meanwhile. */
  readonly calls: readonly Call[];
  /** Which process is killed, by its arguments: the program itself, or one that it starts. */
  readonly victim?: 'bin/lossnet' | 'worker.js';
}

/**
 * Runs the real program and kills it: at a moment by the clock, or with a call of the file system, before it, after it or
 * within a write.
 *
 * @param args its command line
 * @param options where, and what it does when nobody kills it
 * @param random decides when and how
 */
export async function runKilled(
  args: readonly string[],
  { seconds, calls, victim = 'bin/lossnet', ...options }: KillOptions,
  random: Random,
): Promise<Killed> {
  const signal = random.pick(SIGNALS);
  const first = random.uniform(0, seconds * 1050);
  const second = random.chance(0.15) ? [first + random.uniform(0, 150)] : [];
  const rule = random.chance(0.5) ? { ...moment(calls, random), signal, process: victim } : null;
  const met = join(process.env.TMPDIR ?? '/tmp', 'met');
  let isSent = false;
  const outcome = await runProgram(args, {
    ...options,
    faults: rule ? { rules: [rule], met } : undefined,
    onStart: (child) => {
      if (rule) return;
      const timers = [first, ...second].map((time) =>
        setTimeout(() => {
          isSent = send(signal, victim === 'worker.js' ? childrenOf(child.pid!)[0] : child.pid) || isSent;
        }, time),
      );
      child.once('exit', () => timers.forEach(clearTimeout));
    },
  });
  if (rule) isSent = existsSync(met);
  rmSync(met, { force: true });
  const isDone = outcome.code === EXIT.done || outcome.code === EXIT.diverged;
  const clock = [first, ...second].map((time) => `after ${Math.round(time)} ms`).join(' and ');
  const end = outcome.signal ?? `exit code ${outcome.code}`;
  const what = `${signal} ${rule ? JSON.stringify(rule) : `to ${victim} ${clock}`}`;
  return {
    outcome,
    signal,
    isKilled: isSent && !isDone,
    isRight: outcome.signal === signal || outcome.code === CODES[signal],
    failures: verdictOf(outcome, { signals: [signal] }),
    story: `lossnet ${args.join(' ')}   ${what}: ${end}`,
  };
}

/** @returns whether there was a process to get it */
function send(signal: Signal, pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, signal);
  } catch {
    // It has ended in this moment.
    return false;
  }
}

/** The processes that a process has started; none where the system does not tell. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** One of the calls of the file system, before it or after it; or the middle of one that writes. */
function moment(calls: readonly Call[], random: Random): object {
  const writes = calls.filter(({ call }) => call === 'write');
  const isWithin = writes.length > 0 && random.chance(0.2);
  const [among, call] = isWithin ? [writes, 'write'] : [calls, '*'];
  const nth = random.between(1, Math.max(1, among.length));
  return { call, nth, ...(isWithin ? { short: true, after: true } : { after: random.chance(0.5) }) };
}

/** Adds a kill to the counts of a trial. */
export function countKill(counts: Record<string, number>, { isKilled, signal }: Killed): void {
  if (!isKilled) return;
  for (const what of ['kills', `by ${signal}`]) counts[what] = (counts[what] ?? 0) + 1;
}
