import { Command } from 'commander';
import { formatCount } from '../../base/format.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { wholeNumber } from './numbers.js';

interface Flags {
  readonly target?: string;
  readonly header: boolean;
  readonly skipLines?: number;
  readonly output?: string;
  readonly force?: true;
}

/** `lossnet init`. */
export function initCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('init')
    .summary('write a first configuration for data of your own')
    .description(
      'Looks at data and writes a configuration for them: what each column is taken for, or how large\npictures become; a model that fits, and how it is trained. Look it over before you train.',
    )
    .argument('<data>', 'a table (CSV, TSV and the like, gzipped or not), or a folder of pictures')
    .option('--target <column>', 'the column to be told, by its name, or by its position (-1: the last)')
    .option('--no-header', 'the first line of the table is a row')
    .option('--skip-lines <n>', 'lines of the table to leave out before that', wholeNumber(0))
    .option('-o, --output <file>', 'where to write it (default: named after the data, here)')
    .option('--force', 'replace a configuration that is there')
    .action(async (data: string, flags: Flags) => {
      const { initConfig } = await import('../../runs/init/init.js');
      const { file, told, parameters } = await initConfig(data, flags);
      const { bold } = io.style.out;
      io.print(`${bold('wrote')} ${file}: ${told}; a model of ${formatCount(parameters)} parameters`);
      io.print(`next: lossnet data ${file}, then lossnet train ${file}`);
      finish(EXIT.done);
    });
}
