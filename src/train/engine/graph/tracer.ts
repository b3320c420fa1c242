import { LossnetError } from '../../../base/errors.js';
import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import {
  boolAttribute,
  type ConstantValues,
  floatAttribute,
  type GraphBuilder,
  type GraphType,
  intAttribute,
  intsAttribute,
  type Output,
  stringAttribute,
  typeNumberAttribute,
} from './graph-def.js';
import {
  apart,
  type GroupedConvolutions,
  groupedConvolutionsHere,
  isInGroups,
} from './grouped-convolutions.js';
import { inferredAttributes } from './inferred-attributes.js';
import { KnownOps } from './known-ops.js';
import type { AttrValue } from './protobuf.js';

/** Something that a graph cannot hold. */
export class TraceError extends LossnetError {
  constructor(message: string) {
    super('LOSSNET_GRAPH_UNTRACEABLE', message, 'Set engine to eager, which runs it op by op.');
  }
}

interface BackendAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The parts of tfjs-node's backend that every op goes through. */
interface TracedBackend {
  readonly binding: Readonly<Record<string, number>>;
  executeSingleOutput(op: string, attributes: BackendAttribute[], inputs: Tensor[]): Tensor;
  executeMultipleOutputs(
    op: string,
    attributes: BackendAttribute[],
    inputs: Tensor[],
    count: number,
  ): Tensor[];
  readSync(dataId: object): unknown;
  read(dataId: object): Promise<unknown>;
}

/**
 * Runs tensor code once, op by op, and writes each op down in a graph. What a tensor stands for is known by its data:
 * the output of an op before, a placeholder or a variable that was named with `bind`, or else a constant.
 */
export class Tracer {
  readonly #outputs = new WeakMap<object, Output>();
  readonly #shapes = new Map<Output, readonly number[]>();
  /** The outputs that are constants. */
  readonly #constants = new Set<Output>();
  readonly #known = new KnownOps();
  /** The backend's own way to read, while tracing refuses it. */
  #read: ((dataId: object) => unknown) | null = null;
  /** What is being traced, for errors. */
  place = 'the model';

  /**
   * @param graph where ops are written down
   * @param groupedConvolutions what may be done with them where the graph is run, default in this process
   */
  constructor(
    readonly graph: GraphBuilder,
    private readonly groupedConvolutions: GroupedConvolutions = groupedConvolutionsHere(),
  ) {}

  /** Lets a tensor stand for an output of the graph. */
  bind(tensor: Tensor, output: Output): void {
    this.#outputs.set(tensor.dataId, output);
    this.#shapes.set(output, tensor.shape);
  }

  /** The shape of an output that a tensor has stood for; null: none has. */
  shapeOf(output: Output): readonly number[] | null {
    return this.#shapes.get(output) ?? null;
  }

  /**
   * @param shape the output's shape
   * @param output of the graph
   * @param dtype the output's type, default float32
   * @returns a tensor of zeros that stands for it while tracing
   */
  standIn(shape: readonly number[], output: Output, dtype: 'float32' | 'int32' | 'bool' = 'float32'): Tensor {
    const size = shape.reduce((product, length) => product * length, 1);
    const values = dtype === 'int32' ? new Int32Array(size) : new Float32Array(size);
    const tensor = tensorflow().tensor(values, [...shape], dtype);
    this.bind(tensor, output);
    return tensor;
  }

  /** The output that a tensor stands for. */
  outputOf(tensor: Tensor): Output {
    const known = this.#outputs.get(tensor.dataId);
    if (known !== undefined) return known;
    const constant = this.graph.constant(this.#values(tensor), tensor.dtype as GraphType, tensor.shape);
    this.#constants.add(constant);
    this.bind(tensor, constant);
    return constant;
  }

  /**
   * @param run tensor code; its tensors are freed afterwards, their outputs stay known
   * @returns what it returns
   * @throws TraceError when it reads a value back, draws random numbers in JavaScript, or needs what graphs lack
   */
  trace<T>(run: () => T): T {
    const backend = tensorflow().backend() as unknown as TracedBackend;
    const { executeSingleOutput, executeMultipleOutputs, readSync, read } = backend;
    const { random } = Math;
    const refuse = (what: string) => (): never => {
      throw new TraceError(
        `${this.place} ${what}, which a compiled graph would repeat unchanged at each step.`,
      );
    };
    backend.executeSingleOutput = (op, attributes, inputs) => {
      const execute = (given: Tensor[]) => [executeSingleOutput.call(backend, op, attributes, given)];
      return this.#trace(op, attributes, inputs, execute, backend)[0]!;
    };
    backend.executeMultipleOutputs = (op, attributes, inputs, count) => {
      const execute = (given: Tensor[]) => executeMultipleOutputs.call(backend, op, attributes, given, count);
      return this.#trace(op, attributes, inputs, execute, backend);
    };
    this.#read = readSync.bind(backend);
    backend.readSync = refuse('reads a value back');
    backend.read = refuse('reads a value back');
    Math.random = refuse('draws random numbers in JavaScript');
    try {
      return run();
    } finally {
      Object.assign(backend, { executeSingleOutput, executeMultipleOutputs, readSync, read });
      Math.random = random;
      this.#read = null;
    }
  }

  #isConstant(tensor: Tensor): boolean {
    const output = this.#outputs.get(tensor.dataId);
    return output === undefined || this.#constants.has(output);
  }

  #trace(
    op: string,
    attributes: readonly BackendAttribute[],
    inputs: Tensor[],
    execute: (inputs: Tensor[]) => Tensor[],
    backend: TracedBackend,
  ): Tensor[] {
    // What is made of constants alone is one too, and may be the shape that another op is told.
    const isConstant = inputs.every((input) => this.#isConstant(input));
    const values = (input: Tensor) => (this.#isConstant(input) ? this.#values(input) : null);
    const outputs = isConstant
      ? execute(inputs)
      : this.#known.outputs([op, attributes], inputs, values, execute);
    this.#record(op, attributes, inputs, outputs, backend);
    if (isConstant) for (const output of outputs) this.#constants.add(this.#outputs.get(output.dataId)!);
    return outputs;
  }

  #values(tensor: Tensor): ConstantValues {
    return (this.#read ? this.#read(tensor.dataId) : tensor.dataSync()) as ConstantValues;
  }

  #record(
    op: string,
    attributes: readonly BackendAttribute[],
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    backend: TracedBackend,
  ): void {
    const given = attributes.map(({ name, type, value }) => [
      name,
      this.#attribute(op, name, type, value, backend.binding),
    ]);
    const all = { ...inferredAttributes(op, inputs, outputs), ...Object.fromEntries(given) };
    const node = this.graph.node(
      op,
      inputs.map((input) => this.outputOf(input)),
      all,
    );
    const isApart = this.groupedConvolutions === 'apart' && isInGroups(op, inputs);
    const first = isApart ? apart(this.graph, node) : node;
    for (const [i, output] of outputs.entries()) this.bind(output, i === 0 ? first : `${node}:${i}`);
  }

  #attribute(
    op: string,
    name: string,
    type: number,
    value: unknown,
    binding: Readonly<Record<string, number>>,
  ): AttrValue {
    switch (type) {
      case binding.TF_ATTR_TYPE:
        return typeNumberAttribute(value as number);
      case binding.TF_ATTR_BOOL:
        return boolAttribute(Boolean(value));
      case binding.TF_ATTR_STRING:
        return stringAttribute(value as string);
      case binding.TF_ATTR_FLOAT:
        return floatAttribute(value as number);
      case binding.TF_ATTR_INT:
        return Array.isArray(value) ? intsAttribute(value as number[]) : intAttribute(value as number);
      default:
        throw new TraceError(
          `${this.place} needs ${op} with ${name}, an attribute that lossnet cannot write down`,
        );
    }
  }
}
