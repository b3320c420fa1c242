import { formatLr } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import { findLr } from '../../runs/lr-find/find.js';
import type { LrFindOptions } from '../../runs/lr-find/result.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { showNotices } from '../notices.js';
import { listenForSignals } from '../signals.js';
import { type Asked, describeBegin, describeResults, toJson } from './describe.js';
import { testProgress } from './progress.js';

/**
 * Tests learning rates, and shows which to take.
 *
 * @param asked the configuration
 * @param options what to test; json: as one object
 * @param io where to show it
 * @returns the exit code: 0 when there is a suggestion for at least one optimizer, 3 when every loss was gone at once,
 * else 1
 */
export async function showLr(
  asked: Asked,
  { json, ...options }: LrFindOptions & { readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const stop = listenForSignals(io, { words: 'Stopping. Nothing is kept.' });
  const progress = testProgress(io);
  try {
    const finding = await findLr(asked.resolved, {
      ...options,
      signal: stop.signal,
      onProgress: showNotices(io),
      onBegin: (test) => {
        if (!json) describeBegin(io, test);
      },
      onStep: ({ name, steps, point: { step, lr, smoothedLoss: loss } }) =>
        progress.show(name, steps, { step, lr, loss }),
      onTrial: ({ name, steps, lr, ...at }) =>
        progress.show(`${name}, trying ${formatLr(lr)}`, steps, { lr, ...at }),
    });
    progress.hide();
    if (finding === null) return stop.exitCode ?? EXIT.failed;
    if (json) io.print(jsonLine(toJson(asked, finding)));
    else describeResults(io, asked, finding);
    const { results } = finding;
    if (results.some(({ suggestion }) => suggestion.found)) return EXIT.done;
    return results.every(({ points }) => points.length === 0) ? EXIT.diverged : EXIT.failed;
  } finally {
    progress.hide();
    stop.release();
  }
}
