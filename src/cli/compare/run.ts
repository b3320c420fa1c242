import { formatDuration, plural } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import { wrap } from '../../config/problems/text.js';
import { compare } from '../../runs/compare/compare.js';
import type { CompareEvent } from '../../runs/compare/events.js';
import type { CompareOptions } from '../../runs/compare/options.js';
import type { PlannedRun } from '../../runs/compare/plan/variants.js';
import type { Comparison } from '../../runs/compare/ranking/comparison.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Io, warn } from '../io.js';
import { appendJobSummary } from '../job-summary.js';
import { showNotices } from '../notices.js';
import { listenForSignals, type StopRequest } from '../signals.js';
import { textWidth } from '../ui/style.js';
import { Course } from './course.js';
import { barLive, type Live, lineLive, quietLive } from './live.js';
import { Pace, roughly } from './pace.js';
import { markdown, showComparison } from './show.js';
import { describeTuning } from './tuned.js';
import { describeStart, grownText, notGrownText, rungText } from './words.js';

/** In which form results are shown. */
export type Output = 'people' | 'quiet' | 'json' | 'markdown';

/**
 * Compares, and shows what comes of it.
 *
 * @param what presets, grids, overrides, configurations or folders of runs
 * @param options how
 * @param output in which form to show it
 * @param io where to show it
 * @returns the exit code
 */
export async function showCompare(
  what: readonly string[],
  options: CompareOptions,
  output: Output,
  io: Io,
): Promise<ExitCode> {
  // While bars are drawn, what is said goes above them.
  const screen = new Screen(output, io);
  const above: Io = { ...io, log: (line) => screen.live.note(line) };
  const controller = new AbortController();
  let stop: StopRequest | undefined;
  try {
    const compared = await compare(what, {
      ...options,
      env: io.env,
      signal: controller.signal,
      onProgress: showNotices(above, output !== 'people'),
      onEvent: (event) => {
        // There is nothing to save unless something is trained: till then, a signal ends the process as it always does.
        if (event.type === 'planned' || event.type === 'tuning') {
          stop = listenForSignals(above);
          stop.signal.addEventListener('abort', () => controller.abort());
        }
        screen.show(event);
      },
    });
    if (compared === null) return stop?.exitCode ?? EXIT.failed;
    if (compared.comparison === null) return compared.failed === 0 ? EXIT.done : EXIT.failed;
    const code = exitCodeOf(compared.comparison);
    return compared.leftOut > 0 && code === EXIT.done ? EXIT.failed : code;
  } finally {
    screen.live.close();
    stop?.release();
  }
}

/** A variant that diverged is a result; that all did, or that one failed or is not finished, is none. */
function exitCodeOf({ ranking: { variants }, gates }: Comparison): ExitCode {
  if (variants.some(({ status }) => status === 'failed')) return EXIT.failed;
  if (variants.every(({ status }) => status === 'diverged')) return EXIT.diverged;
  return gates.every(({ passed }) => passed) ? EXIT.done : EXIT.unexpected;
}

/** Shows a comparison as it goes on. */
class Screen {
  live: Live;
  readonly #pace = new Pace();
  readonly #course = new Course(this.#pace);
  #isTimeTold = true;
  #isTrained = false;

  constructor(
    private readonly output: Output,
    private readonly io: Io,
  ) {
    this.live = quietLive(io);
  }

  show(event: CompareEvent): void {
    const { io, live } = this;
    const isForPeople = this.output === 'people';
    switch (event.type) {
      case 'planned':
        this.#isTrained = true;
        if (isForPeople) describeStart(event, io);
        return;
      case 'tuning':
        this.#isTrained = true;
        this.#isTimeTold = !isForPeople;
        this.#course.tuning(event);
        if (isForPeople) describeTuning(event, io);
        return;
      case 'estimated':
        if (isForPeople) this.#sayTime(event.seconds, 'as a short trial tells');
        return;
      case 'rung':
        this.#course.rung(event);
        this.#close();
        if (isForPeople && event.left.length > 0) io.log(rungText(event));
        this.live = this.#liveFor(event.left, event.epochs);
        return;
      case 'grown':
        this.#course.grown(event.trials);
        this.#close();
        if (isForPeople && !event.isDone)
          for (const line of wrap(grownText(event), textWidth(io.stderr))) io.log(line);
        return;
      case 'not_grown':
        this.#close();
        if (isForPeople) for (const line of wrap(notGrownText(event), textWidth(io.stderr))) io.log(line);
        return;
      case 'tuned':
        this.#close();
        if (isForPeople && event.seconds > 1) io.log(`tuned in ${formatDuration(event.seconds)}`);
        return;
      case 'training':
        this.#course.training(event.left);
        this.live = this.#liveFor(event.left);
        return;
      case 'run_begin':
        this.#course.begin(event.run);
        live.begin(event.run);
        return;
      case 'run_event':
        this.#pace.event(event.run, event.event);
        live.event(event.run, event.event);
        return;
      case 'run_end':
        this.#course.end(event.run);
        live.end(event.run, event.outcome);
        this.#tellTime();
        return;
      case 'trained':
        this.#close();
        if (isForPeople && event.runs > 0) {
          io.log(`${plural(event.runs, 'run')} in ${formatDuration(event.seconds)}`);
        }
        return;
      case 'interrupted':
        io.log(
          `${event.done} of ${plural(event.runs, event.what)} done; the same command again continues the rest`,
        );
        return;
      case 'part_trained':
        this.#showPart(event);
        return;
      case 'compared':
        this.#showResults(event);
        return;
      case 'report':
        if (isForPeople) io.print(`${io.style.out.dim('report  ')} ${event.html}`);
        return;
      case 'no_report':
        warn(io, `no report was written: ${event.reason}`);
    }
  }

  #close(): void {
    this.live.close();
    this.live = quietLive(this.io);
  }

  /** Where no short trial could tell, the first one does. */
  #tellTime(): void {
    const { left, elapsed } = this.#pace;
    if (!this.#isTimeTold && left !== null) this.#sayTime(elapsed + left, 'as the first trial tells');
  }

  #sayTime(seconds: number, why: string): void {
    this.#isTimeTold = true;
    this.live.note(`${this.io.style.err.dim('time    ')} about ${roughly(seconds)} in all, ${why}`);
  }

  #showPart(event: Extract<CompareEvent, { type: 'part_trained' }>): void {
    const { io, output } = this;
    const { folder, runs, failed, of } = event;
    if (output === 'json') io.print(jsonLine({ type: 'part', folder, runs, failed, of }));
    else {
      const done = failed === 0 ? 'trained' : `${runs - failed} trained, ${failed} not`;
      io.print(`part of ${runs} of ${plural(of, 'run')} ${done}, saved in ${folder}`);
      io.print('join all parts with: lossnet compare --merge <their folders>');
    }
  }

  #showResults({
    comparison,
    tuning,
    winner,
    record,
    folder,
  }: Extract<CompareEvent, { type: 'compared' }>): void {
    const { io, output } = this;
    const tuned = tuning && { tuning, winner };
    const text = markdown(comparison, tuned);
    if (output === 'json') io.print(jsonLine({ ...record, folder }));
    else if (output === 'markdown') io.print(text);
    else showComparison(io, comparison, output === 'people', tuned);
    appendJobSummary(io, text);
    if (output === 'people' && this.#isTrained) io.print(`${io.style.out.dim('saved in')} ${folder}`);
  }

  #liveFor(left: readonly PlannedRun[], until = Number.POSITIVE_INFINITY): Live {
    const { io, output } = this;
    const epochs = new Map(left.map(({ name, plan }) => [name, Math.min(plan.config.epochs, until)]));
    if (output === 'quiet' || left.length === 0) return quietLive(io);
    if (io.isLive) return barLive(io, epochs, this.#pace);
    const sum = [...epochs.values()].reduce((a, b) => a + b, 0);
    return lineLive(io, [...epochs.keys()], sum, this.#pace);
  }
}
