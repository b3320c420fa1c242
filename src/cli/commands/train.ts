import { join } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../base/errors.js';
import { exists, kindOf } from '../../base/read.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

interface TrainFlags {
  name?: string;
  resume?: true;
  force?: true;
  dryRun?: true;
  printConfig?: true;
  expect?: string[];
  baseline?: string;
  allowStandIn?: true;
  parallel?: true;
  json?: true;
  quiet?: true;
}

/** `lossnet train`. */
export function trainCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('train')
    .summary('train a model as a configuration says')
    .description(
      'Trains a model as a YAML configuration says and keeps everything about the run in a folder, runs/<name>. With --resume, a run folder may stand in place of the configuration.',
    )
    .argument('<config>', 'YAML configuration, or the folder of a run to resume')
    .argument(
      '[overrides...]',
      'values that replace those of the configuration, such as optimizer.lr=0.1 epochs=2',
    )
    .option('-n, --name <name>', 'name of the run and of its folder')
    .option('--resume', 'continue the run from its last checkpoint')
    .option('--force', 'replace a run of the same name')
    .option('--dry-run', 'build everything, run one step and one evaluation batch, write nothing')
    .option('--print-config', 'print the resolved configuration and where each value comes from, then stop')
    .option(
      '--expect <gate>',
      'what a figure must be at the end, such as eval_accuracy>=0.6, else the exit code is 4; repeatable',
      collect,
    )
    .option(
      '--baseline <run>',
      'a run or comparison to hold the figures against; a gate may name it: eval_accuracy>=baseline-0.01',
    )
    .option('--allow-stand-in', 'let figures of shapes that stand in for a data set pass a gate')
    .option('--parallel', 'train with other processes, as what started this one says: see lossnet launch')
    .option('--json', 'print the events as JSON lines on stdout')
    .option('-q, --quiet', 'print only warnings, errors and the final result')
    .action(async (config: string, overrides: string[], flags: TrainFlags) => {
      finish(await train(config, overrides, flags, io));
    });
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

async function train(target: string, overrides: string[], flags: TrainFlags, io: Io): Promise<ExitCode> {
  if (flags.resume && flags.force) {
    throw new UsageError(
      'LOSSNET_USAGE',
      '--resume continues a run and --force replaces it: name one of them.',
    );
  }
  if (flags.resume && flags.dryRun) {
    throw new UsageError('LOSSNET_USAGE', '--dry-run makes the first step of a new run: leave out --resume.');
  }
  const isRun = kindOf(target) === 'folder' && exists(join(target, 'config.yaml'));
  if (isRun && !flags.resume && !flags.printConfig) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `${target} is the folder of a run.`,
      'Add --resume to continue it.',
    );
  }
  if (isRun && flags.name !== undefined) {
    throw new UsageError('LOSSNET_USAGE', `${target} has a name already: leave out --name.`);
  }
  const { loadConfig, printConfig } = await import('../../config/index.js');
  const { parseGates } = await import('../../runs/gates.js');
  const gates = parseGates(flags.expect ?? [], null);
  const baseline =
    flags.baseline === undefined
      ? undefined
      : (await import('../../runs/baseline.js')).readBaseline(flags.baseline);
  const named = flags.name === undefined ? overrides : [...overrides, `name=${JSON.stringify(flags.name)}`];
  const file = isRun ? join(target, 'config.yaml') : target;
  const loaded = loadConfig({ file, overrides: named, env: io.env });
  const isOff = loaded.yaml.parallel === null && flags.parallel === true;
  if (isOff && loaded.origins.get('parallel')?.kind === 'argument') {
    throw new UsageError(
      'LOSSNET_USAGE',
      '--parallel trains with other processes, and parallel=null alone: leave out one of them.',
    );
  }
  // As an argument, so that the run says where it comes from.
  const resolved = isOff ? loadConfig({ file, overrides: [...named, 'parallel={}'], env: io.env }) : loaded;
  if (flags.printConfig) {
    io.print(printConfig(resolved).trimEnd());
    return EXIT.done;
  }
  const quiet = flags.quiet === true;
  if (flags.dryRun) {
    const { showDryRun } = await import('../train/dry-run.js');
    return showDryRun(resolved, { json: flags.json === true, quiet }, io);
  }
  const mode = flags.resume ? 'resume' : flags.force ? 'force' : 'new';
  const output = flags.json ? 'json' : flags.quiet ? 'quiet' : 'people';
  const request = { resolved, folder: isRun ? target : undefined, mode, output, gates, baseline } as const;
  const { trainRun } = await import('../train/train.js');
  const whole = { ...request, allowsStandIn: flags.allowStandIn === true };
  if (resolved.yaml.parallel === null) return trainRun(whole, io);
  const { trainRank } = await import('../train/rank.js');
  return trainRank(whole, io);
}
