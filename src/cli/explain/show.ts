import { jsonLine } from '../../base/printable.js';
import { type ResolvedConfig, toSnakeCase } from '../../config/index.js';
import { explain } from '../../runs/explain/explain.js';
import { checkOutput, writeExplanation } from '../../runs/explain/html/write.js';
import { lesson } from '../../runs/explain/lesson.js';
import { lessonHead } from '../../runs/explain/lesson-head.js';
import { DivergedError } from '../../runs/explain/reach.js';
import type { ExplainOptions } from '../../runs/explain/result.js';
import { reportError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { showNotices } from '../notices.js';
import { listenForSignals } from '../signals.js';
import { printPage } from './page.js';

/** How a page is put out. */
export interface Output {
  readonly json: boolean;
  /** A file that it is written to as HTML; undefined: none. */
  readonly html: string | undefined;
  readonly force: boolean;
}

/**
 * Explains a step.
 *
 * @param what a configuration, or the folder of a run
 * @param options which step, sample and parameter
 * @param output as text, JSON or HTML
 * @param io where to show it
 * @returns the exit code: 3 when the loss of the step is not finite
 */
export async function showStep(
  what: ResolvedConfig | string,
  options: ExplainOptions,
  { json, html, force }: Output,
  io: Io,
): Promise<ExitCode> {
  if (html !== undefined) checkOutput(html, force);
  const stop = listenForSignals(io, { words: 'Stopping. Nothing is kept.' });
  try {
    const around = { env: io.env, signal: stop.signal, onProgress: showNotices(io, json) };
    const explanation = await explain(what, { ...options, ...around });
    if (explanation === null) return stop.exitCode ?? EXIT.failed;
    if (html !== undefined) writeExplanation(explanation, { file: html, force });
    if (json) io.print(jsonLine({ type: 'explanation', ...toSnakeCase(explanation), ...(html && { html }) }));
    else if (html === undefined) printPage(io, lessonHead(explanation), lesson(explanation));
    else io.print(`step ${explanation.step.number} explained: ${html}`);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    reportError(error, io, json);
    return EXIT.diverged;
  } finally {
    stop.release();
  }
}
