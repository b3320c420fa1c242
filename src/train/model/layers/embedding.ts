import { lookUp } from '../../backend/kernels/look-up.js';
import { tensorflow } from '../../backend/tensorflow.js';
import { type InitializerOptions, normal } from '../init/index.js';
import { type Layer, type LayerContext, LayerError } from '../layer.js';
import { plainLayout } from '../layout.js';
import { torchOrder } from '../order.js';
import { Parameter } from '../parameter.js';
import { type InputShape, nameShape } from '../shape.js';
import { initialized } from './weights.js';

export interface EmbeddingOptions {
  readonly type: 'embedding';
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  readonly init: { readonly weight: InitializerOptions | null } | null;
}

/**
 * A trained vector for each whole number: tokens, or features that are indices, become a sequence of vectors.
 *
 *     y[i] = weight[x[i]]
 *
 * @param options numEmbeddings, how many numbers there are; embeddingDim, the vectors' length; paddingIdx, a number
 * whose vector begins as zeros and is never trained, default null
 * @param context name and input shape: tokens, or features that are whole numbers, such as pixels with `transforms.scale: false`
 * @returns the layer; `weight` is [numEmbeddings, embeddingDim], its output a sequence
 * @throws LayerError when the input is not made of whole numbers, or of larger ones than there are vectors
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html
 */
export function embedding(options: EmbeddingOptions, { name, input }: LayerContext<InputShape>): Layer {
  const { numEmbeddings, embeddingDim, paddingIdx } = options;
  const { length, below } = numbersOf(input);
  if (numEmbeddings < below) {
    throw new LayerError(
      `embedding has ${numEmbeddings} vectors for numbers up to ${below - 1}`,
      `Set num_embeddings to ${below} or more.`,
    );
  }
  if (paddingIdx !== null && paddingIdx >= numEmbeddings) {
    throw new LayerError(
      `embedding has no vector ${paddingIdx} for padding_idx: there are ${numEmbeddings}, counted from 0`,
    );
  }
  const shape = [numEmbeddings, embeddingDim];
  const weight = initialized(
    new Parameter(`${name}.weight`, shape, plainLayout(shape)),
    options.init?.weight,
    normal(0, 1),
  );
  return {
    type: options.type,
    output: { kind: 'sequence', length, features: embeddingDim },
    parameters: [paddingIdx === null ? weight : withZeros(weight, paddingIdx, embeddingDim)],
    forward: (x) => {
      const indices = input.kind === 'tokens' ? x : tensorflow().cast(torchOrder(x, input), 'int32');
      return lookUp(weight.parameter.data, indices, paddingIdx);
    },
  };
}

/** How many numbers a sample has, and below which number they are. */
function numbersOf(input: InputShape): { readonly length: number; readonly below: number } {
  if (input.kind === 'tokens') return { length: input.length, below: input.vocabulary };
  if (input.kind !== 'features') {
    throw new LayerError(
      `embedding needs features but gets ${nameShape(input)}`,
      'Put { type: flatten } before it.',
    );
  }
  if (input.wholeBelow === undefined) {
    throw new LayerError(
      'embedding looks up whole numbers, but its input is any numbers',
      'Set transforms.scale to false, and transforms.normalize to null, so that pixels stay 0 to 255; only max_pool2d and flatten may come before.',
    );
  }
  return { length: input.features, below: input.wholeBelow };
}

function withZeros({ parameter, initializer }: ReturnType<typeof initialized>, row: number, size: number) {
  return {
    parameter,
    initializer: ((values, shape, stream) => {
      initializer(values, shape, stream);
      values.fill(0, row * size, (row + 1) * size);
    }) satisfies typeof initializer,
  };
}
