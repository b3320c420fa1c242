import { lossOptions } from '../../src/config/loss.js';
import { toCamelCase } from '../../src/config/naming.js';
import { modelSchema } from '../../src/config/schema/layers.js';
import { lossSchema } from '../../src/config/schema/losses.js';
import { optimizerSchema } from '../../src/config/schema/optimizers.js';
import type { LossOptions } from '../../src/train/loss/index.js';
import type { LayerOptions } from '../../src/train/model/layers/index.js';
import type { Grouping, OptimizerOptions } from '../../src/train/optim/index.js';

/** A block as a configuration file has it: `type`, and of the other keys those that have no default. */
export type Block = Readonly<Record<string, unknown>>;

/** Layers as a configuration makes them, so that its defaults are tested along. */
export const layersOf = (...blocks: Block[]): readonly LayerOptions[] =>
  toCamelCase(modelSchema.parse(blocks));

export const optimizerOf = (block: Block): OptimizerOptions & Grouping =>
  toCamelCase(optimizerSchema.parse(block));

export const lossOf = (block: Block): LossOptions => lossOptions(toCamelCase(lossSchema.parse(block)), null);
