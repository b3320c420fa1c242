import { Command } from 'commander';
import { UsageError } from '../../base/errors.js';
import type { ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { wholeNumber } from './numbers.js';

interface Flags {
  readonly ranks: number;
  readonly restarts: number;
}

/** More processes than the cores of any machine only wait for each other. */
const MOST_RANKS = 1024;

/** `lossnet launch`. */
export function launchCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('launch')
    .summary('train one model with several processes on this machine')
    .description(
      'Starts several processes on this machine that train one model: each computes a part of every batch. Rank 0 shows what happens and writes the run. For several machines see docs/parallel.md.',
    )
    .argument('<command...>', 'behind --: train, its configuration and options')
    .requiredOption('-n, --ranks <n>', 'how many processes', wholeNumber(1, MOST_RANKS))
    .option(
      '--restarts <n>',
      'after a lost process, start all again from the last checkpoint, so often',
      wholeNumber(0),
      0,
    )
    .addHelpText('after', '\nExample:\n  lossnet launch -n 2 --restarts 3 -- train configs/shapes-sgd.yaml')
    .action(async (args: string[], { ranks, restarts }: Flags) => {
      if (args[0] !== 'train') {
        throw new UsageError(
          'LOSSNET_USAGE',
          `launch starts train, and not ${args[0]}.`,
          args[0] === 'compare'
            ? 'To share a comparison out over machines, give each a part: lossnet compare ... --shard 1/2'
            : `Such as: lossnet launch -n ${ranks} -- train <config>`,
        );
      }
      const off = args.find((arg) => /^parallel=\s*(null|~)?\s*$/.test(arg));
      if (off !== undefined) {
        throw new UsageError(
          'LOSSNET_USAGE',
          `launch trains with several processes, and ${off} with one alone.`,
          `Leave out ${off}; or train without launch: lossnet train <config>`,
        );
      }
      const { launch } = await import('../launch/launch.js');
      finish(await launch({ ranks, restarts, args: args.filter((arg) => arg !== '--parallel') }, io));
    });
}
