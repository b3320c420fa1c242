import { Command, CommanderError } from 'commander';
import { LossnetError, UsageError } from '../base/errors.js';
import { keepHeapSmall } from '../base/heap.js';
import { VERSION } from '../base/package.js';
import { jsonLine, printableLines } from '../base/printable.js';
import { systemReason } from '../base/system-errors.js';
import { prepareForHangUp } from '../base/terminal.js';
import { environmentProblems } from '../train/backend/environment.js';
import { compareCommand } from './commands/compare.js';
import { completeCommand, completionCommand } from './commands/completion.js';
import { dataCommand } from './commands/data.js';
import { doctorCommand } from './commands/doctor.js';
import { evaluateCommand } from './commands/evaluate.js';
import { explainCommand } from './commands/explain.js';
import { exportCommand } from './commands/export.js';
import { initCommand } from './commands/init.js';
import { landscapeCommand } from './commands/landscape.js';
import { launchCommand } from './commands/launch.js';
import { lrFindCommand } from './commands/lr-find.js';
import { pathsCommand } from './commands/paths.js';
import { predictCommand } from './commands/predict.js';
import { reportCommand } from './commands/report.js';
import { runsCommand } from './commands/runs.js';
import { trainCommand } from './commands/train.js';
import { validateCommand } from './commands/validate.js';
import { oneProblem } from './error-record.js';
import { reportError } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { type Io, processIo } from './io.js';
import { refuseMisnamed } from './misnamed.js';

const MORE_HELP = `
Exit codes:
  0    done
  1    the run failed
  2    wrong command line or configuration
  3    the loss diverged
  4    a figure is not what --expect or the configuration expects
  5    another of the processes that train one model failed, or never came
  130  interrupted by Ctrl-C, saved (143: by SIGTERM, 129: as the terminal was closed)

Environment:
  LOSSNET_DATA              folder of data sets (default: data)
  LOSSNET_CACHE             cache: native library, pictures (default: ~/.cache/lossnet)
  LOSSNET_LIBTENSORFLOW     a folder with libtensorflow, instead of the library that is provided
  LOSSNET_OFFLINE           1: never ask the network for anything
  LOSSNET_<BLOCK>__<KEY>    a value of the configuration, such as LOSSNET_OPTIMIZER__LR=0.1
  NO_COLOR                  no colours

Examples:
  lossnet train configs/cifar-sgd.yaml
  lossnet train configs/cifar-adam.yaml optimizer.lr=0.01 epochs=5 --name adam-hot
  lossnet train runs/adam-hot --resume
  lossnet compare sgd momentum adam rmsprop
  lossnet compare sgd adam optimizer.lr=0.1,0.01 --config configs/shapes-sgd.yaml --seeds 3
  lossnet init people.csv --target income
  lossnet data people.yaml
  lossnet report runs/cifar-sgd runs/adam-hot
  lossnet launch -n 2 -- train configs/cifar-sgd.yaml
  lossnet lr-find configs/cifar-sgd.yaml --optimizers sgd,momentum,adam
  lossnet explain configs/shapes-sgd.yaml --step 20
  lossnet paths ravine sgd momentum adam rmsprop
  lossnet landscape runs/cifar-sgd runs/adam-hot
  lossnet evaluate runs/adam-hot --baseline runs/cifar-sgd
  lossnet predict runs/flowers rose.jpg
  lossnet export runs/adam-hot --format onnx
  lossnet runs ls --sort -eval_accuracy
  lossnet doctor`;

/**
 * Runs the command line.
 *
 * @param args the arguments, without `node` and the program
 * @param io where to write, by default the process's own streams
 * @returns the exit code; everything that can be known of an error has been shown
 */
export async function main(args: readonly string[], io: Io = processIo()): Promise<ExitCode> {
  keepHeapSmall();
  prepareForHangUp();
  const code = await run(args, io);
  const lost = await io.written();
  if (lost === null) return code;
  const message = `The results could not be written to stdout: ${systemReason(lost)}.`;
  const failed = reportError(new LossnetError('LOSSNET_OUTPUT_LOST', message), io, false);
  return code === EXIT.done ? failed : code;
}

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const finish = (result: ExitCode): void => {
    code = result;
  };
  try {
    const root = program(io, finish);
    await refuseMisnamed(args, root);
    await root.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    const json = wantsJson(args);
    if (!(error instanceof CommanderError)) return reportError(error, io, json);
    if (error.exitCode === 0) return EXIT.done;
    if (json) io.print(jsonLine(oneProblem('LOSSNET_USAGE', error.message.replace(/^error: /, ''))));
    return EXIT.usage;
  }
}

/** Also where the command line is too wrong to be parsed. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? undefined : end).includes('--json');
}

function program(io: Io, finish: (code: ExitCode) => void): Command {
  const root = new Command('lossnet')
    .description('Train neural networks from a YAML file, with the semantics of PyTorch.')
    .version(VERSION, '-v, --version')
    .showHelpAfterError('(--help shows what there is)')
    // What is typed is quoted, and may hold what a terminal obeys.
    .configureOutput({ writeErr: (text) => io.log(printableLines(text.replace(/\n$/, ''))) })
    .addHelpText('after', MORE_HELP)
    .hook('preAction', (_, command) => {
      if (!UNCHECKED.includes(command.name())) checkEnvironment(io);
    });
  // What they do, each loads once it is asked to: the definitions of all of them must stay quick to load.
  for (const make of [
    trainCommand,
    compareCommand,
    launchCommand,
    lrFindCommand,
    explainCommand,
    reportCommand,
    pathsCommand,
    landscapeCommand,
    initCommand,
    validateCommand,
    dataCommand,
    evaluateCommand,
    predictCommand,
    exportCommand,
    runsCommand,
    doctorCommand,
    completionCommand,
    completeCommand,
  ]) {
    const command = make(io, finish);
    const hidden = make === completeCommand;
    root.addCommand(command.copyInheritedSettings(root).exitOverride(), { hidden });
  }
  return root.exitOverride();
}

/** These tell of it, or must not be kept from what they do. */
const UNCHECKED = ['doctor', 'completion', 'complete'];

/** Before anything is begun: TensorFlow, which reads these variables, is loaded late. */
function checkEnvironment({ env }: Io): void {
  const problems = environmentProblems(env);
  if (problems.length === 0) return;
  throw new UsageError('LOSSNET_ENVIRONMENT', problems.join('\n'), 'Unset it, or give it such a value.');
}
