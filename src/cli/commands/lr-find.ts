import { Command } from 'commander';
import { UsageError } from '../../base/errors.js';
import { isPresetName, type PresetName, presetNames } from '../../config/presets.js';
import { nearest } from '../../config/validate/spelling.js';
import type { ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { positiveNumber, wholeNumber } from './numbers.js';

interface Flags {
  readonly optimizers?: string;
  readonly min: number;
  readonly max: number;
  readonly steps?: number;
  readonly json?: true;
}

/** `lossnet lr-find`. */
export function lrFindCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('lr-find')
    .summary('find the learning rate to train with')
    .description(
      'Learning-rate range test: trains a copy of the model with a learning rate that\ngrows from step to step until the loss diverges, and suggests one safely below\nthat, after a short training at it and at its half. The copies are thrown away;\nnothing is written.',
    )
    .argument('<config>', 'YAML configuration')
    .argument(
      '[overrides...]',
      'values that replace those of the configuration, such as loader.batch_size=256',
    )
    .option('--optimizers <names>', 'test these instead of its own, each from the same weights: sgd,adam,...')
    .option('--min <lr>', 'learning rate of the first step', positiveNumber, 1e-7)
    .option('--max <lr>', 'learning rate of the last step', positiveNumber, 10)
    .option('--steps <n>', 'how many steps (default: 200; 800 if the loss falls little)', wholeNumber(10))
    .option('--json', 'print everything as one JSON object on stdout')
    .action(async (file: string, overrides: string[], flags: Flags) => {
      const { min, max, steps, json = false } = flags;
      if (min >= max) {
        throw new UsageError('LOSSNET_USAGE', `--min ${min} is not below --max ${max}.`);
      }
      const { loadConfig } = await import('../../config/index.js');
      const { showLr } = await import('../lr-find/show.js');
      const resolved = loadConfig({ file, overrides, env: io.env });
      for (const note of resolved.notes) io.log(`note: ${note}`);
      const optimizers = flags.optimizers === undefined ? undefined : presetsIn(flags.optimizers);
      finish(await showLr({ resolved, overrides }, { optimizers, min, max, steps, json }, io));
    });
}

/** The presets that `--optimizers` names. */
function presetsIn(text: string): PresetName[] {
  const wanted = [...new Set(text.split(',').map((name) => name.trim()))].filter((name) => name !== '');
  const unknown = wanted.filter((name) => !isPresetName(name));
  if (wanted.length > 0 && unknown.length === 0) return wanted.filter(isPresetName);
  const received = unknown.map((name) => {
    const meant = nearest(name, presetNames);
    return `${name}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
  });
  throw new UsageError(
    'LOSSNET_USAGE',
    unknown.length === 0 ? '--optimizers names none.' : `--optimizers: unknown: ${received.join(', ')}.`,
    `Allowed, separated by commas: ${presetNames.join(', ')}.`,
  );
}
