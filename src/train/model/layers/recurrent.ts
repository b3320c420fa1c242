import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import { uniformFanIn } from '../init/index.js';
import { type ForwardPass, type Initialized, type Layer, type LayerContext, LayerError } from '../layer.js';
import { plainLayout } from '../layout.js';
import { Parameter } from '../parameter.js';
import { nameShape } from '../shape.js';
import { dropper } from './dropout.js';
import { CELLS, type Gates, goAlong, goStepByStep } from './recurrent-cells.js';
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
    const ways = [false, true].slice(0, directions);
    return ways.map((backwards) => new Direction(options, context, { features, layer: k, backwards }));
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
      const top = stack.length - 1;
      return stack.reduce((steps, ways, k) => {
        const runs = ways.map((direction) => direction.run(steps, k === top ? output : 'all', pass));
        const joined = runs.length === 1 ? runs[0]! : tensorflow().concat(runs, -1);
        return k === top ? joined : drop[k]!(joined, pass);
      }, x);
    },
  };
}

/** One cell and its weights, going one way. */
class Direction {
  readonly parameters: readonly Initialized[];
  readonly #cell: RecurrentOptions['type'];
  readonly #backwards: boolean;
  readonly #gates: { readonly input: Gates; readonly state: Gates };

  constructor(
    options: RecurrentOptions,
    { name, init }: LayerContext,
    { features, layer, backwards }: { features: number; layer: number; backwards: boolean },
  ) {
    this.#cell = options.type;
    this.#backwards = backwards;
    const suffix = `l${layer}${backwards ? '_reverse' : ''}`;
    const rows = CELLS[options.type].gates * options.hiddenSize;
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
    this.#gates = {
      input: { weight: weights[0].parameter, bias: biases?.[0].parameter ?? null },
      state: { weight: weights[1].parameter, bias: biases?.[1].parameter ?? null },
    };
  }

  /**
   * @param x [batch, length, features]
   * @param output the state where this way ends, or after each step
   * @param pass that it is a part of
   * @returns [batch, hidden], or [batch, length, hidden] in the order of the input
   */
  run(x: Tensor, output: RecurrentOptions['output'], { portable }: ForwardPass): Tensor {
    const go = portable ? goStepByStep : goAlong;
    return go(x, this.#gates, { cell: this.#cell, backwards: this.#backwards, output });
  }
}
