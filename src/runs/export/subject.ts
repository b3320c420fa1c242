import type { PixelTransforms } from '../../train/engine/graph/pixels.js';
import type { NamedLayer } from '../../train/model/layer.js';
import type { LayerOptions } from '../../train/model/layers/index.js';
import { dimensions, engineDimensions, type InputShape, type Shape } from '../../train/model/shape.js';
import type { Target } from '../../train/task/index.js';

/** What is exported: layers with their weights, and what goes before and after them. */
export interface Subject {
  readonly input: InputShape;
  readonly layers: readonly NamedLayer[];
  /** What the layers were made from. */
  readonly options: readonly LayerOptions[];
  /** Of images; what else there is comes as it is. */
  readonly transforms: PixelTransforms;
  readonly target: Target;
}

/** What goes in, or comes out. */
export interface Port {
  readonly name: 'images' | 'features' | 'tokens' | 'logits' | 'values';
  readonly dtype: 'float32' | 'int32';
  /** The first is the batch; null: of any size. */
  readonly shape: readonly (number | null)[];
}

/**
 * What every exported model takes and gives, whatever the format: images [batch, height, width, channels], pixels from 0 to 255;
 * features [batch, features], as they are encoded for training; tokens [batch, length]; logits [batch, classes], or values
 * [batch, values] in their own units.
 *
 * @param subject what is exported
 * @param batchSize how many samples it takes at once; null: any number
 */
export function portsOf(
  { input, layers, target }: Pick<Subject, 'input' | 'layers' | 'target'>,
  batchSize: number | null,
): { readonly input: Port; readonly output: Port } {
  const names = { image: 'images', features: 'features', sequence: 'features', tokens: 'tokens' } as const;
  return {
    input: {
      name: names[input.kind],
      dtype: input.kind === 'tokens' ? 'int32' : 'float32',
      shape: [batchSize, ...engineDimensions(input)],
    },
    output: {
      name: target.kind === 'class' ? 'logits' : 'values',
      dtype: 'float32',
      shape: [batchSize, ...dimensions(layers.at(-1)?.output ?? (input as Shape))],
    },
  };
}

/** Whether what a model says of a sample depends on the others in the batch: batch normalisation without running statistics. */
export function looksAtBatch(options: readonly LayerOptions[]): boolean {
  return options.some((layer) => {
    switch (layer.type) {
      case 'batch_norm1d':
      case 'batch_norm2d':
        return !layer.trackRunningStats;
      case 'residual':
        return looksAtBatch(layer.layers) || looksAtBatch(layer.projection ?? []);
      default:
        return false;
    }
  });
}
