import { sessions } from '../../backend/sessions.js';
import { type Scalar, tensorflow } from '../../backend/tensorflow.js';
import { clipTensors } from '../../optim/clip.js';
import { stepLayout } from '../gradients.js';
import { squaresOf } from '../step-figures.js';
import { type GraphParts, type TracedBatch, traceBatch } from './batch.js';
import {
  type BatchSizes,
  type CompiledGraph,
  NOT_FINITE,
  type TrainOutputs,
  type WrittenOutputs,
} from './compiled-graph.js';
import { coefficientName, NUMBERS, SCALE, StepNumbers } from './feeds.js';
import {
  afterAll,
  GraphBuilder,
  intAttribute,
  type Output,
  stringAttribute,
  typeAttribute,
} from './graph-def.js';
import { packResult, type ResultParts } from './result.js';
import { packGradients, unpackGradients } from './step-vector.js';
import { TraceHome } from './trace-home.js';
import { openGraph, type TracedGraph, tracedVariables } from './traced-graph.js';
import { Tracer } from './tracer.js';
import { traceUpdate } from './update.js';
import { createVariables, type Variable, type Variables } from './variables.js';

/**
 * Compiles a model, its loss and its optimizer: traces a batch of each size once, writes it down as a TensorFlow graph
 * and loads that. The variables have no values yet.
 *
 * @param parts what is trained, and how
 * @param sizes of the batches that it will be given
 * @returns the graph in a session
 * @throws TraceError when something cannot be traced
 */
export function compile(parts: GraphParts, sizes: BatchSizes): CompiledGraph {
  return openGraph(trace(parts, sizes), parts.model);
}

/** The same, before it is loaded. */
export function trace(parts: GraphParts, sizes: BatchSizes): TracedGraph {
  const engine = tensorflow().engine();
  engine.startScope('compile');
  sessions().hold(true);
  try {
    return new Compiler(parts).trace(sizes);
  } finally {
    sessions().hold(false);
    engine.endScope();
  }
}

class Compiler {
  readonly #graph = new GraphBuilder();
  readonly #tracer = new Tracer(this.#graph);
  readonly #variables: Variables;
  readonly #numbers: readonly string[];
  /** Stand-ins for the numbers, while tracing. */
  readonly #scalars: ReadonlyMap<string, Scalar>;
  readonly #home: TraceHome;

  constructor(private readonly parts: GraphParts) {
    const { model, optimizer } = parts;
    this.#variables = createVariables(this.#graph, model, optimizer);
    this.#numbers = new StepNumbers(optimizer).names;
    const vector = this.#graph.placeholder(NUMBERS, 'float32', [this.#numbers.length]);
    const attributes = {
      T: typeAttribute('float32'),
      num: intAttribute(this.#numbers.length),
      axis: intAttribute(0),
    };
    const unpacked = this.#graph.node('Unpack', [vector], attributes);
    this.#scalars = new Map(
      this.#numbers.map((name, i) => [
        name,
        this.#tracer.standIn([], i ? `${unpacked}:${i}` : unpacked) as Scalar,
      ]),
    );
    this.#home = new TraceHome(
      new Map(
        [...this.#variables.data].map(([parameter, { dtype, shape, value }]) => [
          parameter,
          this.#tracer.standIn(shape, value, dtype),
        ]),
      ),
    );
  }

  trace(sizes: BatchSizes): TracedGraph {
    const gradients = this.parts.model.trainable.map(
      (parameter) => this.#variables.grad.get(parameter)!.value,
    );
    const train = sizes.train.map((size) => ({ size, ...this.#train(size) }));
    const evaluate = sizes.evaluate.map((size) => ({ size, output: this.#evaluate(size) }));
    const clipped = this.#clip(gradients);
    const clip = this.#result({ norm: clipped.norm }, this.#assignGradients(clipped.gradients));
    const step = this.#result({}, this.#update(gradients, []));
    const written = this.parts.inVectors ? this.#written() : null;
    const names = {
      ...{ variables: tracedVariables(this.#variables), train, evaluate, clip, step, written },
      ...{ remember: this.#remember(), figures: this.#figures(), finite: this.#finite() },
    };
    return { definition: this.#graph.bytes, names };
  }

  #train(size: number): TrainOutputs {
    const { gradients, updates, ...sums } = this.#batch('train', size);
    const graph = this.#graph;
    const T = typeAttribute('float32');
    // Fails when the loss is not finite, before anything has changed. Then `forward` alone moves the running statistics,
    // whatever the loss is, as PyTorch's does.
    const scale = this.#tracer.outputOf(this.#scalars.get(SCALE)!);
    const checked = graph.node('CheckNumerics', [graph.node('Mul', [sums.total, scale], { T })], {
      T,
      message: stringAttribute(NOT_FINITE),
    });
    const move = (after: readonly Output[]) =>
      [...updates].map(([buffer, value]) => {
        const { handle, dtype } = this.#variables.data.get(buffer)!;
        return graph.assign(handle, value, dtype, afterAll(after));
      });
    const moved = move([checked]);
    const replace = this.#assignGradients(gradients, [checked]);
    const add = this.parts.model.trainable.map((parameter, i) => {
      const { handle } = this.#variables.grad.get(parameter)!;
      return graph.node('AssignAddVariableOp', [handle, gradients[i]!, ...afterAll([checked])], {
        dtype: typeAttribute('float32'),
      });
    });
    const backward = (assigned: Output[], others: Output[]) => this.#result(sums, [...assigned, ...others]);
    const clipped = this.#clip(gradients);
    const stepped = [
      ...this.#assignGradients(clipped.gradients, [checked]),
      ...this.#update(clipped.gradients, [checked]),
      ...moved,
    ];
    const moves = move([]);
    return {
      forward: this.#result(sums, moves),
      backward: { replace: backward(replace, moved), add: backward(add, moved) },
      backwardAgain: { replace: backward(replace, []), add: backward(add, []) },
      step: this.#result({ ...sums, norm: clipped.norm }, stepped),
      vector: this.parts.inVectors
        ? packGradients(graph, gradients, this.#result(sums, []), [
            ...this.#assignGradients(gradients),
            ...moves,
          ])
        : null,
    };
  }

  #written(): WrittenOutputs {
    const { model, lossFunction, task } = this.parts;
    const { divisor } = stepLayout(model.trainable, task);
    const by = lossFunction.reduction === 'sum' ? null : divisor;
    const gradients = unpackGradients(this.#graph, model.trainable, by);
    const clipped = this.#clip(gradients);
    return {
      gradients: this.#result({}, this.#assignGradients(gradients)),
      step: this.#result({ norm: clipped.norm }, [
        ...this.#assignGradients(clipped.gradients),
        ...this.#update(clipped.gradients, []),
      ]),
    };
  }

  #batch(kind: 'train' | 'evaluate', size: number): TracedBatch {
    const scale = this.#scalars.get(SCALE)!;
    const variables = { home: this.#home, scale };
    return traceBatch(this.#tracer, this.parts, variables, { kind, size });
  }

  #evaluate(size: number): Output {
    return this.#result(this.#batch('evaluate', size), []);
  }

  /** The gradients as clipping leaves them, and their norm before. */
  #clip(gradients: readonly Output[]): { norm: Output; gradients: readonly Output[] } {
    const { model, clip } = this.parts;
    const standIns = gradients.map((output, i) =>
      this.#tracer.standIn(model.trainable[i]!.layout.shape, output),
    );
    return this.#tracer.trace(() => {
      const result = clipTensors(standIns, clip);
      const outputs = { gradients: result.gradients.map((gradient) => this.#tracer.outputOf(gradient)) };
      if (result.norm) return { ...outputs, norm: this.#tracer.outputOf(result.norm) };
      return { ...outputs, norm: this.#graph.constant(Float32Array.of(0), 'float32', []) };
    });
  }

  #assignGradients(gradients: readonly Output[], after: readonly Output[] = []): Output[] {
    return this.parts.model.trainable.map((parameter, i) => {
      const { handle } = this.#variables.grad.get(parameter)!;
      return this.#graph.assign(handle, gradients[i]!, 'float32', afterAll(after));
    });
  }

  /** The optimizer's updates from these gradients. */
  #update(gradients: readonly Output[], after: readonly Output[]): Output[] {
    const { groups } = this.parts.optimizer;
    return this.parts.model.trainable.flatMap((parameter, i) => {
      const index = groups.findIndex(({ parameters }) => parameters.includes(parameter));
      const at = (name: string) => this.#scalars.get(coefficientName(index, name))!;
      const parts = { group: groups[index]!, variables: this.#variables, at };
      return traceUpdate(this.#tracer, parts, parameter, gradients[i]!, after);
    });
  }

  /** Keeps the parameters as they are. */
  #remember(): Output {
    const { data, before } = this.#variables;
    const kept = [...before].map(([parameter, { handle }]) =>
      this.#graph.assign(handle, data.get(parameter)!.value, 'float32'),
    );
    const zero = this.#graph.constant(Float32Array.of(0), 'float32', []);
    return this.#graph.identity(zero, 'float32', kept);
  }

  /** What has become of the parameters since, see `squaresOf`, one after the other. */
  #figures(): Output {
    const { data, before, grad } = this.#variables;
    const standIn = ({ shape, value }: Variable) => this.#tracer.standIn(shape, value);
    const each = this.parts.model.trainable.map((parameter) => ({
      data: standIn(data.get(parameter)!),
      before: standIn(before.get(parameter)!),
      grad: standIn(grad.get(parameter)!),
    }));
    return this.#tracer.trace(() => this.#tracer.outputOf(tensorflow().concat(each.map(squaresOf))));
  }

  #finite(): Output {
    const T = typeAttribute('float32');
    const each = this.parts.model.state.map((tensor) => {
      const { value, dtype, shape } = this.#variables.data.get(tensor)!;
      if (dtype !== 'float32') return this.#graph.constant(Uint8Array.of(1), 'bool', []);
      const finite = this.#graph.node('IsFinite', [value], { T });
      const axes = Int32Array.from(shape.keys());
      const all = this.#graph.constant(axes, 'int32', [axes.length]);
      return this.#graph.node('All', [finite, all], { Tidx: typeAttribute('int32') });
    });
    return this.#graph.node('Pack', each, { T: typeAttribute('bool'), N: intAttribute(each.length) });
  }

  #result(parts: ResultParts, after: readonly Output[]): Output {
    return packResult(this.#graph, this.parts.task, parts, after);
  }
}
