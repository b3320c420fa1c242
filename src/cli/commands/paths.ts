import { Argument, Command, InvalidArgumentError } from 'commander';
import { SURFACE_NAMES } from '../../train/paths/surfaces.js';
import type { ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { wholeNumber } from './numbers.js';

interface Flags {
  readonly config?: string;
  readonly start?: [number, number][];
  readonly steps: number;
  readonly maxVariants: number;
  readonly html?: string;
  readonly force?: true;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  lossnet paths ravine sgd momentum adam rmsprop
  lossnet paths rosenbrock sgd momentum optimizer.lr=0.001,0.002 --steps 2000
  lossnet paths beale adam schedule.type=cosine --start 1,1.5 --start -3,-2
  lossnet paths saddle sgd momentum adam --html saddle.html`;

/** `lossnet paths`. */
export function pathsCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('paths')
    .summary('draw the paths of optimizers over a surface of two variables')
    .description(
      'Lets optimizers walk over a surface of two variables, with the code that trains networks: their paths over its contour lines, and after how many steps each arrives. Nothing is written but what --html asks for.',
    )
    .addArgument(surfaceArgument())
    .argument(
      '[what...]',
      'optimizers as compare takes them: presets (sgd, momentum, nesterov, adam, adamw, rmsprop, adagrad); key=a,b for each value a variant; key=value for all; configurations; folders of runs (default: sgd momentum rmsprop adam)',
    )
    .option('-c, --config <file>', 'what presets and grids are applied to (default: sgd without a schedule)')
    .option('--start <x,y>', 'where the paths begin, repeatable (default: what the surface has)', addPoint)
    .option('--steps <n>', 'steps of a path', wholeNumber(1, 10_000), 200)
    .option('--html <file>', 'write a page in which the paths move, with a slider for the learning rate')
    .option('--force', 'replace a page that is there')
    .option('--max-variants <n>', 'refuse to draw more', wholeNumber(), 12)
    .option('--json', 'print everything as one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (surface: string, what: string[], flags: Flags) => {
      const { json = false, force = false, html, start: starts, ...rest } = flags;
      const { showPaths } = await import('../paths/show.js');
      finish(await showPaths(surface, what, { ...rest, starts, html, force, json }, io));
    });
}

/** The library says which was meant, for programs too: what is typed is passed on. */
function surfaceArgument(): Argument {
  const argument = new Argument('<surface>', 'what to walk on');
  return argument.choices(SURFACE_NAMES).argParser((text: string) => text);
}

function addPoint(text: string, before: [number, number][] = []): [number, number][] {
  const parts = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [x, y] = parts;
  if (parts.length === 2 && Number.isFinite(x) && Number.isFinite(y)) return [...before, [x!, y!]];
  throw new InvalidArgumentError('Expected two numbers and a comma, such as --start -1.2,1.');
}
