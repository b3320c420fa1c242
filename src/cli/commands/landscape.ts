import { Command } from 'commander';
import { type LandscapeOptions, PLANE_KINDS } from '../../runs/landscape/result.js';
import type { ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { choice } from './choice.js';
import { positiveNumber, wholeNumber } from './numbers.js';

interface Flags
  extends Pick<LandscapeOptions, 'plane' | 'weights' | 'part' | 'resolution' | 'range' | 'seed'> {
  readonly flatness?: boolean;
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  lossnet landscape runs/cifar-sgd evaluation.limit=1000
  lossnet landscape runs/cifar-sgd --plane path
  lossnet landscape runs/adam runs/sgd runs/rmsprop
  lossnet landscape runs/compare-sgd-adam --flatness && lossnet report runs/compare-sgd-adam`;

/** `lossnet landscape`. */
export function landscapeCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('landscape')
    .summary('draw the loss around trained weights, and say how flat it is there')
    .description(
      'Measures the loss on a plane through trained weights: along random directions that are normalised by filters, along the way of the run, or through several runs; and how much it rises around them. Written as a page, as SVG and as PNG.',
    )
    .argument(
      '<runs...>',
      'folders of runs, checkpoints in them, or folders with runs in them; and values that replace those of their configurations, such as evaluation.limit=500',
    )
    .addOption(
      choice(
        '--plane <kind>',
        'random: two random directions; path: those in which the run went furthest, for which it is trained once more; runs: that of several (default: runs for several, else random)',
        PLANE_KINDS,
      ),
    )
    .addOption(choice('--weights <which>', 'which checkpoint (default: best)', ['best', 'last']))
    .addOption(
      choice('--part <part>', 'which samples (default: val, those that chose the best epoch)', [
        'val',
        'test',
        'train',
      ]),
    )
    .option('--resolution <n>', 'points across and up, an odd number', wholeNumber(3, 201), 21)
    .option(
      '--range <r>',
      'how far to go: 1 is as far as filters are long, or just around what is shown',
      positiveNumber,
      1,
    )
    .option('--seed <n>', 'seed of the directions', wholeNumber(0, 2 ** 31 - 1), 0)
    .option(
      '--flatness',
      'no plane: only how much the loss rises around each run, kept with it for the report',
    )
    .option(
      '-o, --output <file>',
      'where to write it (default: landscape.html in the one folder that is named, or here)',
    )
    .option('--force', 'replace what is there')
    .option('--json', 'print everything as one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
    .action(
      async (args: string[], { json = false, force = false, flatness = false, output, ...rest }: Flags) => {
        const { showLandscape } = await import('../screens/landscape.js');
        finish(await showLandscape(args, rest, { json, force, flatness, output }, io));
      },
    );
}
