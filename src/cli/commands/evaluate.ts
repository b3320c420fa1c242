import { Command, Option } from 'commander';
import type { Evaluated } from '../../runs/evaluate/result.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { showNotices } from '../notices.js';
import { listenForSignals } from '../signals.js';
import { wholeNumber } from './numbers.js';

interface Flags {
  readonly weights?: 'best' | 'last';
  readonly part?: 'val' | 'test' | 'train' | 'all';
  readonly baseline?: string;
  readonly resamples: number;
  readonly seed: number;
  readonly expect?: string[];
  readonly allowStandIn?: true;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  lossnet evaluate runs/cifar-sgd
  lossnet evaluate runs/cifar-sgd --part test --expect 'accuracy>=0.6'
  lossnet evaluate runs/adam --baseline runs/sgd
  lossnet evaluate runs/flowers dataset.root=new-pictures`;

/** `lossnet evaluate`. */
export function evaluateCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('evaluate')
    .summary('say what a trained model is worth: all metrics, each class, calibration')
    .description(
      'Evaluates a trained model on samples of its run, with the figures of the run to the last bit, or on other data of the same kind: all metrics of the task, the figures of each class, the confusion matrix, and how far its probabilities can be trusted.',
    )
    .argument('<run>', 'folder of a run, a checkpoint in it, or an exported model')
    .argument(
      '[overrides...]',
      "values that replace those of the run's configuration, such as dataset.root=other",
    )
    .addOption(new Option('--weights <which>', 'which checkpoint (default: best)').choices(['best', 'last']))
    .addOption(
      new Option(
        '--part <part>',
        'which samples (default: val, those that chose the best epoch; all of other data)',
      ).choices(['val', 'test', 'train', 'all']),
    )
    .option('--baseline <run>', 'evaluate this one too, and print the differences with their intervals')
    .option('--resamples <n>', 'draws that make an interval', wholeNumber(100, 1_000_000), 1000)
    .option('--seed <n>', 'seed of these draws', wholeNumber(0, 2 ** 31 - 1), 0)
    .option(
      '--expect <gate>',
      'what a figure must be, such as accuracy>=0.6, else the exit code is 4; repeatable',
      (value: string, before: string[] = []) => [...before, value],
    )
    .option('--allow-stand-in', 'let figures of shapes that stand in for a data set pass a gate')
    .option('--json', 'print everything as one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (run: string, overrides: string[], flags: Flags) => {
      finish(await showEvaluation(run, overrides, flags, io));
    });
}

async function showEvaluation(
  run: string,
  overrides: readonly string[],
  { json: isJson, allowStandIn, ...flags }: Flags,
  io: Io,
): Promise<ExitCode> {
  const json = isJson === true;
  const { evaluate } = await import('../../runs/evaluate/evaluate.js');
  const { evaluationRecord, showEvaluated } = await import('../screens/evaluate.js');
  const stop = listenForSignals(io, { words: 'Stopping.' });
  try {
    const around = { env: io.env, signal: stop.signal, onProgress: showNotices(io, json) };
    const evaluated: Evaluated | null = await evaluate(run, {
      ...{ ...flags, overrides, ...around },
      allowsStandIn: allowStandIn === true,
    });
    if (evaluated === null) return stop.exitCode ?? EXIT.failed;
    if (json) io.print(evaluationRecord(evaluated));
    else showEvaluated(io, evaluated);
    return evaluated.gates.every(({ passed }) => passed) ? EXIT.done : EXIT.unexpected;
  } finally {
    stop.release();
  }
}
