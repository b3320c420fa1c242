import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../../base/errors.js';
import { formatCount, plural } from '../../base/format.js';
import type { PredictOptions } from '../../runs/predict/result.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Io, warn } from '../io.js';
import { showNotices } from '../notices.js';
import { listenForSignals } from '../signals.js';
import { wholeNumber } from './numbers.js';

interface Flags extends Pick<PredictOptions, 'weights' | 'length' | 'temperature'> {
  readonly top: number;
  readonly format: 'jsonl' | 'csv';
  readonly prompt?: string[];
  readonly seed: number;
  readonly strict?: true;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  lossnet predict runs/flowers rose.jpg more-pictures/
  find . -name '*.png' | lossnet predict runs/flowers -
  tail -f measurements.csv | lossnet predict runs/pendulum - --format csv
  lossnet predict runs/spirals new.npz --top 1
  lossnet predict runs/text-gru --prompt "([" --length 40 --temperature 0.5`;

/** `lossnet predict`. */
export function predictCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('predict')
    .summary('have a trained model say what it thinks of pictures, rows, arrays or texts')
    .description(
      'Predicts samples in files, in folders of pictures or from standard input, as they come, a line for each. They become inputs as in training. What cannot be used has a line with the reason, the rest is done, and the exit code is 1.',
    )
    .argument('<run>', 'folder of a run, a checkpoint in it, or an exported model')
    .argument(
      '[inputs...]',
      'files or folders; - for standard input: rows, an array, a text, a picture or paths of some',
    )
    .addOption(new Option('--weights <which>', 'which checkpoint (default: best)').choices(['best', 'last']))
    .option('--top <k>', 'how many classes to tell, the likeliest first', wholeNumber(1), 3)
    .addOption(
      new Option('--format <format>', 'how lines are written').choices(['jsonl', 'csv']).default('jsonl'),
    )
    .option('--strict', 'stop at the first sample that cannot be used')
    .option(
      '--prompt <text>',
      'how a text begins that the model goes on with; repeatable',
      (text, before: string[] = []) => [...before, text],
    )
    .option('--length <n>', 'how many tokens it adds (default: 200)', wholeNumber(1))
    .option(
      '--temperature <t>',
      '0: always the likeliest token; 1: drawn by their probabilities; more: bolder (default: 1)',
      temperature,
    )
    .option('--seed <n>', 'seed of what is drawn', wholeNumber(0, 2 ** 31 - 1), 0)
    .option('--json', 'the same as --format jsonl, with errors as lines too')
    .addHelpText('after', EXAMPLES)
    .action(async (run: string, inputs: string[], flags: Flags) =>
      finish(await showPredictions(run, inputs, flags, io)),
    );
}

function temperature(text: string): number {
  const value = Number(text);
  if (/^[\d.+e-]+$/i.test(text) && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Expected a number, 0 or more.');
}

async function showPredictions(
  run: string,
  inputs: readonly string[],
  flags: Flags,
  io: Io,
): Promise<ExitCode> {
  const { predict } = await import('../../runs/predict/predict.js');
  const { lineWriter } = await import('../screens/predict.js');
  const { prompt: prompts = [], strict = false, format, json = false, ...options } = flags;
  if (json && format === 'csv') {
    throw new UsageError('LOSSNET_USAGE', '--json and --format csv: name one of them.');
  }
  const stop = listenForSignals(io, { words: 'Stopping.' });
  // Whoever reads may have had enough, as `head` has: then there is nothing more to do.
  let isClosed = false;
  io.stdout.on('error', () => {
    isClosed = true;
  });
  const writer = lineWriter(json ? 'jsonl' : format);
  let [done, failed] = [0, 0];
  try {
    const around = {
      env: io.env,
      signal: stop.signal,
      onProgress: showNotices(io, json),
      stdin: process.stdin,
    };
    for await (const prediction of predict(run, inputs, { ...options, prompts, ...around })) {
      for (const line of writer.write(prediction)) io.print(line);
      if (io.stdout.writableNeedDrain && !isClosed)
        await Promise.race([once(io.stdout, 'drain'), once(io.stdout, 'close')]).catch(() => {});
      if (isClosed) break;
      if ('error' in prediction) failed += 1;
      else done += 1;
      if (strict && failed > 0) break;
    }
    for (const line of writer.end()) io.print(line);
  } finally {
    stop.release();
    // It may still be waiting for more.
    process.stdin.destroy();
  }
  if (stop.exitCode !== undefined) return stop.exitCode;
  if (failed === 0) return EXIT.done;
  warn(
    io,
    strict
      ? 'stopped at the first input that could not be used (--strict)'
      : `${plural(failed, 'input')} could not be used, ${formatCount(done)} done`,
  );
  return EXIT.failed;
}
