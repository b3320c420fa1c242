import { Command } from 'commander';
import { plural } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import { toSnakeCase } from '../../config/naming.js';
import type { ExportCheck } from '../../runs/export/check.js';
import type { Exported, ExportOptions } from '../../runs/export/export.js';
import { EXPORT_FORMATS, MOST_SAMPLES } from '../../runs/export/formats.js';
import { ROWS_FILES } from '../../runs/export/rows/names.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { showNotices } from '../notices.js';
import { listenForSignals } from '../signals.js';
import { choice } from './choice.js';
import { wholeNumber } from './numbers.js';

interface Flags
  extends Pick<ExportOptions, 'format' | 'weights' | 'output' | 'batchSize' | 'force' | 'license'> {
  readonly check: boolean;
  readonly json?: boolean;
}

const MORE_HELP = `
Formats:
  savedmodel   for TensorFlow, TensorFlow Serving and tfjs-node
  onnx         for all that reads ONNX; the check needs the package onnxruntime-node
  tfjs         for browsers: tf.loadGraphModel('model.json')
  safetensors  the weights alone, for PyTorch

Examples:
  lossnet export runs/cifar-sgd --format onnx
  lossnet export runs/cifar-sgd --format tfjs -o site/model --license apache-2.0`;

/** `lossnet export`. */
export function exportCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('export')
    .summary('write a trained model for other programs')
    .description(
      "Writes a run's model, its weights inside, with a model card, the configuration\n" +
        'and what was learnt from the data before training. It takes pixels from 0 to\n' +
        '255, features as they are encoded for training, or tokens: scaling and\n' +
        'normalisation are inside. Of a table, rows.py and rows.mjs beside the model\n' +
        'make features of its rows, without a package. What was written is run on 100\n' +
        'samples, and must say what lossnet says.',
    )
    .argument('<run>', 'folder of a run, or a checkpoint in it')
    .addOption(choice('--format <format>', 'what to write', EXPORT_FORMATS).default('savedmodel'))
    .addOption(choice('--weights <which>', 'which checkpoint (default: best)', ['best', 'last']))
    .option('-o, --output <folder>', 'where to write it (default: <run>/<format>)')
    .option(
      '--batch-size <n>',
      'how many samples it takes at once (default: any number, savedmodel: 1)',
      wholeNumber(1, MOST_SAMPLES),
    )
    .option('--license <name>', 'licence for the model card, such as apache-2.0 (default: unknown)')
    .option('--no-check', 'do not run what was written')
    .option('--force', 'replace what was exported there before')
    .option('--json', 'print the result as one JSON object on stdout')
    .addHelpText('after', MORE_HELP)
    .action(async (run: string, flags: Flags) => finish(await runExport(run, flags, io)));
}

async function runExport(run: string, { json = false, ...flags }: Flags, io: Io): Promise<ExitCode> {
  const { exportModel } = await import('../../runs/export/export.js');
  const stop = listenForSignals(io, { words: 'Stopping. Nothing is exported.' });
  try {
    const around = { env: io.env, signal: stop.signal, onProgress: showNotices(io, json) };
    const exported = await exportModel(run, { ...flags, ...around });
    if (exported === null) return stop.exitCode ?? EXIT.failed;
    if (json) io.print(jsonLine({ type: 'export', ...toSnakeCase(exported) }));
    else show(io, exported);
    return EXIT.done;
  } finally {
    stop.release();
  }
}

function show(io: Io, { checkpoint, folder, files, bytes, input, output, check }: Exported): void {
  const width = Math.max(input.name.length, output.name.length) + 2;
  const sizes = ({ shape }: Exported['input']) => `[${shape.map((size) => size ?? 'n').join(', ')}]`;
  const modules = files.filter((name) => Object.values<string>(ROWS_FILES).includes(name));
  const what =
    modules.length > 0
      ? `made of rows by ${modules.join(' or ')}`
      : input.name === 'images'
        ? 'pixels from 0 to 255'
        : 'as they are encoded for training';
  io.say(`exported ${checkpoint} to ${folder} (${formatBytes(bytes)})`);
  io.say(`  ${input.name.padEnd(width)}${sizes(input)}  ${input.dtype}, ${what}`);
  io.print(`  ${output.name.padEnd(width)}${sizes(output)}`);
  io.say(check === null ? 'not checked: it was not run' : checkText(check, input.name));
}

const NOUNS: Readonly<Record<string, string>> = { images: 'image', features: 'row', tokens: 'sequence' };

function checkText({ samples, data, largestDifference, largestValue }: ExportCheck, input: string): string {
  const of =
    data === 'evaluation'
      ? `${plural(samples, NOUNS[input]!)} of its evaluation data`
      : `${plural(samples, `random ${NOUNS[input]}`)}, as its data are not at hand`;
  const share = largestValue === 0 ? 0 : largestDifference / largestValue;
  const digits = (value: number) => Number(value.toPrecision(2));
  return `checked on ${of}: ${digits(largestDifference)} from lossnet's outputs at most, ${digits(share)} of the largest`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1024)} KB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
