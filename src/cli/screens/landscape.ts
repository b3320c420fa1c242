import { UsageError } from '../../base/errors.js';
import { formatBytes, formatCount, formatDuration, formatLoss, plural } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import { exists } from '../../base/read.js';
import { toSnakeCase } from '../../config/index.js';
import { keepMeasured } from '../../runs/landscape/keep.js';
import { flatness, landscape } from '../../runs/landscape/landscape.js';
import { notesOf } from '../../runs/landscape/page.js';
import { axisLabel, lossText } from '../../runs/landscape/picture.js';
import type { Forecast, Landscape, LandscapeOptions, LandscapeRun } from '../../runs/landscape/result.js';
import { runsIn } from '../../runs/landscape/runs.js';
import { landscapeFiles, writeLandscape } from '../../runs/landscape/write.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { showNotices } from '../notices.js';
import { listenForSignals } from '../signals.js';
import { textWidth } from '../ui/style.js';
import { textTable } from '../ui/table.js';

/** Columns by which what is broken off stands below what a line says. */
const BESIDE = 8;

interface Showing {
  readonly json: boolean;
  readonly force: boolean;
  /** Only how flat it is. */
  readonly flatness: boolean;
  readonly output: string | undefined;
}

/**
 * Measures, writes and tells a landscape, or how flat it is around runs.
 *
 * @param args runs, and values of their configurations
 * @param options what is measured
 * @param showing how it is told, and where it is written
 * @param io where to tell it
 * @returns the exit code
 */
export async function showLandscape(
  args: readonly string[],
  options: LandscapeOptions,
  { json, force, flatness: isFlatness, output }: Showing,
  io: Io,
): Promise<ExitCode> {
  const { named, overrides } = told(args);
  if (isFlatness) refuseIdle({ ...options, output });
  const onProgress = showNotices(io, json);
  const paths = runsIn(named, { onProgress });
  const files = isFlatness ? null : landscapeFiles(paths, output, force);
  const stop = listenForSignals(io, { words: 'Stopping. Nothing is written.' });
  try {
    const around = { env: io.env, signal: stop.signal, onProgress };
    const onBegin = (forecast: Forecast) => io.log(forecastText(forecast));
    const all = { ...options, ...around, overrides, onBegin };
    if (files === null) {
      const found = await flatness(paths, all);
      if (found === null) return stop.exitCode ?? EXIT.failed;
      if (json) io.print(jsonLine(toSnakeCase({ type: 'flatness', runs: found })));
      else {
        for (const line of flatnessTable(found, io)) io.print(line);
        sayKept(
          found.map(({ kept }) => kept),
          io,
        );
      }
      return EXIT.done;
    }
    const found = await landscape(paths, all);
    if (found === null) return stop.exitCode ?? EXIT.failed;
    // What was asked for goes first: keeping the flatness may fail.
    writeLandscape(found, files);
    const kept = keepMeasured(found.runs, all, false);
    if (json) io.print(jsonLine(toSnakeCase({ type: 'landscape', ...found, files, kept })));
    else {
      describe(found, io);
      io.say(`landscape: ${files.html}, ${files.svg}, ${files.png}`);
      sayKept(kept, io);
    }
    return EXIT.done;
  } finally {
    stop.release();
  }
}

/** What is there is a run, whatever it looks like. */
function told(args: readonly string[]): { readonly named: string[]; readonly overrides: string[] } {
  const isOverride = (text: string) => /^[a-z_][\w.]*=/.test(text) && !exists(text);
  return { named: args.filter((text) => !isOverride(text)), overrides: args.filter(isOverride) };
}

function refuseIdle({ plane, output }: LandscapeOptions & { readonly output: string | undefined }): void {
  const idle = [...(plane === undefined ? [] : ['--plane']), ...(output === undefined ? [] : ['--output'])];
  if (idle.length === 0) return;
  throw new UsageError(
    'LOSSNET_USAGE',
    `--flatness looks at no plane, and ${idle.join(' and ')} ${idle.length === 1 ? 'is' : 'are'} about one.`,
    'Leave one of them out.',
  );
}

function forecastText({ points, samples, secondsPerPoint, bytes }: Forecast): string {
  const time = formatDuration(points * secondsPerPoint);
  return `${plural(points, 'point')} of ${plural(samples, 'sample')}, ${(secondsPerPoint * 1000).toPrecision(2)} ms each: about ${time}, and ${formatBytes(bytes)} for weights and directions.`;
}

function describe(found: Landscape, io: Io): void {
  const { runs, path, values, resolution, part, samples, data } = found;
  const { dim, bold } = io.style.out;
  const finite = values.filter(Number.isFinite);
  const gone = values.length - finite.length;
  const standIn = data.standsInFor === undefined ? '' : `, STANDING IN FOR ${data.standsInFor}`;
  io.say(
    `${bold('loss')} on ${formatCount(samples)} ${part} samples of ${data.name}${standIn}, at ${resolution} x ${resolution} points of a plane`,
  );
  io.say(`  across  ${axisLabel(found, 0)}`, BESIDE);
  io.say(`  up      ${axisLabel(found, 1)}`, BESIDE);
  io.say(
    `  from ${lossText(Math.min(...finite))} to ${lossText(Math.max(...finite))}${gone === 0 ? '' : `, and ${plural(gone, 'point')} not finite`}`,
  );
  if (path !== null)
    io.say(`  path    ${plural(path.points.length, 'point')}, from epoch 0 to ${path.points.at(-1)!.epoch}`);
  for (const line of flatnessTable(runs, io)) io.print(line);
  for (const note of notesOf(found)) io.say(dim(note));
}

/** Which files of runs have it now. */
function sayKept(kept: readonly (string | null)[], io: Io): void {
  const files = kept.filter((file) => file !== null);
  if (files.length > 0) io.say(`flatness: ${files.join(', ')}`);
}

/** The runs with their loss, and how much it rises around them. */
function flatnessTable(runs: readonly Pick<LandscapeRun, 'name' | 'loss' | 'flatness'>[], io: Io): string[] {
  const { rises } = runs[0]!.flatness;
  const head = ['run', 'loss', ...rises.map(({ distance }) => `rise at ${distance * 100} %`)];
  const rows = runs.map(({ name, loss, flatness: own }) => [
    name,
    formatLoss(loss),
    ...own.rises.map(({ mean, std }) => `${lossText(mean)} ± ${lossText(std)}`),
  ]);
  return textTable({ head, rows, texts: ['run'] }, io.style.out.bold, textWidth(io.stdout));
}
