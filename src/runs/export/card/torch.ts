import type { LayerOptions } from '../../../train/model/layers/index.js';
import { normalizedSizes } from '../../../train/model/layers/layer-norm.js';
import { needImage, type Size2d } from '../../../train/model/layers/window.js';
import { describeShape, type Shape } from '../../../train/model/shape.js';
import { branchesOf, numbersInto, type Place, placesOf } from '../places.js';
import type { Subject } from '../subject.js';

/** Modules that PyTorch has not, or that give something else there. */
const CLASSES: Readonly<Record<string, string>> = {
  Residual: `class Residual(nn.Module):
    def __init__(self, layers, projection=None):
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.projection = nn.Sequential(*projection) if projection else None
    def forward(self, x):
        return self.layers(x) + (self.projection(x) if self.projection else x)`,
  Recurrent: `def recurrent(base, output):
    class Recurrent(base):
        def forward(self, x):
            states, last = super().forward(x)
            if output == "all":
                return states
            last = last[0] if isinstance(last, tuple) else last
            return last[-(2 if self.bidirectional else 1):].transpose(0, 1).flatten(1)
    return Recurrent`,
  Embedding: `class Embedding(nn.Embedding):
    def forward(self, x):
        return super().forward(x.long())`,
};

/**
 * Writes a model as PyTorch code: what the names of its weights are about.
 *
 * @param subject the model
 * @returns Python that makes `model`, after `from torch import nn`
 */
export function torchCode({ options, layers, input }: Subject): string {
  const lines = modules(placesOf(options, layers, input), '    ');
  const code = `model = nn.Sequential(\n${lines.join('\n')}\n)`;
  const marks = { Residual: 'Residual(', Recurrent: 'recurrent(', Embedding: ' Embedding(' };
  const needed = Object.entries(marks).flatMap(([name, mark]) =>
    code.includes(mark) ? [CLASSES[name]!] : [],
  );
  return [...needed, code].join('\n\n');
}

function modules(places: readonly Place[], indent: string): string[] {
  return places.map((place) => `${indent}${moduleOf(place, indent)},`);
}

/** A call; what has its default is left out. */
function call(
  name: string,
  first: readonly unknown[],
  named: Readonly<Record<string, unknown>> = {},
): string {
  const rest = Object.entries(named).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${python(value)}`],
  );
  return `${name}(${[...first.map(python), ...rest].join(', ')})`;
}

function python(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `(${value.map(python).join(', ')}${value.length === 1 ? ',' : ''})`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** undefined where it is PyTorch's default. */
const unless = <T>(value: T, usual: T): T | undefined => (value === usual ? undefined : value);
const sizeUnless = (size: Size2d | string, usual: number) => unless<unknown>(size, usual);

function moduleOf(any: Place, indent: string): string {
  if (any.options.type === 'embedding') {
    const { numEmbeddings, embeddingDim, paddingIdx } = any.options;
    return call('Embedding', [numEmbeddings, embeddingDim], { padding_idx: unless(paddingIdx, null) });
  }
  const place = numbersInto(any);
  const { options, input } = place;
  switch (options.type) {
    case 'conv2d':
      return call(
        'nn.Conv2d',
        [needImage('conv2d', input).channels, options.outChannels, options.kernelSize],
        {
          stride: sizeUnless(options.stride, 1),
          padding: sizeUnless(options.padding, 0),
          dilation: sizeUnless(options.dilation, 1),
          groups: unless(options.groups, 1),
          bias: unless(options.bias, true),
        },
      );
    case 'max_pool2d':
    case 'avg_pool2d':
      return call(options.type === 'max_pool2d' ? 'nn.MaxPool2d' : 'nn.AvgPool2d', [options.kernelSize], {
        stride: options.stride ?? undefined,
        padding: sizeUnless(options.padding, 0),
        ceil_mode: unless(options.ceilMode, false),
        ...(options.type === 'avg_pool2d' && {
          count_include_pad: unless(options.countIncludePad, true),
          divisor_override: unless(options.divisorOverride, null),
        }),
      });
    case 'adaptive_avg_pool2d':
      return call('nn.AdaptiveAvgPool2d', [options.outputSize]);
    case 'flatten':
      return call('nn.Flatten', [], {
        start_dim: unless(options.startDim, 1),
        end_dim: unless(options.endDim, -1),
      });
    case 'linear':
      return call('nn.Linear', [featuresOf(input), options.outFeatures], {
        bias: unless(options.bias, true),
      });
    case 'batch_norm1d':
    case 'batch_norm2d':
      return call(
        options.type === 'batch_norm1d' ? 'nn.BatchNorm1d' : 'nn.BatchNorm2d',
        [Number(describeShape(input).split(' ')[0])],
        {
          eps: unless(options.eps, 1e-5),
          momentum: unless(options.momentum, 0.1),
          affine: unless(options.affine, true),
          track_running_stats: unless(options.trackRunningStats, true),
        },
      );
    case 'layer_norm':
      return call('nn.LayerNorm', [normalizedSizes(options, input)], {
        eps: unless(options.eps, 1e-5),
        elementwise_affine: unless(options.elementwiseAffine, true),
        bias: unless(options.bias, true),
      });
    case 'gru':
    case 'lstm': {
      const base = `recurrent(nn.${options.type.toUpperCase()}, ${python(options.output)})`;
      return call(base, [featuresOf(input), options.hiddenSize], {
        num_layers: unless(options.numLayers, 1),
        bias: unless(options.bias, true),
        dropout: unless(options.dropout, 0),
        bidirectional: unless(options.bidirectional, false),
        batch_first: true,
      });
    }
    case 'residual': {
      const { layers, projection } = branchesOf(place, input);
      const list = (branch: readonly Place[]) =>
        `[\n${modules(branch, `${indent}    `).join('\n')}\n${indent}]`;
      return `Residual(${[layers, projection]
        .filter(({ length }) => length > 0)
        .map(list)
        .join(', ')})`;
    }
    default:
      return elementwise(options);
  }
}

function elementwise(
  options: Extract<
    LayerOptions,
    {
      type:
        | 'relu'
        | 'leaky_relu'
        | 'elu'
        | 'gelu'
        | 'silu'
        | 'sigmoid'
        | 'tanh'
        | 'softmax'
        | 'log_softmax'
        | 'dropout';
    }
  >,
): string {
  switch (options.type) {
    case 'relu':
      return 'nn.ReLU()';
    case 'leaky_relu':
      return call('nn.LeakyReLU', [options.negativeSlope]);
    case 'elu':
      return call('nn.ELU', [options.alpha]);
    case 'gelu':
      return call('nn.GELU', [], { approximate: unless(options.approximate, 'none') });
    case 'silu':
      return 'nn.SiLU()';
    case 'sigmoid':
      return 'nn.Sigmoid()';
    case 'tanh':
      return 'nn.Tanh()';
    case 'softmax':
      return call('nn.Softmax', [], { dim: options.dim ?? 1 });
    case 'log_softmax':
      return call('nn.LogSoftmax', [], { dim: options.dim ?? 1 });
    case 'dropout':
      return call('nn.Dropout', [options.p]);
  }
}

function featuresOf(input: Shape): number {
  if (input.kind === 'image') throw new Error('an image has no features');
  return input.features;
}
