import { Command } from 'commander';
import type { ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

/** `lossnet doctor`. */
export function doctorCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('doctor')
    .summary('find out whether training works on this machine')
    .description(
      'Looks at versions, processor, memory, folders, data sets, packages and variables, and makes a training step. ' +
        'Says what to do about each problem. Exits with 1 when training would fail.',
    )
    .option(
      '--fetch [data...]',
      'provide what is downloaded on first use, for machines without a network: the native library, and these data sets (default: all that lossnet knows by name)',
    )
    .option('--json', 'print everything as one JSON object on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  lossnet doctor\n  lossnet doctor --fetch cifar10\n  lossnet doctor --json | jq \'.checks[] | select(.level != "ok")\'',
    )
    .action(async ({ json = false, fetch }: { json?: boolean; fetch?: true | string[] }) => {
      const names = fetch === true ? [] : fetch;
      finish(await (await import('../screens/doctor.js')).showDoctor(json, names, io));
    });
}
