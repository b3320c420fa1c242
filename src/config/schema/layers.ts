import { z } from 'zod';
import { nonNegative, nonNegativeInt, optional, positiveInt, probability } from './fields.js';
import { adaptiveAvgPool2d, avgPool2d, bias, conv2d, maxPool2d } from './image-layers.js';
import { initialWeight, layerInit } from './initializers.js';

const eps = nonNegative.default(1e-5).describe('Added to the variance.');
const flatten = z
  .strictObject({
    type: z.literal('flatten'),
    start_dim: z.int().default(1).describe('First dimension that is joined; 0 is the batch.'),
    end_dim: z.int().default(-1).describe('Last dimension that is joined.'),
  })
  .describe('Image to vector, in the order channel, row, column, or to a sequence (torch.nn.Flatten).');

const linear = z
  .strictObject({
    type: z.literal('linear'),
    out_features: positiveInt.describe('Number of outputs.'),
    bias,
    init: layerInit,
  })
  .describe('Fully connected layer (torch.nn.Linear); input features are inferred.');

const relu = z.strictObject({ type: z.literal('relu') }).describe('max(x, 0) (torch.nn.ReLU).');

const leakyRelu = z
  .strictObject({
    type: z.literal('leaky_relu'),
    negative_slope: z.number().default(0.01).describe('Slope below 0.'),
  })
  .describe('x, below 0 negative_slope x (torch.nn.LeakyReLU).');

const elu = z
  .strictObject({
    type: z.literal('elu'),
    alpha: z.number().default(1).describe('The limit below 0 is -alpha.'),
  })
  .describe('x, below 0 alpha (exp(x) - 1) (torch.nn.ELU).');

const gelu = z
  .strictObject({
    type: z.literal('gelu'),
    approximate: z.enum(['none', 'tanh']).default('none').describe('none: exact; tanh: approximated by it.'),
  })
  .describe('x times the normal distribution function of x (torch.nn.GELU).');

const silu = z
  .strictObject({ type: z.literal('silu') })
  .describe('x sigmoid(x), also called swish (torch.nn.SiLU).');
const sigmoid = z
  .strictObject({ type: z.literal('sigmoid') })
  .describe('1 / (1 + exp(-x)) (torch.nn.Sigmoid).');
const tanh = z.strictObject({ type: z.literal('tanh') }).describe('Hyperbolic tangent (torch.nn.Tanh).');

const dim = optional(z.int()).describe(
  'Dimension along which probabilities add up to 1, the batch being 0. Default: 1; a sequence needs one named.',
);
const softmax = z
  .strictObject({ type: z.literal('softmax'), dim })
  .describe('Numbers to probabilities (torch.nn.Softmax). cross_entropy has it inside.');
const logSoftmax = z
  .strictObject({ type: z.literal('log_softmax'), dim })
  .describe('Numbers to logarithms of probabilities (torch.nn.LogSoftmax), for the losses nll and kl_div.');

const dropout = z
  .strictObject({
    type: z.literal('dropout'),
    p: probability.default(0.5).describe('Probability that an element is zeroed.'),
  })
  .describe(
    'In training, zeroes elements with probability p and scales the rest by 1/(1-p) (torch.nn.Dropout).',
  );

const batchNorm = {
  eps,
  momentum: probability
    .nullable()
    .default(0.1)
    .describe('Share of the new batch in the running statistics; null: the plain average over all batches.'),
  affine: z.boolean().default(true).describe('Scale and shift by learned values.'),
  track_running_stats: z
    .boolean()
    .default(true)
    .describe('Evaluate with running statistics; without them, with those of each batch.'),
  init: layerInit,
};
const batchNorm1d = z
  .strictObject({ type: z.literal('batch_norm1d'), ...batchNorm })
  .describe('Normalises each feature over the batch (torch.nn.BatchNorm1d).');
const batchNorm2d = z
  .strictObject({ type: z.literal('batch_norm2d'), ...batchNorm })
  .describe('Normalises each channel over batch and pixels (torch.nn.BatchNorm2d).');

const layerNorm = z
  .strictObject({
    type: z.literal('layer_norm'),
    normalized_shape: optional(z.union([positiveInt, z.array(positiveInt).min(1)])).describe(
      'Sizes of the last dimensions to normalise over. Default: all of a sample; of a sequence, the features of each step.',
    ),
    eps,
    elementwise_affine: z.boolean().default(true).describe('Scale by learned values.'),
    bias: z.boolean().default(true).describe('Shift by learned values too.'),
    init: layerInit,
  })
  .describe('Normalises each sample over its last dimensions (torch.nn.LayerNorm).');

const embedding = z
  .strictObject({
    type: z.literal('embedding'),
    num_embeddings: positiveInt.describe('How many vectors there are: one more than the largest number.'),
    embedding_dim: positiveInt.describe('Length of each vector.'),
    padding_idx: optional(nonNegativeInt).describe('Number whose vector is zeros and never trained.'),
    init: optional(z.strictObject({ weight: initialWeight })).describe(
      'Its first values. Default: normal with mean 0 and standard deviation 1.',
    ),
  })
  .describe('A learned vector for each whole number (torch.nn.Embedding).');

const recurrent = {
  hidden_size: positiveInt.describe('Length of the state.'),
  num_layers: positiveInt.max(1000).default(1).describe('How many are stacked.'),
  bias: z.boolean().default(true).describe('Add learned values to each gate.'),
  batch_first: z
    .literal(true)
    .default(true)
    .describe("The batch is always the first dimension; PyTorch's default is false."),
  dropout: probability.default(0).describe('Dropout between stacked layers.'),
  bidirectional: z.boolean().default(false).describe('Go backwards too; both states stand side by side.'),
  output: z.enum(['last', 'all']).default('last').describe('The state at the end, or after each step.'),
  init: layerInit,
};
const gru = z
  .strictObject({ type: z.literal('gru'), ...recurrent })
  .describe('Gated recurrent units along a sequence (torch.nn.GRU).');
const lstm = z
  .strictObject({ type: z.literal('lstm'), ...recurrent })
  .describe('Long short-term memory along a sequence (torch.nn.LSTM).');

const residual = z
  .strictObject({
    type: z.literal('residual'),
    // Getters, since they lead back to this very list of layers.
    get layers() {
      return z.array(layerSchema).min(1).describe('What is added to the input.');
    },
    get projection() {
      return optional(z.array(layerSchema).min(1)).describe(
        'What the input goes through before the sum, to bring it to the same shape. Default: nothing.',
      );
    },
  })
  .describe('Adds what its layers make of the input to the input itself.');

export const layerSchema = z
  .discriminatedUnion('type', [
    conv2d,
    maxPool2d,
    avgPool2d,
    adaptiveAvgPool2d,
    flatten,
    linear,
    relu,
    leakyRelu,
    elu,
    gelu,
    silu,
    sigmoid,
    tanh,
    softmax,
    logSoftmax,
    dropout,
    batchNorm1d,
    batchNorm2d,
    layerNorm,
    embedding,
    gru,
    lstm,
    residual,
  ])
  .meta({ id: 'layer' });

export const modelSchema = z
  .array(layerSchema)
  .min(1)
  .describe('The layers, first to last: a torch.nn.Sequential.');
