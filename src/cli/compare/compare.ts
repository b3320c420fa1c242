import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Gate, isGate, type Metric, PRESETS, parseGate } from '../../config/index.js';
import { LossnetError } from '../../train/errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { checkGate, type GateResult } from '../run/expect.js';
import { appendJobSummary } from '../run/job-summary.js';
import { listenForSignals } from '../run/signals.js';
import { formatDuration, plural } from '../ui/format.js';
import { VERSION } from '../version.js';
import { analyse, type Target } from './analysis.js';
import { fairnessOf } from './fairness.js';
import { type Asked, ComparisonFolder, folderName, hashOf } from './folder.js';
import { barLive, type Live, lineLive, quietLive } from './live.js';
import { resultsRecord } from './record.js';
import { readResult, type VariantResult } from './results.js';
import { threadsFor } from './schedule.js';
import { type Comparison, markdown, showComparison, verdictLines } from './show.js';
import { trainAll, unfinished } from './train.js';
import type { Variant } from './variants.js';

/** How results are shown and judged. */
export interface Showing {
  readonly output: 'people' | 'quiet' | 'json' | 'markdown';
  readonly by: Metric | undefined;
  readonly target: Target | undefined;
  readonly gates: readonly Gate[];
}

export interface TrainedRequest extends Showing {
  readonly variants: readonly Variant[];
  readonly notes: readonly string[];
  /** What was typed, for compare.json. */
  readonly args: readonly string[];
  readonly name: string | undefined;
  readonly jobs: number | undefined;
  readonly force: boolean;
}

/**
 * Trains variants side by side, in one folder, and compares them. What was done there before is not done again.
 *
 * @param request the variants, and how to show what comes of them
 * @param io where to show it
 * @returns the exit code
 */
export async function compareTrained(request: TrainedRequest, io: Io): Promise<ExitCode> {
  const { variants, output } = request;
  const sha256 = hashOf(variants);
  const runsDir = variants[0]!.runs[0]!.yaml.runs_dir;
  const folder = new ComparisonFolder(join(runsDir, folderName(variants, sha256, request.name)));
  // While bars are drawn, what is said goes above them.
  let live = quietLive(io);
  const stop = listenForSignals({ ...io, log: (line) => live.note(line) });
  try {
    const before = await folder.claim(sha256, request.force);
    const runs = variants.flatMap((variant) => variant.runs);
    // The same threads as before: results are the same to the last bit only then.
    const threads = before?.threads ?? threadsFor(runs, availableParallelism(), request.jobs);
    const asked: Asked = {
      type: 'comparison',
      lossnet: VERSION,
      sha256,
      arguments: request.args,
      threads,
      variants: variants.map(({ name, file, runs }) => ({
        name,
        config: file,
        runs: runs.map((run) => run.name),
      })),
      results: before?.results ?? null,
    };
    folder.write(asked);
    const left = unfinished(runs, folder);
    if (output === 'people') describeStart(request, folder, left.length, io);
    live = liveFor(request, left, io);
    const began = performance.now();
    const outcomes = await trainAll(left, { folder, threads, jobs: request.jobs, live, stop, io }).finally(
      () => live.close(),
    );
    if (output === 'people' && left.length > 0) {
      io.log(`${plural(outcomes.size, 'run')} in ${formatDuration((performance.now() - began) / 1000)}`);
    }
    const results = variants.map(
      ({ name, preset, runs }): VariantResult => ({
        name,
        summary: preset === null ? null : PRESETS[preset].summary,
        runs: runs.map((run) =>
          readResult(folder.run(run.name).path, run.name, {
            seed: run.seed,
            outcome: outcomes.get(run.name),
          }),
        ),
      }),
    );
    if (stop.exitCode !== undefined) {
      const open = unfinished(runs, folder).length;
      io.log(
        `${runs.length - open} of ${plural(runs.length, 'run')} done; the same command again continues the rest`,
      );
      return stop.exitCode;
    }
    const shared = runs.length > 1 && request.jobs !== 1;
    const comparison = compare(results, folder.path, shared, request);
    folder.write({ ...asked, results: resultsRecord(comparison) });
    conclude(comparison, { ...asked, folder: folder.path }, request, io);
    if (output === 'people') {
      io.print(`${io.style.out.dim('saved in')} ${folder.path}`);
    }
    // Last: whatever becomes of it, the results have been told.
    await reportOn(comparison, results, { folder: folder.path, isShown: output === 'people' }, io);
    const isWhole = comparison.analysis.variants.every(({ status }) => status !== 'unfinished');
    return isWhole ? exitCodeOf(comparison) : EXIT.failed;
  } finally {
    stop.release();
    folder.release();
  }
}

/**
 * Compares runs that were trained before.
 *
 * @param paths their folders
 * @param showing how to show what comes of it
 * @param io where to show it
 * @returns the exit code
 */
export function compareRuns(paths: readonly string[], showing: Showing, io: Io): ExitCode {
  const results = resultsOf(paths);
  const comparison = compare(results, results.map(({ name }) => name).join(', '), false, showing);
  conclude(comparison, { type: 'comparison', lossnet: VERSION, runs: paths }, showing, io);
  if (showing.output === 'people')
    io.print(`${io.style.out.dim('charts, layers, mistakes:')} lossnet report ${paths.join(' ')}`);
  return exitCodeOf(comparison);
}

/** A variant for each run, by its name; by its folder where two have the same. */
export function resultsOf(paths: readonly string[]): VariantResult[] {
  const runs = paths.map((path) => path.replace(/(?<=.)[/\\]+$/, '')).map((path) => readResult(path, path));
  const names = runs.map(({ record }) => record!.name);
  return runs.map((run, i) => {
    const name = names.filter((other) => other === names[i]).length > 1 ? run.path : names[i]!;
    return { name, summary: null, runs: [{ ...run, name }] };
  });
}

function compare(
  results: readonly VariantResult[],
  title: string,
  shared: boolean,
  showing: Showing,
): Comparison {
  const analysis = analyse(results, showing);
  const standIns = results.flatMap(({ runs }) =>
    runs.flatMap(({ record }) => record?.start?.stands_in_for ?? []),
  );
  const gates = analysis.variants.flatMap((variant): GateResult[] => {
    const own = variant.runs[0]?.record?.config.expect.map(parseGate).filter(isGate) ?? [];
    const meant = showing.gates.filter((gate) => gate.variant === null || gate.variant === variant.name);
    return [...own, ...meant].map((gate) => {
      const text = gate.variant === null ? `${variant.name}.${gate.text}` : gate.text;
      const value = variant.status === 'done' ? (variant.figures[gate.metric]?.mean ?? null) : null;
      return checkGate({ ...gate, text }, value);
    });
  });
  return {
    title: `lossnet compare: ${title}`,
    analysis,
    fairness: fairnessOf(results),
    gates,
    shared,
    standsInFor: standIns.length === 0 ? null : String(standIns[0]),
  };
}

function conclude(comparison: Comparison, head: object, { output }: Showing, io: Io): void {
  if (output === 'json') io.print(JSON.stringify({ ...head, results: resultsRecord(comparison) }));
  else if (output === 'markdown') io.print(markdown(comparison));
  else showComparison(io, comparison, output === 'people');
  appendJobSummary(io, markdown(comparison));
}

/** Charts, tables and mistakes of all runs, beside them. That this fails is no failure of the comparison. */
async function reportOn(
  comparison: Comparison,
  results: readonly VariantResult[],
  { folder, isShown }: { readonly folder: string; readonly isShown: boolean },
  io: Io,
): Promise<void> {
  const runs = results.flatMap((variant) => variant.runs);
  const read = runs.flatMap(({ name, record }) => (record === null ? [] : [{ name, record }]));
  const options = {
    output: join(folder, 'report.html'),
    title: comparison.title.replace(/^.*: /, ''),
    force: true,
    labels: read.map(({ name }) => name),
    lead: verdictLines(comparison),
  };
  try {
    // Loaded here, since it brings charts and pictures along.
    const { writeReport } = await import('../report/index.js');
    const { html } = await writeReport(
      read.map(({ record }) => record),
      options,
      io,
    );
    if (isShown) io.print(`${io.style.out.dim('report  ')} ${html}`);
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    io.log(`${io.style.err.yellow('warning')}: no report was written: ${error.message}`);
  }
}

/** A variant that diverged is a result; that all did, or that one failed, is none. */
function exitCodeOf({ analysis: { variants }, gates }: Comparison): ExitCode {
  if (variants.some(({ status }) => status === 'failed')) return EXIT.failed;
  if (variants.every(({ status }) => status === 'diverged')) return EXIT.diverged;
  return gates.every(({ passed }) => passed) ? EXIT.done : EXIT.unexpected;
}

function describeStart(
  { variants, notes }: TrainedRequest,
  folder: ComparisonFolder,
  left: number,
  io: Io,
): void {
  const { bold, dim } = io.style.err;
  const runs = variants.flatMap((variant) => variant.runs).length;
  const files = [...new Set(variants.map(({ file }) => file))];
  io.log(`${bold(`lossnet ${VERSION}`)}  ${dim('compare')}`);
  for (const note of notes) io.log(`note: ${note}`);
  io.log(`${dim('variants')} ${variants.map(({ name }) => name).join(', ')}`);
  io.log(`${dim('config  ')} ${files.join(', ')}`);
  const done = left === runs ? '' : `, ${runs - left} of them done already`;
  io.log(`${dim('runs    ')} ${plural(runs, 'run')} in ${folder.path}${done}`);
}

function liveFor(
  { output, variants }: TrainedRequest,
  left: readonly { readonly name: string }[],
  io: Io,
): Live {
  const names = left.map(({ name }) => name);
  if (output === 'quiet' || names.length === 0) return quietLive(io);
  if (io.stderr.isTTY) return barLive(io, names);
  const runs = variants.flatMap((variant) => variant.runs).filter(({ name }) => names.includes(name));
  return lineLive(
    io,
    names,
    runs.reduce((sum, { plan }) => sum + plan.config.epochs, 0),
  );
}
