import { Command, Option } from 'commander';
import { MOST_SAMPLES } from '../../runs/most-samples.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { showNotices } from '../notices.js';
import { wholeNumber } from './numbers.js';

interface Flags {
  readonly format: 'savedmodel';
  readonly weights: 'best' | 'last';
  readonly output?: string;
  readonly batchSize: number;
  readonly force?: true;
}

/** `lossnet export`. */
export function exportCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('export')
    .summary('write a trained model for other programs')
    .description(
      'Writes the evaluation graph of a run, its weights inside, as a SavedModel\nthat TensorFlow loads: images [n, height, width, channels], float32, pixels\nfrom 0 to 255, to logits [n, classes].',
    )
    .argument('<run>', 'folder of the run')
    .addOption(new Option('--format <format>', 'what to write').choices(['savedmodel']).default('savedmodel'))
    .addOption(new Option('--weights <which>', 'which checkpoint').choices(['best', 'last']).default('best'))
    .option('-o, --output <folder>', 'where to write it (default: <run>/savedmodel)')
    .option('--batch-size <n>', 'how many images it takes at once', wholeNumber(1, MOST_SAMPLES), 1)
    .option('--force', 'replace what was exported there before')
    .action(async (run: string, flags: Flags) => finish(await showExport(run, flags, io)));
}

async function showExport(run: string, { format: _, ...flags }: Flags, io: Io): Promise<ExitCode> {
  const { exportModel } = await import('../../runs/export.js');
  const options = { ...flags, onProgress: showNotices(io) };
  const { checkpoint, folder, names, input, output } = await exportModel(run, options);
  const width = Math.max(names.input.length, names.output.length) + 2;
  const [left, right] = [names.input, names.output].map((name) => name.padEnd(width));
  const what = names.input === 'images' ? 'pixels from 0 to 255' : 'as they are encoded for training';
  io.print(`exported ${checkpoint} to ${folder}`);
  io.print(`  ${left}[${input.join(', ')}]  ${names.input === 'tokens' ? 'int32' : 'float32'}, ${what}`);
  io.print(`  ${right}[${output.join(', ')}]`);
  return EXIT.done;
}
