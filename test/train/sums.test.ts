import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, type Tensor, tensorflow } from '../../src/train/backend/tensorflow.js';
import type { Batch } from '../../src/train/data/loader.js';
import { createProgram, type Engine } from '../../src/train/engine/index.js';
import { createLoss } from '../../src/train/loss/index.js';
import { Sequential } from '../../src/train/model/sequential.js';
import { createOptimizer } from '../../src/train/optim/index.js';
import { compiled } from '../helpers/compiled.js';
import { fixture } from '../helpers/fixtures.js';
import { Stack, shapeOf } from '../helpers/layers.js';
import { CROSS_ENTROPY } from '../helpers/losses.js';
import { noteShare } from '../helpers/margin.js';
import { numbers, sizeOf, stateOf } from '../helpers/numbers.js';
import { type Block, layersOf, lossOf, optimizerOf } from '../helpers/options.js';
import { classes } from '../helpers/tasks.js';

/**
 * Sums of very many numbers, around zero and far from it, against PyTorch's float64: with 4 times the error of its float32
 * and a millionth of the tensor's largest value.
 */
const TIMES = 4;
const ROUNDING = 1e-6;

/** [scale, shift] of numbers in [-1, 1). */
type Spread = readonly [number, number];

interface Recorded {
  largest: number;
  /** Of PyTorch's float32, as a share of the largest value. */
  error: number;
  /** Some that lie evenly, float64, base64. */
  values: string;
}

interface LayerCase {
  name: string;
  layers: Block[];
  shape: number[];
  batch: number;
  training: boolean;
  whole_below: number | null;
  x: Spread;
  dy: Spread;
  tensors: Record<string, Recorded>;
}

interface LossCase {
  name: string;
  type: string;
  options: object;
  rows: number;
  x: Spread;
  tensors: Record<'value' | 'gradient', Recorded>;
}

interface StepCase {
  name: string;
  layers: Block[];
  shape: [number, number, number];
  batch: number;
  x: Spread;
  tensors: Record<string, Recorded>;
}

const { layers, losses, steps } = fixture<{ layers: LayerCase[]; losses: LossCase[]; steps: StepCase[] }>(
  'sums.json',
);

const WAYS = { eager: (inputs, _, code) => code(...inputs), graph: compiled } satisfies Record<
  Engine,
  typeof compiled
>;
const ENGINES = Object.keys(WAYS) as Engine[];

function spreadOut(name: string, shape: readonly number[], [scale, shift]: Spread): Tensor {
  const values = numbers(name, sizeOf(shape)).map((value) => value * scale + shift);
  return tensorflow().tensor(values, [...shape]);
}

function wholeNumbers(name: string, shape: readonly number[], below: number): Float32Array {
  return numbers(name, sizeOf(shape)).map((value) =>
    Math.floor(Math.fround(Math.fround(value + 1) * (below / 2))),
  );
}

/** What is too far from PyTorch, in words. */
function tooFar(name: string, actual: ArrayLike<number>, { largest, error, values }: Recorded): string[] {
  const expected = new Float64Array(Uint8Array.from(Buffer.from(values, 'base64')).buffer);
  const distances = Array.from(expected, (value, i) =>
    Math.abs(value - actual[Math.floor((i * actual.length) / expected.length)]!),
  );
  const own = Math.max(...distances) / largest;
  const allowed = TIMES * error + ROUNDING;
  noteShare(own, allowed);
  return own <= allowed ? [] : [`${name}: ${own.toExponential(2)}, allowed ${allowed.toExponential(2)}`];
}

function expectNear(
  where: string,
  actual: Record<string, ArrayLike<number>>,
  expected: Record<string, Recorded>,
) {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  expect(
    Object.entries(expected).flatMap(([name, recorded]) =>
      tooFar(`${where} ${name}`, actual[name]!, recorded),
    ),
  ).toEqual([]);
}

beforeAll(() => loadTensorFlow());

describe.each(ENGINES)('sums of many numbers are as precise as PyTorch’s, engine %s', (engine) => {
  it.each(layers)('$name', (c) => {
    const tf = tensorflow();
    const stack = new Stack(c.layers, shapeOf(c.shape, c.whole_below));
    const sizes = [c.batch, ...c.shape];
    tf.tidy(() => {
      const x =
        c.whole_below === null
          ? spreadOut('x', sizes, c.x)
          : tf.tensor(wholeNumbers('x', sizes, c.whole_below), sizes);
      const outputs = [c.batch, ...sizesOf(stack)];
      const dy = spreadOut('dy', outputs, c.dy);
      const state = [...stack.parameters, ...stack.buffers];
      const names = [
        'output',
        ...(c.training && c.whole_below === null ? ['input'] : []),
        ...(c.training ? stack.parameters.map(({ name }) => name) : []),
      ];
      const updated: string[] = [];
      const results = WAYS[engine]([x, dy], state, (image, upstream) => {
        const updates = new Map<string, Tensor>();
        const y = stack.forward(image!, c.training, (buffer, value) => updates.set(buffer.name, value));
        const gradients = gradientsOf(stack, image!, upstream!, c);
        updated.push(...updates.keys());
        return [y, ...gradients, ...updates.values()];
      });
      const actual = Object.fromEntries(
        [...names, ...updated].flatMap((name, i) => {
          const parameter = state.find((each) => each.name === name);
          if (name.endsWith('num_batches_tracked')) return [];
          return [[name, parameter ? parameter.toTorch(results[i]!) : results[i]!.dataSync()] as const];
        }),
      );
      expectNear(c.name, actual, c.tensors);
    });
    stack.dispose();
  });

  it.each(losses)('$name', ({ name, type, options, rows, x, tensors }) => {
    const tf = tensorflow();
    tf.tidy(() => {
      const loss = createLoss(lossOf({ type, ...options }));
      const outputs = spreadOut('outputs', [rows, 10], x);
      const indices = Int32Array.from(wholeNumbers('targets', [rows], 10));
      const targets = tf.tensor1d(indices, 'int32');
      const task = classes(10);
      const divisor = loss.reduction === 'sum' ? 1 : task.divisor(indices, loss);
      const results = WAYS[engine]([outputs, targets], [], (logits, right) => {
        const encoded = task.forLoss(logits!, right!, loss.takes).targets;
        const lossOfOutputs = (y: Tensor) => tf.div(tf.sum(loss.rows(y, encoded)), divisor);
        const { value, grad } = tf.valueAndGrad(lossOfOutputs)(logits!);
        return [value, grad as Tensor];
      });
      const [value, gradient] = results.map((tensor) => tensor.dataSync());
      expectNear(name, { value: value!, gradient: gradient! }, tensors);
    });
  });
});

describe.each<[Engine, number]>([
  ['eager', 1],
  ['graph', 1],
  ['graph', 2],
])('a step changes what PyTorch’s changes, engine %s, %i part(s) side by side', (engine, lanes) => {
  it.each(steps)('$name', (c) => {
    const [channels, height, width] = c.shape;
    const model = Sequential.build({
      layers: layersOf(...c.layers),
      input: { kind: 'image', channels, height, width },
      outputs: 10,
      seed: 0,
    });
    for (const tensor of model.state) tensor.load(stateOf(tensor.name, tensor.shape).values);
    const optimizer = createOptimizer(optimizerOf({ type: 'sgd', lr: 1 }), model.parameters);
    const clip = { clipGradNorm: 1e9, clipGradValue: null };
    const { program, fallback } = createProgram(engine, {
      model,
      optimizer,
      clip,
      task: classes(10),
      lossFunction: createLoss(CROSS_ENTROPY),
      sizes: { train: [c.batch], evaluate: [] },
      lanes,
    });
    expect(fallback).toBeNull();
    const running = model.state.filter(({ name }) => name.includes('running'));
    const before = running.map((buffer) => buffer.values());
    const loss = program.loss(batchOf(c));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.clipGradients(clip);
    optimizer.step();
    const actual = {
      loss: [loss.item()],
      norm: [optimizer.gradNorm!],
      ...Object.fromEntries(model.parameters.map((parameter) => [parameter.name, parameter.gradient()!])),
      ...Object.fromEntries(
        running.map((buffer, i) => [buffer.name, buffer.values().map((value, k) => value - before[i]![k]!)]),
      ),
    };
    expectNear(c.name, actual, c.tensors);
    program.dispose();
    model.dispose();
  });
});

/** In training, those of the input, when it has some, and of the parameters. */
function gradientsOf(stack: Stack, x: Tensor, dy: Tensor, { training, whole_below }: LayerCase): Tensor[] {
  if (!training) return [];
  if (whole_below !== null) return stack.parameterGradients(x, dy, training);
  const { input, parameters } = stack.gradients(x, dy, training);
  return [input, ...parameters];
}

/** The sizes of a sample of what a stack gives, as PyTorch orders them. */
function sizesOf({ output }: Stack): number[] {
  switch (output.kind) {
    case 'image':
      return [output.channels, output.height, output.width];
    case 'sequence':
      return [output.length, output.features];
    case 'features':
      return [output.features];
  }
}

function batchOf({ batch: size, shape: [channels, height, width], x: [scale, shift] }: StepCase): Batch {
  const values = numbers('x', size * channels * height * width);
  const inputs = new Float32Array(values.length);
  const pixels = height * width;
  for (let i = 0; i < size; i++)
    for (let c = 0; c < channels; c++)
      for (let p = 0; p < pixels; p++)
        inputs[(i * pixels + p) * channels + c] = values[(i * channels + c) * pixels + p]! * scale + shift;
  const targets = Int32Array.from({ length: size }, (_, i) => i % 10);
  return { epoch: 0, index: 0, size, shape: [height, width, channels], inputs, targets };
}
