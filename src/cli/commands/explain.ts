import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { UsageError } from '../../base/errors.js';
import { exists, foldersIn, kindOf } from '../../base/read.js';
import type { ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { wholeNumber } from './numbers.js';

interface Flags {
  readonly step?: number;
  readonly sample?: number;
  readonly parameter?: string;
  readonly loss?: string;
  readonly json?: true;
  readonly html?: string;
  readonly force?: true;
}

/** What is allowed is said by the configuration's own schema, with the nearest name. */
const LOSSES = ['cross_entropy', 'nll', 'mse', 'l1', 'smooth_l1', 'huber', 'bce_with_logits', 'kl_div'];
const MOST_STEPS = 1_000_000_000;

const EXAMPLES = `
Examples:
  lossnet explain configs/shapes-sgd.yaml
  lossnet explain configs/shapes-sgd.yaml optimizer.type=adam --step 20 --sample 3
  lossnet explain runs/shapes-sgd --parameter '1.weight[3,17]' --html step.html
  lossnet explain --loss huber delta=2`;

/** `lossnet explain`. */
export function explainCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('explain')
    .summary('show one training step, or a loss, in its real numbers')
    .description(
      'Makes one training step and shows it as a page that teaches: a sample on its way through the layers to its loss, and one weight with its gradient and the formula of the optimizer, all in the numbers of the run. With --loss it draws a loss and its gradient beside the others. Writes nothing but what --html names.',
    )
    .argument(
      '[source]',
      'YAML configuration; or the folder of a run: its last step, or the one after its checkpoint while it is not done',
    )
    .argument(
      '[overrides...]',
      'values that replace those of the configuration; with --loss those of the loss',
    )
    .option(
      '--step <n>',
      'which step, counted from 1: trained up to there (default: the first; of a run see above)',
      wholeNumber(1, MOST_STEPS),
    )
    .option(
      '--sample <i>',
      'which sample of the step, counted from 0 (default: 0)',
      wholeNumber(0, MOST_STEPS),
    )
    .option('--parameter <name>', 'which number, such as 8.weight[3,17] (default: the largest gradient)')
    .addOption(
      new Option('--loss <type>', 'draw this loss and its gradient beside the others')
        .choices(LOSSES)
        .argParser((text: string) => text),
    )
    .option('--html <file>', 'write it as an HTML page with steps to go through')
    .option('--force', 'replace a page that is there')
    .option('--json', 'print everything as one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (what: string | undefined, overrides: string[], flags: Flags) => {
      finish(await show(what, overrides, flags, io));
    });
}

/** Whether a name of nothing can only be meant for a run: it is no file of YAML, and there are runs beside it. */
function liesAmongRuns(path: string): boolean {
  const folder = dirname(path);
  if (kindOf(path) !== null || /\.ya?ml$/i.test(path) || kindOf(folder) !== 'folder') return false;
  return foldersIn(folder).some((name) => exists(join(folder, name, 'config.yaml')));
}

async function show(
  what: string | undefined,
  overrides: readonly string[],
  { step, sample, parameter, loss, html, ...flags }: Flags,
  io: Io,
): Promise<ExitCode> {
  const output = { json: flags.json === true, html, force: flags.force === true };
  if (output.force && html === undefined) {
    throw new UsageError(
      'LOSSNET_USAGE',
      '--force replaces a page, and none is written.',
      'Add --html <file>.',
    );
  }
  if (loss !== undefined) {
    if (step !== undefined || sample !== undefined || parameter !== undefined) {
      const message =
        '--loss draws a loss by itself: --step, --sample and --parameter are about a training step.';
      throw new UsageError('LOSSNET_USAGE', message, 'Leave out --loss, or the others.');
    }
    if (what !== undefined && !what.includes('=')) {
      const message = `--loss draws a loss by itself, without a run or a configuration; received ${what}.`;
      throw new UsageError('LOSSNET_USAGE', message, `Leave out ${what}, or --loss.`);
    }
    const { showLoss } = await import('../explain/loss.js');
    return showLoss(loss, what === undefined ? [] : [what, ...overrides], output, io);
  }
  if (what === undefined) {
    throw new UsageError(
      'LOSSNET_USAGE',
      'There is nothing to explain: no configuration, no run, no --loss.',
      'For example: lossnet explain configs/shapes-sgd.yaml, or lossnet explain --loss huber',
    );
  }
  const { showStep } = await import('../explain/show.js');
  const isRun = kindOf(what) === 'folder' || what.endsWith('.safetensors') || liesAmongRuns(what);
  const asked = { step, sample, parameter };
  if (isRun) return showStep(what, { ...asked, overrides }, output, io);
  const { loadConfig } = await import('../../config/index.js');
  return showStep(loadConfig({ file: what, overrides, env: io.env }), asked, output, io);
}
