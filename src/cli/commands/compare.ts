import { Command, Option } from 'commander';
import { UsageError } from '../../base/errors.js';
import { EPOCH_METRICS } from '../../config/expect.js';
import type { CompareOptions } from '../../runs/compare/options.js';
import type { ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { wholeNumber } from './numbers.js';

interface Flags extends CompareOptions {
  readonly json?: true;
  readonly md?: true;
  readonly quiet?: true;
  readonly allowStandIn?: true;
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
      '[what...]',
      'presets (sgd, momentum, nesterov, adam, adamw, rmsprop, adagrad); key=a,b for each value a variant, in all ' +
        'combinations; key=value for all; configurations (a.yaml); or folders of runs, to compare without training',
    )
    .option(
      '-c, --config <file>',
      "what presets and grids are applied to (default: lossnet's configs/cifar-sgd.yaml)",
    )
    .option(
      '--tune <keys>',
      'first find the best value of these for each variant, with as many trials each, on a part that is not the test part: ' +
        'lr, optimizer.lr=1e-5..10, optimizer.momentum=0,0.9; repeatable; the best of each is then trained with new seeds',
      (value: string, before: string[] = []) => [...before, value],
    )
    .option(
      '-s, --seeds <n>',
      'repeat each variant with n seeds: means, intervals, significance (default: 1; with --tune 3)',
      wholeNumber(),
    )
    .option(
      '-j, --jobs <n>',
      'runs at a time (default: as many as the cores are best used by)',
      wholeNumber(),
    )
    .option('-n, --name <name>', 'name of the comparison; its folder is runs/compare-<name>')
    .option('--force', 'replace a comparison of the same name')
    .option(
      '--max-runs <n>',
      'refuse to train more runs; with --tune, longer than n whole runs',
      wholeNumber(),
      32,
    )
    .addOption(
      new Option(
        '--by <metric>',
        'what the ranking goes by (default: the first metric of the task, such as eval_accuracy, eval_rmse or eval_perplexity)',
      ).choices(EPOCH_METRICS),
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
    .option(
      '--baseline <run>',
      'a run or comparison to hold the figures against; a gate may name it: eval_accuracy>=baseline-0.01',
    )
    .option(
      '--shard <i/n>',
      'train every n-th run alone, from the i-th on, in a folder of its own, such as 2/5: for several machines',
    )
    .option('--merge <folders...>', 'join such parts, and say which variant is best')
    .option('--allow-stand-in', 'let figures of shapes that stand in for a data set pass a gate')
    .option('--json', 'print the results as JSON on stdout')
    .option('--md', 'print the results as Markdown on stdout')
    .option('-q, --quiet', 'print only warnings, errors, the table and the verdict')
    .action(async (args: string[], { json, md, quiet, allowStandIn, ...rest }: Flags) => {
      if (json && md) throw new UsageError('LOSSNET_USAGE', '--json and --md: name one of them.');
      const options = { ...rest, allowsStandIn: allowStandIn === true };
      const output = json ? 'json' : md ? 'markdown' : quiet ? 'quiet' : 'people';
      const { showCompare } = await import('../compare/run.js');
      finish(await showCompare(args, options, output, io));
    });
}
