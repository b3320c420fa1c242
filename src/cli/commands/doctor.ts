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
    .option('--json', 'print everything as one JSON object on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  lossnet doctor\n  lossnet doctor --json | jq \'.checks[] | select(.level != "ok")\'',
    )
    .action(async ({ json = false }: { json?: boolean }) => {
      finish(await (await import('../doctor/show.js')).showDoctor(json, io));
    });
}
