import { stateProduct } from '../../backend/kernels/state-product.js';
import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import { uniformFanIn } from '../init/index.js';
import { type ForwardPass, type Initialized, type Layer, type LayerContext, LayerError } from '../layer.js';
import { plainLayout } from '../layout.js';
import { Parameter } from '../parameter.js';
import { nameShape } from '../shape.js';
import { dropper } from './dropout.js';
import { CELLS, type Cell, type Gates, project } from './recurrent-cells.js';
import { initialized, type LayerInit } from './weights.js';

export interface RecurrentOptions {
  readonly type: 'gru' | 'lstm';
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: true;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly output: 'last' | 'all';
  readonly init: LayerInit;
}

/**
 * Recurrent layers: one cell goes along the sequence and carries what it keeps from step to step. The formulas are the
 * cells': see recurrent-cells.ts.
 *
 * @param options hiddenSize; numLayers, default 1, stacked; bias, default true; dropout, default 0, of each layer's
 * outputs but the last's; bidirectional, default false: a second cell goes backwards, the outputs stand side by side;
 * output, default `last`: the state at the end of each direction (PyTorch's h_n of the last layer), or `all`: the state
 * after each step; the batch is always first
 * @param context name, input shape (a sequence, length x features) and seed
 * @returns the layer; for each layer k, `weight_ih_lk` [gates x hidden, in], `weight_hh_lk` [gates x hidden, hidden],
 * `bias_ih_lk` and `bias_hh_lk` [gates x hidden], with `_reverse` behind for the way back; gates in PyTorch's order
 * @throws LayerError when the input is no sequence
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html,
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 */
export function recurrent(options: RecurrentOptions, context: LayerContext): Layer {
  const { name, input, seed } = context;
  const { type, hiddenSize, numLayers, bidirectional, output } = options;
  if (input.kind !== 'sequence') {
    throw new LayerError(
      `${type} needs a sequence (length x features) but gets ${nameShape(input)}`,
      input.kind === 'image'
        ? 'Put { type: flatten, end_dim: 2 } before it for a sequence of rows, or { type: flatten, start_dim: 2 } for one of channels.'
        : 'Put an embedding before it, or join fewer dimensions with { type: flatten, end_dim: 2 }.',
    );
  }
  const directions = bidirectional ? 2 : 1;
  const width = hiddenSize * directions;
  const stack = Array.from({ length: numLayers }, (_, k) => {
    const features = k === 0 ? input.features : width;
    const ways = ['', '_reverse'].slice(0, directions);
    return ways.map((suffix) => new Direction(options, context, features, `l${k}${suffix}`));
  });
  const drop = stack.map((_, k) => dropper(options.dropout, seed, `${name}.l${k}`));
  return {
    type,
    output:
      output === 'all'
        ? { kind: 'sequence', length: input.length, features: width }
        : { kind: 'features', features: width },
    parameters: stack.flat().flatMap(({ parameters }) => parameters),
    forward: (x, pass) => {
      const { states, last } = runStack(stack, drop, x, pass);
      return output === 'all' ? states() : last;
    },
  };
}

function runStack(
  stack: readonly (readonly Direction[])[],
  drop: readonly ReturnType<typeof dropper>[],
  x: Tensor,
  pass: ForwardPass,
): { states: () => Tensor; last: Tensor } {
  const tf = tensorflow();
  let steps = x;
  for (const [k, ways] of stack.entries()) {
    const runs = ways.map((direction, i) => direction.run(steps, i === 1));
    const states = () =>
      tf.concat(
        runs.map((run) => tf.stack(run, 1)),
        2,
      );
    if (k === stack.length - 1) {
      // The way back ends at the first step.
      return {
        states,
        last: tf.concat(
          runs.map((run, i) => (i === 1 ? run[0]! : run.at(-1)!)),
          1,
        ),
      };
    }
    steps = drop[k]!(states(), pass);
  }
  throw new Error('a recurrent layer has at least one layer');
}

/** One cell and its weights, going one way. */
class Direction {
  readonly parameters: readonly Initialized[];
  readonly #cell: Cell;
  readonly #hidden: number;
  readonly #input: Gates;
  readonly #state: Gates;

  constructor(options: RecurrentOptions, { name, init }: LayerContext, features: number, suffix: string) {
    this.#cell = CELLS[options.type];
    this.#hidden = options.hiddenSize;
    const rows = this.#cell.gates * options.hiddenSize;
    const fallback = uniformFanIn(options.hiddenSize);
    const make = (kind: 'weight' | 'bias', from: 'ih' | 'hh', columns: number[]) => {
      const shape = [rows, ...columns];
      const layout =
        kind === 'weight'
          ? { view: shape, permutation: [1, 0], shape: [...shape].reverse() }
          : plainLayout(shape);
      const parameter = new Parameter(`${name}.${kind}_${from}_${suffix}`, shape, layout);
      return initialized(parameter, options.init?.[kind] ?? init[kind], fallback);
    };
    const weights = [make('weight', 'ih', [features]), make('weight', 'hh', [options.hiddenSize])] as const;
    const biases = options.bias ? ([make('bias', 'ih', []), make('bias', 'hh', [])] as const) : null;
    this.parameters = [...weights, ...(biases ?? [])];
    this.#input = { weight: weights[0].parameter, bias: biases?.[0].parameter ?? null };
    this.#state = { weight: weights[1].parameter, bias: biases?.[1].parameter ?? null };
  }

  /**
   * @param x [batch, length, features]
   * @param backwards whether to begin at the end
   * @returns the state [batch, hidden] after each step, in the order of the input
   */
  run(x: Tensor, backwards: boolean): Tensor[] {
    const tf = tensorflow();
    const [batch, length, features] = x.shape as [number, number, number];
    // The input's part of all steps in one product.
    const rows = project(tf.reshape(x, [batch * length, features]), this.#input);
    // tfjs cannot differentiate unstack into a single tensor.
    const inputs = length === 1 ? [rows] : tf.unstack(tf.reshape(rows, [batch, length, rows.shape[1]!]), 1);
    const zeros = tf.zeros([batch, this.#hidden]);
    const states: Tensor[] = [];
    const { weight, bias } = this.#state;
    const ofState = stateProduct(weight.data, bias?.data ?? null);
    let carried: readonly Tensor[] = Array<Tensor>(this.#cell.carries).fill(zeros);
    // A copy is turned round: the tape holds on to the array itself.
    for (const input of backwards ? inputs.toReversed() : inputs) {
      carried = this.#cell.step(input, ofState(carried[0]!), carried);
      states.push(carried[0]!);
    }
    return backwards ? states.toReversed() : states;
  }
}
