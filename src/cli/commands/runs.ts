import { Command } from 'commander';
import type { ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { wholeNumber } from './numbers.js';

const collect = (value: string, before: string[] = []): string[] => [...before, value];
const WHERE =
  "only runs that are so, such as 'eval_accuracy>0.6', optimizer.type=adam or status=diverged; repeatable";

interface ListFlags {
  readonly where?: string[];
  readonly sort?: string;
  readonly limit?: number;
  readonly wide?: true;
  readonly json?: true;
}

interface RemoveFlags {
  readonly where?: string[];
  readonly keepBest?: number | true;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

type Finish = (code: ExitCode) => void;

/** `lossnet runs`. What each does is loaded as it is asked for. */
export function runsCommand(io: Io, finish: Finish): Command {
  const root = new Command('runs')
    .summary('find runs again: list, show, compare and remove them')
    .description('Lists runs; shows one; says in what two differ; removes runs. Without a command, it lists.')
    .addHelpText(
      'after',
      `
Examples:
  lossnet runs
  lossnet runs ls --where 'eval_accuracy>0.6' --sort -eval_accuracy
  lossnet runs show runs/adam-hot
  lossnet runs diff runs/adam runs/adam-hot
  lossnet runs rm runs --keep-best 3`,
    );
  for (const make of [lsCommand, showCommand, diffCommand, rmCommand]) {
    const command = make(io, finish);
    const isDefault = command.name() === 'ls';
    root.addCommand(command.copyInheritedSettings(root).exitOverride(), { isDefault });
  }
  return root;
}

function lsCommand(io: Io, finish: Finish): Command {
  return new Command('ls')
    .summary('a table of runs')
    .description(
      'Shows runs with their figures, those of comparisons too. A figure is that of the last epoch; best_eval_loss is ' +
        'the best of all. Values are known by these names: those of figures, the keys of a configuration, and path, status, ' +
        'epoch, parameters, seconds, bytes, changed, data, model.',
    )
    .argument('[folders...]', 'folders of runs, or with runs in them (default: runs)')
    .option('-w, --where <condition>', WHERE, collect)
    .option('-s, --sort <value>', 'what the order goes by; -value: the largest first (default: the names)')
    .option('-l, --limit <n>', 'show so many at most', wholeNumber())
    .option('--wide', 'show every column: on a terminal, those that have no room are left out')
    .option('--json', 'print each run as a line of JSON on stdout')
    .action(async (folders: string[], flags: ListFlags) => {
      finish((await import('../runs/ls.js')).showRuns(folders, flags, io));
    });
}

function showCommand(io: Io, finish: Finish): Command {
  return new Command('show')
    .summary('one run: layers, configuration, epochs, checkpoints')
    .description(
      'Shows a run: its layers with multiply-adds (of one sample) and the memory of what they give (of a batch), its ' +
        'configuration with where each value came from, its epochs and its checkpoints.',
    )
    .argument('<run>', 'folder of the run')
    .option('--json', 'print everything as one JSON object on stdout')
    .action(async (run: string, { json = false }: { json?: boolean }) => {
      finish((await import('../runs/show.js')).showOneRun(run, json, io));
    });
}

function diffCommand(io: Io, finish: Finish): Command {
  return new Command('diff')
    .summary('in what two runs differ')
    .description(
      'Shows what differs between two runs: configuration, figures, data, versions, first weights.',
    )
    .argument('<a>', 'folder of a run')
    .argument('<b>', 'folder of another')
    .option('--json', 'print everything as one JSON object on stdout')
    .action(async (a: string, b: string, { json = false }: { json?: boolean }) => {
      finish((await import('../runs/diff.js')).showDiff(a, b, json, io));
    });
}

function rmCommand(io: Io, finish: Finish): Command {
  return new Command('rm')
    .summary('remove runs')
    .description(
      'Removes runs, after asking. It follows no link, and leaves alone what is being trained and folders with files ' +
        'that lossnet did not write.',
    )
    .argument('<runs...>', 'folders of runs, or with runs in them')
    .option('-w, --where <condition>', WHERE, collect)
    .option(
      '--keep-best [n]',
      'keep the best of them, or the n best, by the figure that they monitor',
      wholeNumber(),
    )
    .option('-y, --yes', 'do not ask: needed where there is no terminal')
    .option('--dry-run', 'say what would be removed, and remove nothing')
    .option('--json', 'print what is removed as lines of JSON on stdout')
    .action(async (paths: string[], flags: RemoveFlags) => {
      finish(await (await import('../runs/rm.js')).removeAndShow(paths, flags, io));
    });
}
