import { basename, join, resolve } from 'node:path';
import { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { RunRecord } from '../store/read.js';
import { plural } from '../ui/format.js';

interface ReportFlags {
  readonly output?: string;
  readonly title?: string;
  readonly predictions: boolean;
  readonly force?: true;
}

/** `lossnet report`. */
export function reportCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('report')
    .summary('write charts and tables of runs as one HTML file')
    .description(
      'Writes one HTML file about runs that needs no network: curves, layers, confusion\n' +
        'matrix, worst images and configurations. The loss curves are also written as\nSVG and PNG beside it.',
    )
    .argument('<runs...>', 'folders of runs, or folders with runs in them')
    .option(
      '-o, --output <file>',
      'where to write it (default: report.html in the one folder that is named, or here)',
    )
    .option('--title <text>', 'its title (default: the names of the runs)')
    .option('--no-predictions', 'leave out confusion matrix and images: needs neither data nor TensorFlow')
    .option('--force', 'replace a report that is there')
    .action(async (paths: string[], flags: ReportFlags) => finish(await report(paths, flags, io)));
}

async function report(paths: readonly string[], flags: ReportFlags, io: Io): Promise<ExitCode> {
  // Loaded here, since the other commands need neither charts nor pictures.
  const { findRuns } = await import('../report/find-runs.js');
  const runs = findRuns(paths);
  const { writeReport } = await import('../report/index.js');
  const [only] = paths;
  const output = flags.output ?? (paths.length === 1 ? join(only!, 'report.html') : 'report.html');
  const { title = titleOf(paths, runs), force = false, predictions } = flags;
  const files = await writeReport(runs, { output, title, force, predictions }, io);
  io.print(`report on ${plural(runs.length, 'run')}: ${files.html} (${Math.ceil(files.bytes / 1024)} KB)`);
  if (files.svg === null) io.print('  no chart as SVG and PNG: no run recorded a loss');
  else io.print(`  its chart: ${files.svg}, ${files.png}`);
  return EXIT.done;
}

function titleOf(paths: readonly string[], runs: readonly RunRecord[]): string {
  if (runs.length === 1) return runs[0]!.name;
  const names = runs.map(({ name }) => name).join(', ');
  if (names.length <= 60) return names;
  return paths.length === 1 ? basename(resolve(paths[0]!)) : plural(runs.length, 'run');
}
