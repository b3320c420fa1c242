import { Command } from 'commander';
import { UsageError } from '../../base/errors.js';
import type { ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { wholeNumber } from './numbers.js';

interface Flags {
  readonly target?: string;
  readonly inputs?: string;
  readonly header: boolean;
  readonly skipLines?: number;
  readonly output?: string;
  readonly configs?: string | true;
  readonly force?: true;
  readonly json?: true;
}

/** Where lossnet's own configurations are brought to. */
const FOLDER = 'configs';

/** `lossnet init`. */
export function initCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('init')
    .summary('write a first configuration for data of your own')
    .description(
      'Looks at data and writes a configuration for them: what each column is taken for, or how large pictures become; ' +
        'a model that fits, and how it is trained. Look it over before you train. Where it cannot be told what is meant, ' +
        'it asks on a terminal. ' +
        "Without data, it brings lossnet's own configurations to a folder of yours.",
    )
    .argument(
      '[data]',
      'a table (CSV, TSV and the like, gzipped or not), a folder of pictures, arrays (.npy, .npz, .safetensors), or a ' +
        'text (.txt, .md)',
    )
    .option(
      '--target <column>',
      'the column to be told, by its name, or by its position (-1: the last); of arrays, the name of that array, or the ' +
        '.npy file with it',
    )
    .option('--inputs <array>', 'the array with the inputs')
    .option('--no-header', 'the first line of the table is a row')
    .option('--skip-lines <n>', 'lines of the table to leave out before that', wholeNumber(0))
    .option('-o, --output <file>', 'where to write it (default: named after the data, here)')
    .option('--configs [folder]', `bring lossnet's own configurations to a folder (default: ${FOLDER})`)
    .option('--force', 'replace what is there')
    .option('--json', 'print what was written as one JSON object on stdout')
    .addHelpText(
      'after',
      `
Examples:
  lossnet init
  lossnet init people.csv --target income
  lossnet init flowers/
  lossnet init digits.npz
  lossnet init x.npy --target y.npy
  lossnet init book.txt`,
    )
    .action(async (data: string | undefined, { configs, json, ...flags }: Flags) => {
      // Loaded here, since the other commands write no configurations.
      const { showBrought, showInit } = await import('../screens/init.js');
      if (data === undefined) {
        refuse(
          flags,
          ['target', 'inputs', 'skipLines', 'output'],
          'is about data: name them, such as people.csv.',
        );
        const folder = typeof configs === 'string' ? configs : FOLDER;
        return finish(showBrought(folder, { force: flags.force === true, json: json === true }, io));
      }
      if (configs !== undefined) {
        throw new UsageError(
          'LOSSNET_USAGE',
          `--configs brings lossnet's own configurations, and ${data} are data of yours: name one of them.`,
        );
      }
      finish(await showInit(data, flags, json === true, io));
    });
}

function refuse(
  flags: Omit<Flags, 'configs' | 'json'>,
  keys: readonly (keyof typeof flags)[],
  why: string,
): void {
  const key = keys.find((own) => flags[own] !== undefined) ?? (flags.header ? undefined : 'noHeader');
  if (key === undefined) return;
  const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError('LOSSNET_USAGE', `--${flag} ${why}`);
}
