import { Command } from 'commander';
import { plural } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import { toSnakeCase } from '../../config/naming.js';
import type { ReportOptions } from '../../runs/report/report.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { showNotices } from '../notices.js';

/** `lossnet report`. */
export function reportCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('report')
    .summary('write charts and tables of runs as one HTML file')
    .description(
      'Writes one HTML file about runs that needs no network: curves, layers, confusion matrix, worst images and configurations. The loss curves are also written as SVG and PNG beside it.',
    )
    .argument('<runs...>', 'folders of runs, or folders with runs in them')
    .option(
      '-o, --output <file>',
      'where to write it (default: report.html in the one folder that is named, or here)',
    )
    .option('--title <text>', 'its title (default: the names of the runs)')
    .option('--no-predictions', 'leave out confusion matrix and images: needs neither data nor TensorFlow')
    .option('--force', 'replace a report that is there')
    .option('--json', 'print what was written as one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  lossnet report runs/cifar-sgd runs/cifar-adam -o compared.html')
    .action(async (paths: string[], flags: Flags) => finish(await showReport(paths, flags, io)));
}

type Flags = Pick<ReportOptions, 'output' | 'title' | 'predictions' | 'force'> & { readonly json?: true };

async function showReport(paths: readonly string[], { json, ...flags }: Flags, io: Io): Promise<ExitCode> {
  const { report } = await import('../../runs/report/report.js');
  const written = await report(paths, {
    ...flags,
    env: io.env,
    onProgress: showNotices(io, json),
  });
  const { runs, leftOut, html, svg, png, bytes } = written;
  const code = leftOut === 0 ? EXIT.done : EXIT.failed;
  if (json) {
    io.print(jsonLine({ type: 'report', ...toSnakeCase(written) }));
    return code;
  }
  io.say(`report on ${plural(runs, 'run')}: ${html} (${Math.ceil(bytes / 1024)} KB)`);
  if (svg === null) io.say('  no chart as SVG and PNG: no run recorded a loss');
  else io.say(`  its chart: ${svg}, ${png}`);
  return code;
}
