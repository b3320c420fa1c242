import { Command, InvalidArgumentError, Option } from 'commander';
import { METRICS, type Metric } from '../../config/index.js';
import { targetOf } from '../compare/analysis.js';
import { compareRuns, compareTrained, resultsOf, type Showing } from '../compare/compare.js';
import { parseRequest } from '../compare/request.js';
import { planVariants } from '../compare/variants.js';
import { UsageError } from '../errors.js';
import type { ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { parseGates } from '../run/expect.js';

interface CompareFlags {
  config?: string;
  seeds?: number;
  jobs?: number;
  name?: string;
  force?: true;
  maxRuns: number;
  by?: Metric;
  target?: string;
  expect?: string[];
  json?: true;
  md?: true;
  quiet?: true;
}

/** `lossnet compare`. */
export function compareCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('compare')
    .summary('train variants side by side and say which is best')
    .description(
      'Trains variants from the same first weights on the same batches, several at a time, and says which is best ' +
        'and why.\nThe same command again continues what is unfinished and repeats nothing.',
    )
    .argument(
      '<what...>',
      'presets (sgd, momentum, nesterov, adam, adamw, rmsprop, adagrad); key=a,b for each value a variant, in all ' +
        'combinations; key=value for all; configurations (a.yaml); or folders of runs, to compare without training',
    )
    .option(
      '-c, --config <file>',
      "what presets and grids are applied to (default: lossnet's configs/cifar-sgd.yaml)",
    )
    .option(
      '-s, --seeds <n>',
      'repeat each variant with n seeds: means, intervals, significance',
      wholeNumber,
    )
    .option('-j, --jobs <n>', 'runs at a time (default: as many as the cores are best used by)', wholeNumber)
    .option('-n, --name <name>', 'name of the comparison; its folder is runs/compare-<name>')
    .option('--force', 'replace a comparison of the same name')
    .option('--max-runs <n>', 'refuse to train more runs', wholeNumber, 32)
    .addOption(
      new Option('--by <metric>', 'what the ranking goes by (default: eval_accuracy)').choices(METRICS),
    )
    .option(
      '--target <gate>',
      'to be reached soon, such as eval_accuracy>=0.6 (default: what the worst reached)',
    )
    .option(
      '--expect <gate>',
      'what a figure must be at the end, such as adam.eval_accuracy>=0.6, or without a variant for all, else the exit ' +
        'code is 4; repeatable',
      (value: string, before: string[] = []) => [...before, value],
    )
    .option('--json', 'print the results as JSON on stdout')
    .option('--md', 'print the results as Markdown on stdout')
    .option('-q, --quiet', 'print only warnings, errors, the table and the verdict')
    .action(async (args: string[], flags: CompareFlags) => finish(await compare(args, flags, io)));
}

async function compare(args: string[], flags: CompareFlags, io: Io): Promise<ExitCode> {
  if (flags.json && flags.md) throw new UsageError('LOSSNET_USAGE', '--json and --md: name one of them.');
  const request = parseRequest(args);
  if (request.runs.length > 0) {
    const idle = (['config', 'seeds', 'jobs', 'name', 'force'] as const).find(
      (flag) => flags[flag] !== undefined,
    );
    if (idle)
      throw new UsageError('LOSSNET_USAGE', `--${idle} is for training, and runs are compared as they are.`);
    if (request.runs.length < 2) {
      throw new UsageError(
        'LOSSNET_USAGE',
        'A comparison needs at least two runs.',
        'Name the folder of another.',
      );
    }
    const names = resultsOf(request.runs).map(({ name }) => name);
    return compareRuns(request.runs, showing(flags, names), io);
  }
  const { config, seeds = 1, maxRuns, jobs, name, force = false } = flags;
  const { variants, notes } = planVariants(request, { config, seeds, maxRuns, env: io.env });
  const names = variants.map((variant) => variant.name);
  return compareTrained({ ...showing(flags, names), variants, notes, args, name, jobs, force }, io);
}

function showing(
  { json, md, quiet, by, target, expect = [] }: CompareFlags,
  names: readonly string[],
): Showing {
  const [goal] = target === undefined ? [] : parseGates([target], null);
  const output = json ? 'json' : md ? 'markdown' : quiet ? 'quiet' : 'people';
  return { output, by, target: goal && targetOf(goal), gates: parseGates(expect, names) };
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1 on.');
  return Number(text);
}
