import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { formatDuration, plural } from '../../base/format.js';
import { VERSION } from '../../base/version.js';
import { PRESETS } from '../../config/index.js';
import { wrap } from '../../config/problems/text.js';
import { threadsFor } from '../../runs/compare/execute/schedule.js';
import { trainAll, unfinished } from '../../runs/compare/execute/train-all.js';
import { Workers } from '../../runs/compare/execute/workers.js';
import { type Asked, ComparisonFolder, folderName, hashOf } from '../../runs/compare/folder.js';
import { resultsRecord } from '../../runs/compare/judge/record.js';
import { readResult, type VariantResult } from '../../runs/compare/judge/results.js';
import type { Variant } from '../../runs/compare/plan/variants.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Io, warn } from '../io.js';
import { listenForSignals } from '../signals.js';
import { textWidth } from '../ui/width.js';
import { assess, conclude, exitCodeOf, type Showing, tellNoReport, tellReport } from './conclude.js';
import { barLive, type Live, lineLive, quietLive } from './live.js';

export interface TrainedRequest extends Showing {
  readonly variants: readonly Variant[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
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
  const names = variants.map(({ name }) => name);
  const folder = new ComparisonFolder(join(runsDir, folderName(names, sha256, request.name)));
  // While bars are drawn, what is said goes above them.
  let live = quietLive(io);
  let workers: Workers | undefined;
  const stop = listenForSignals({ ...io, log: (line) => live.note(line) });
  try {
    const before = await folder.claim(sha256, request.force);
    const runs = variants.flatMap((variant) => variant.runs);
    // The same threads as before: results are the same to the last bit only then.
    const threads =
      before?.threads ?? threadsFor(runs, { cores: availableParallelism(), jobs: request.jobs, env: io.env });
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
    for (const warning of request.warnings) warn(io, warning);
    live = liveFor(request, left, io);
    const began = performance.now();
    workers = new Workers(io.env, threads);
    const said = [
      ...request.notes.map((note) => `note: ${note}`),
      ...request.warnings.map((warning) => `warning: ${warning}`),
    ];
    const outcomes = await trainAll(left, {
      folder,
      workers,
      jobs: request.jobs,
      live,
      stop,
      said,
    }).finally(() => live.close());
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
    const comparison = assess(results, { title: folder.path, shared, showing: request });
    folder.write({ ...asked, results: resultsRecord(comparison) });
    conclude(comparison, { ...asked, folder: folder.path }, request, io);
    if (output === 'people') {
      io.print(`${io.style.out.dim('saved in')} ${folder.path}`);
    }
    // Last: whatever becomes of it, the results have been told.
    await report(folder, workers, output === 'people', io);
    const isWhole = comparison.analysis.variants.every(({ status }) => status !== 'unfinished');
    return isWhole ? exitCodeOf(comparison) : EXIT.failed;
  } finally {
    workers?.close();
    stop.release();
    folder.release();
  }
}

/** Charts, tables and mistakes of all runs, in the folder of the comparison. That this fails is no failure of it. */
async function report(folder: ComparisonFolder, workers: Workers, isShown: boolean, io: Io): Promise<void> {
  const outcome = await workers
    .take()
    .run(['report', folder.path, '--force'], { event: () => {}, message: () => {} });
  if (outcome.status === 'failed') tellNoReport(outcome.reason.replace(/^exit code \d+\nerror: /, ''), io);
  else if (isShown) tellReport(join(folder.path, 'report.html'), io);
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
  const width = textWidth(io.stderr) - 'variants '.length;
  for (const [i, line] of wrap(variants.map(({ name }) => name).join(', '), width).entries()) {
    io.log(`${i === 0 ? dim('variants') : ' '.repeat('variants'.length)} ${line}`);
  }
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
  if (io.isLive) return barLive(io, names);
  const runs = variants.flatMap((variant) => variant.runs).filter(({ name }) => names.includes(name));
  return lineLive(
    io,
    names,
    runs.reduce((sum, { plan }) => sum + plan.config.epochs, 0),
  );
}
