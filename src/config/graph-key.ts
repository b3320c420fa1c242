import type { DataSpec } from '../train/data/dataset.js';
import type { BatchSizes } from '../train/engine/graph/compiled-graph.js';
import type { LossOptions } from '../train/loss/index.js';
import type { GroupOptions, OptimizerOptions } from '../train/optim/index.js';
import { type Config, optimizerOptions } from './plan.js';

/** What a run's graph is compiled from, besides the data. */
interface Compiled {
  readonly config: Config;
  /** With the class weights that it has. */
  readonly loss: LossOptions;
  readonly sizes: BatchSizes;
}

/**
 * Names the graph of a run: runs of one name have the same graph, to the last byte, and differ only in what is fed at each step.
 * Rather two names for one graph than one name for two: what is not known to be fed is part of the name.
 *
 * @param run what is compiled
 * @param spec of the data
 * @returns the name
 */
export function graphKey({ config, loss, sizes }: Compiled, { input, target }: DataSpec): string {
  const { engine, model, freeze, frozenMode, clipGradNorm, clipGradValue } = config;
  const { scale, normalize } = config.transforms;
  const parts = {
    ...{ engine, input, target, model, freeze, frozenMode, loss, clipGradNorm, clipGradValue },
    ...{ scale, normalize, sizes },
    optimizer: unfed(optimizerOptions(config)),
    seed: drawsNumbers(model) ? config.seed : null,
  };
  // JSON has no numbers that are not finite.
  return JSON.stringify(parts, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value,
  );
}

type Options = ReturnType<typeof optimizerOptions>;

/** An optimizer's options without the numbers that are fed. */
function unfed({ groups = [], ...options }: Options): unknown {
  return { all: withoutFed(options as OptimizerOptions), groups: groups.map(withoutFed) };
}

function withoutFed(options: OptimizerOptions | GroupOptions): unknown {
  const { lr: _, ...rest } = options;
  // Without momentum there is no buffer; with it, how large it is is fed. Betas are written down as they are.
  return 'momentum' in rest && typeof rest.momentum === 'number'
    ? { ...rest, momentum: rest.momentum !== 0 }
    : rest;
}

/** Whether the seed decides what a layer does: of dropout alone, in a layer of its own or between those of a recurrent one. */
function drawsNumbers(block: unknown): boolean {
  if (typeof block !== 'object' || block === null) return false;
  return Object.entries(block).some(
    ([key, value]: [string, unknown]) =>
      (key === 'type' && value === 'dropout') || (key === 'dropout' && value !== 0) || drawsNumbers(value),
  );
}
