import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { exists, kindOf } from '../../base/read.js';
import { isExported, RunFolder } from '../store/folder.js';
import { missingRun } from '../store/read.js';

/** Which of a run's checkpoints. */
export type Weights = 'best' | 'last';

/** Where a trained model is: in a run, or in what `export` has written. */
export type Found =
  | { readonly kind: 'run'; readonly folder: RunFolder; readonly checkpoint: string }
  | { readonly kind: 'export'; readonly folder: string };

/**
 * Finds a trained model by what was named.
 *
 * @param path the folder of a run, a checkpoint in one, or an exported model: its folder, or the file in it
 * @param weights which checkpoint of a run; default: the best, of a run without an evaluation the last
 * @returns where it is
 * @throws UsageError when there is no trained model
 */
export function findTrained(path: string, weights?: Weights): Found {
  const kind = kindOf(path);
  if (kind === 'folder') return inFolder(path, weights);
  if (kind === null) throw missingRun(path);
  const folder = dirname(path);
  if (weights !== undefined) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `${path} names the weights itself, and --weights ${weights} others.`,
      'Leave out --weights, or name the folder of the run.',
    );
  }
  if (isExported(folder)) return { kind: 'export', folder };
  const run = new RunFolder(basename(folder) === 'checkpoints' ? dirname(folder) : folder);
  if (path.endsWith('.safetensors') && exists(run.config)) {
    return { kind: 'run', folder: run, checkpoint: path };
  }
  throw new UsageError(
    'LOSSNET_RUN_MISSING',
    path.endsWith('.safetensors')
      ? `${path} holds weights alone: what model they are of is said by the config.yaml of its run, and that is not beside it.`
      : `${path} is no trained model.`,
    'Name the folder of a run, a checkpoint in it such as runs/mine/checkpoints/best.safetensors, or the folder of an export.',
  );
}

function inFolder(path: string, weights: Weights | undefined): Found {
  if (isExported(path)) {
    if (weights === undefined) return { kind: 'export', folder: path };
    throw new UsageError(
      'LOSSNET_USAGE',
      `${path} is an exported model, which has but one set of weights: leave out --weights ${weights}.`,
    );
  }
  const own = new RunFolder(path);
  const folder = !exists(own.config) && basename(path) === 'checkpoints' ? new RunFolder(dirname(path)) : own;
  if (!exists(folder.config)) throw missingRun(path);
  const fileOf = (name: Weights) => join(folder.checkpoints, `${name}.safetensors`);
  const names: readonly Weights[] = weights === undefined ? ['best', 'last'] : [weights];
  const found = names.map(fileOf).find(exists);
  if (found !== undefined) return { kind: 'run', folder, checkpoint: found };
  const other = (['best', 'last'] as const).find((name) => exists(fileOf(name)));
  throw new UsageError(
    'LOSSNET_RUN_MISSING',
    `${path} has no checkpoint ${fileOf(names[0]!)}.`,
    other === undefined
      ? 'No epoch of it came to its end: train it for one at least.'
      : `It has ${fileOf(other)}: take that with --weights ${other}.`,
  );
}
