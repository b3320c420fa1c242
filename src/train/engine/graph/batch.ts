import { type Scalar, type Tensor, tensorflow } from '../../backend/tensorflow.js';
import type { BatchPart } from '../../model/layer.js';
import type { Parameter } from '../../model/parameter.js';
import type { Sequential } from '../../model/sequential.js';
import { engineDimensions, type InputShape } from '../../model/shape.js';
import { largestOutput } from '../../model/work.js';
import type { ClipOptions } from '../../optim/clip.js';
import type { Optimizer } from '../../optim/optimizer.js';
import type { Sums } from '../../task/index.js';
import { type Objective, scoresOf, sumsOf } from '../batch-sums.js';
import { feedNames } from './feeds.js';
import { fuseBatchNorms } from './fused-batch-norms.js';
import type { Output } from './graph-def.js';
import { partsOf } from './parts.js';
import { BYTES_PER_NUMBER, type PixelTransforms, pixelsFromBytes } from './pixels.js';
import type { TraceHome } from './trace-home.js';
import type { Tracer } from './tracer.js';
import { useWinograd } from './winograd.js';

/** What a graph is compiled from. */
export interface GraphParts extends Objective {
  readonly model: Sequential;
  readonly optimizer: Optimizer;
  readonly clip: ClipOptions;
  /** What is done to the bytes of pixels, in the graph; null: batches come as floats, with all of it done. */
  readonly pixels: PixelTransforms | null;
  /** In how many parts a batch is computed side by side; 1: as a whole. */
  readonly lanes: number;
  /** Whether steps are read and written as vectors: the graph then gives and takes each in one piece. Default: no. */
  readonly inVectors?: boolean | undefined;
}

/** What tracing a batch has found: outputs of the graph. */
export interface TracedBatch {
  /** The sum of the losses. */
  readonly total: Output;
  /** The task's sums that need the model's outputs. */
  readonly measured: Sums<Output>;
  /** In evaluation what the model says, in one row, where a metric is made of it. */
  readonly said?: Output;
  /** One for each parameter that is trained; none in evaluation. */
  readonly gradients: readonly Output[];
  /** New values of buffers. */
  readonly updates: ReadonlyMap<Parameter, Output>;
}

/**
 * Runs a model once on a batch of zeroes, forward and, for training, backward, and writes all of it down.
 *
 * @param tracer where it is written down
 * @param parts the model, its task and loss, and what is done to pixels
 * @param variables where the parameters live meanwhile, and the factor on the sum of the losses
 * @param batch what the batch is for, and its size
 * @returns the outputs
 * @throws TraceError when something cannot be traced
 */
export function traceBatch(
  tracer: Tracer,
  { model, task, lossFunction, keepsOutputs, pixels, lanes }: GraphParts,
  { home, scale }: { readonly home: TraceHome; readonly scale: Scalar },
  { kind, size }: { readonly kind: 'train' | 'evaluate'; readonly size: number },
): TracedBatch {
  const tf = tensorflow();
  const { input, trainable } = model;
  const training = kind === 'train';
  const names = feedNames(kind, size);
  const placeholder = (name: string, shape: number[], dtype: 'int32' | 'float32') =>
    tracer.standIn(shape, tracer.graph.placeholder(name, dtype, shape), dtype);
  const parts = partsOf(size, model.mixesSamples ? 1 : lanes, largestOutput(model.layers));
  const inputs = feedInputs(tracer, names.inputs, { parts, input, pixels });
  const targets = placeholder(names.targets, [size, ...task.targets.shape], task.targets.dtype);
  const batchKey = placeholder(names.batchKey, [2], 'int32');
  const updates = new Map<Parameter, Output>();
  const update = (buffer: Parameter, value: Tensor) => updates.set(buffer, tracer.outputOf(value));
  const isScored = !training && scoresOf({ task, lossFunction, keepsOutputs }) !== null;
  let found: Pick<TracedBatch, 'total' | 'measured' | 'said'> = { total: '', measured: {} };

  const outputsOf = (part: BatchPart, i: number): Tensor => {
    tracer.place = 'layer 0';
    const pass = { training, batchKey, update, ...(parts.length > 1 && { part }) };
    return model.forward(inputs[i]!, pass, (_, index) => {
      tracer.place = index + 1 < model.layers.length ? `layer ${index + 1}` : 'the loss';
    });
  };
  const forward = (): Scalar => {
    const all = parts.map(outputsOf);
    const outputs = all.length === 1 ? all[0]! : tf.concat(all, 0);
    const { total, measured } = sumsOf(outputs, targets, { task, lossFunction });
    const sums = task.measured.map((name) => [name, tracer.outputOf(measured[name]!)] as const);
    found = {
      total: tracer.outputOf(total),
      measured: Object.fromEntries(sums),
      ...(isScored && { said: tracer.outputOf(tf.reshape(outputs, [-1])) }),
    };
    return total;
  };
  const backward = (): Output[] => {
    const data = trainable.map((parameter) => parameter.data);
    const { grads } = tf.valueAndGrads(() => {
      const total = forward();
      tracer.place = 'the backward pass';
      return total;
    })(data, scale);
    return grads.map((grad) => tracer.outputOf(grad));
  };

  let gradients: readonly Output[] = [];
  home.during(model.state, () =>
    tracer.trace(() =>
      tf.tidy(() => {
        if (training) gradients = backward();
        else forward();
      }),
    ),
  );
  if (training) fuseBatchNorms(tracer);
  useWinograd(tracer);
  return { ...found, gradients, updates };
}

/** What the layers see of each part of a batch, from a placeholder for the whole. */
function feedInputs(
  tracer: Tracer,
  name: string,
  {
    parts,
    input,
    pixels,
  }: {
    readonly parts: readonly BatchPart[];
    readonly input: InputShape;
    readonly pixels: PixelTransforms | null;
  },
): Tensor[] {
  const { graph } = tracer;
  const sample = engineDimensions(input);
  const total = parts[0]!.of;
  if (pixels === null) {
    const dtype = input.kind === 'tokens' ? 'int32' : 'float32';
    const fed = graph.placeholder(name, dtype, [total, ...sample]);
    return parts.map(({ first, size }) => {
      const shape = [size, ...sample];
      const own = graph.slice(fed, dtype, [first, ...sample.map(() => 0)], shape);
      return tracer.standIn(shape, own, dtype);
    });
  }
  const each = sample.reduce((product, length) => product * length, 1) / BYTES_PER_NUMBER;
  const fed = graph.placeholder(name, 'int32', [total * each]);
  return parts.map(({ first, size }) => {
    const shape = [size, ...sample];
    const own = graph.slice(fed, 'int32', [first * each], [size * each]);
    return tracer.standIn(shape, pixelsFromBytes(graph, own, shape, pixels));
  });
}
