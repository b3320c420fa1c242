import { batchNorm as normalizeBatch } from '../../backend/kernels/batch-norm.js';
import { layerNorm } from '../../backend/kernels/layer-norm.js';
import { type Tensor, type Tensor4D, tensorflow } from '../../backend/tensorflow.js';
import { constant } from '../init/index.js';
import { type ForwardPass, type Initialized, type Layer, type LayerContext, LayerError } from '../layer.js';
import { type Layout, plainLayout } from '../layout.js';
import { featuresLayout } from '../order.js';
import { Parameter } from '../parameter.js';
import { anyNumbers, nameShape, type Shape } from '../shape.js';
import { initialized, type LayerInit } from './weights.js';
import { needImage } from './window.js';

export interface BatchNormOptions {
  readonly type: 'batch_norm1d' | 'batch_norm2d';
  readonly eps: number;
  /** null: the plain average over all batches so far */
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  readonly init: LayerInit;
}

/**
 * Normalises each channel: in training by the mean and variance of the batch, in evaluation by their running averages.
 *
 *     y = (x - mean) / sqrt(var + eps) * weight + bias
 *     running = (1 - momentum) * running + momentum * that of the batch
 *
 * The batch is normalised by its biased variance, the running average takes the unbiased one. momentum is the share of
 * the new value; Keras's is the share of the old one.
 *
 * @param options eps, default 1e-5; momentum, default 0.1, null for the plain average over all batches; affine,
 * default true: whether there are weight and bias; trackRunningStats, default true: without, evaluation too uses
 * the batch's own statistics
 * @param context name and input shape: an image for batch_norm2d; features or a sequence for batch_norm1d, whose
 * channels are PyTorch's dimension 1: a sequence's steps
 * @returns the layer; `weight`, `bias` and the buffers `running_mean`, `running_var` are [channels],
 * `num_batches_tracked` counts the training batches
 * @throws LayerError when the input has another shape
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html; Ioffe and Szegedy, 2015
 */
export function batchNorm(options: BatchNormOptions, context: LayerContext): Layer {
  const { type, eps, momentum, affine, trackRunningStats } = options;
  const { name, input } = context;
  const { channels, layout, toImage, back } = viewAsImage(type, input);
  const tensor = (suffix: string) => new Parameter(`${name}.${suffix}`, [channels], layout);
  const weight = initialized(tensor('weight'), options.init?.weight, constant(1));
  const bias = initialized(tensor('bias'), options.init?.bias, constant(0));
  const mean = tensor('running_mean');
  const variance = tensor('running_var');
  const count = new Parameter(`${name}.num_batches_tracked`, [], plainLayout([]), 'int32');
  const buffers: Initialized[] = [
    { parameter: mean, initializer: constant(0) },
    { parameter: variance, initializer: constant(1) },
    { parameter: count, initializer: constant(0) },
  ];

  const scaleAndOffset = (): [Tensor, Tensor] =>
    affine
      ? [weight.parameter.data, bias.parameter.data]
      : [tensorflow().ones([channels]), tensorflow().zeros([channels])];

  const byBatch = (x: Tensor, pass: ForwardPass) => {
    const tf = tensorflow();
    if (pass.portable) return layerNorm(x, ...scaleAndOffset(), [0, 1, 2], eps);
    const result = normalizeBatch(x, ...scaleAndOffset(), eps);
    if (pass.training && trackRunningStats) {
      const batches = tf.add(count.data, tf.scalar(1, 'int32'));
      const share = momentum ?? tf.div(1, tf.cast(batches, 'float32'));
      const average = (old: Tensor, now: Tensor) => tf.add(tf.mul(old, tf.sub(1, share)), tf.mul(now, share));
      pass.update(count, batches);
      pass.update(mean, average(mean.data, result.mean));
      pass.update(variance, average(variance.data, result.unbiasedVariance));
    }
    return result.y;
  };
  const byRunning = (x: Tensor) => {
    const [scale, offset] = scaleAndOffset();
    return tensorflow().batchNorm(
      x as Tensor4D,
      mean.data as never,
      variance.data as never,
      offset as never,
      scale as never,
      eps,
    );
  };

  return {
    type,
    output: anyNumbers(input),
    parameters: affine ? [weight, bias] : [],
    buffers: trackRunningStats ? buffers : [],
    // One value has no variance.
    mixesSamples: true,
    smallestBatch: valuesPerChannel(input) > 1 ? 1 : 2,
    forward: (x, pass) => {
      const image = toImage(x);
      return back(pass.training || !trackRunningStats ? byBatch(image, pass) : byRunning(image));
    },
  };
}

/** Batch normalisation works on [batch, height, width, channels]. */
function viewAsImage(type: BatchNormOptions['type'], input: Shape) {
  if (type === 'batch_norm2d') {
    const { channels } = needImage(type, input);
    const same = (x: Tensor) => x;
    return { channels, layout: plainLayout([channels]) as Layout, toImage: same, back: same };
  }
  if (input.kind === 'image') {
    throw new LayerError(
      `batch_norm1d needs features or a sequence but gets ${nameShape(input)}`,
      'For images, use batch_norm2d.',
    );
  }
  if (input.kind === 'features') {
    const { features } = input;
    return {
      channels: features,
      layout: featuresLayout(input),
      toImage: (x: Tensor) => tensorflow().reshape(x, [x.shape[0]!, 1, 1, features]),
      back: (x: Tensor) => tensorflow().reshape(x, [x.shape[0]!, features]),
    };
  }
  const { length, features } = input;
  const turn = (x: Tensor) => tensorflow().transpose(x, [0, 2, 1]);
  return {
    channels: length,
    layout: plainLayout([length]),
    toImage: (x: Tensor) => tensorflow().reshape(turn(x), [x.shape[0]!, features, 1, length]),
    back: (x: Tensor) => turn(tensorflow().reshape(x, [x.shape[0]!, features, length])),
  };
}

function valuesPerChannel(input: Shape): number {
  switch (input.kind) {
    case 'image':
      return input.height * input.width;
    case 'features':
      return 1;
    case 'sequence':
      return input.features;
  }
}
