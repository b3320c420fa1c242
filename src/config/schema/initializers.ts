import { z } from 'zod';
import { nonNegative, optional, positive, positiveInt } from './fields.js';

const nonlinearities = z.enum([
  'linear',
  'conv1d',
  'conv2d',
  'conv3d',
  'conv_transpose1d',
  'conv_transpose2d',
  'conv_transpose3d',
  'sigmoid',
  'tanh',
  'relu',
  'leaky_relu',
  'selu',
]);

const gain = z
  .union([positive, nonlinearities])
  .default(1)
  .describe('Factor on all values, or the nonlinearity after the layer, for the factor recommended for it.');

const orderOfBounds = { path: ['b'], error: 'b must not be below a' };

const uniform = z
  .strictObject({
    type: z.literal('uniform'),
    a: z.number().default(0).describe('Lower bound.'),
    b: z.number().default(1).describe('Upper bound.'),
  })
  .refine(({ a, b }) => a <= b, orderOfBounds)
  .describe('Spread evenly from a to b (torch.nn.init.uniform_).');

const normal = z
  .strictObject({
    type: z.literal('normal'),
    mean: z.number().default(0).describe('Mean of the values.'),
    std: nonNegative.default(1).describe('Standard deviation of the values.'),
  })
  .describe('Normally distributed (torch.nn.init.normal_).');

const truncNormal = z
  .strictObject({
    type: z.literal('trunc_normal'),
    mean: z.number().default(0).describe('Mean before the bounds cut.'),
    std: positive.default(1).describe('Standard deviation before the bounds cut.'),
    a: z.number().default(-2).describe('Lower bound: a value, whatever std is.'),
    b: z.number().default(2).describe('Upper bound: a value, whatever std is.'),
  })
  .refine(({ a, b }) => a <= b, orderOfBounds)
  .describe('Normally distributed, drawn again until within a and b (torch.nn.init.trunc_normal_).');

const constant = z
  .strictObject({ type: z.literal('constant'), value: z.number().describe('The value.') })
  .describe('Every value the same (torch.nn.init.constant_).');

const zeros = z.strictObject({ type: z.literal('zeros') }).describe('Every value 0 (torch.nn.init.zeros_).');

const ones = z.strictObject({ type: z.literal('ones') }).describe('Every value 1 (torch.nn.init.ones_).');

const xavierUniform = z
  .strictObject({ type: z.literal('xavier_uniform'), gain })
  .describe('Uniform, for layers before tanh, sigmoid or nothing (torch.nn.init.xavier_uniform_).');

const xavierNormal = z
  .strictObject({ type: z.literal('xavier_normal'), gain })
  .describe('Normal, for layers before tanh, sigmoid or nothing (torch.nn.init.xavier_normal_).');

const kaiming = {
  a: z.number().default(0).describe('Negative slope of leaky_relu; the others have none.'),
  mode: z
    .enum(['fan_in', 'fan_out'])
    .default('fan_in')
    .describe('Keep the size of the values on the way forward, or of the gradients on the way back.'),
  nonlinearity: nonlinearities
    .default('leaky_relu')
    .describe('What follows the layer; leaky_relu with a = 0 is relu.'),
};

const kaimingUniform = z
  .strictObject({ type: z.literal('kaiming_uniform'), ...kaiming })
  .describe('Uniform, for layers before relu or leaky_relu (torch.nn.init.kaiming_uniform_).');

const kaimingNormal = z
  .strictObject({ type: z.literal('kaiming_normal'), ...kaiming })
  .describe('Normal, for layers before relu or leaky_relu (torch.nn.init.kaiming_normal_).');

const orthogonal = z
  .strictObject({ type: z.literal('orthogonal'), gain })
  .describe('A random matrix that changes no lengths but by gain (torch.nn.init.orthogonal_).');

const sparse = z
  .strictObject({
    type: z.literal('sparse'),
    sparsity: z.number().min(0).max(1).describe('Share of each column that is 0.'),
    std: nonNegative.default(0.01).describe('Standard deviation of the other values.'),
  })
  .describe('Normally distributed, with zeroes at random places (torch.nn.init.sparse_).');

const eye = z
  .strictObject({ type: z.literal('eye') })
  .describe('The identity matrix, for linear layers (torch.nn.init.eye_).');

const dirac = z
  .strictObject({
    type: z.literal('dirac'),
    groups: positiveInt.default(1).describe('Groups of the convolution.'),
  })
  .describe('The identity, for convolutions (torch.nn.init.dirac_).');

export const initializerSchema = z
  .discriminatedUnion('type', [
    uniform,
    normal,
    truncNormal,
    constant,
    zeros,
    ones,
    xavierUniform,
    xavierNormal,
    kaimingUniform,
    kaimingNormal,
    orthogonal,
    sparse,
    eye,
    dirac,
  ])
  .describe('How a tensor gets its first values.');

/** What stands in `definitions` of the JSON schema once, instead of everywhere. */
const initializer = initializerSchema.meta({ id: 'initializer' });

export const initialWeight = optional(initializer).describe(
  "First values of the weight. Default: PyTorch's.",
);
export const initialBias = optional(initializer).describe("First values of the bias. Default: PyTorch's.");
export const layerInit = optional(
  z.strictObject({ weight: initialWeight, bias: initialBias }).meta({ id: 'layer_init' }),
).describe(
  "The layer's first values, by the names of torch.nn.init. Default: those that `init` names for all.",
);
