import { VERSION } from '../../../base/package.js';
import { bytes, float, int, message, text } from './proto.js';

/** The name of a value that flows from node to node. */
export type Value = string;

/** Of a node: whole numbers, unless it is said that they are not. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** The operators' version: of 2020, so that every runtime in use has it. */
const OPSET = 13;
/** The file format's version that came with it. */
const IR_VERSION = 7;

/** ONNX's numbers for the types of elements. */
const ELEMENTS = { float32: 1, int32: 6, int64: 7 } as const;
/** Its numbers for the kinds of attributes. */
const KINDS = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** What goes in or comes out. The first dimension is the batch; null: of any size. */
export interface OnnxPort {
  readonly name: string;
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly (number | null)[];
}

/** Builds an ONNX graph node by node. */
export class OnnxGraph {
  readonly #nodes: Buffer[] = [];
  readonly #initializers: Buffer[] = [];
  readonly #names = new Set<string>();
  /** The layer that nodes are for: they are named after it. */
  layer = 'model';

  /**
   * @param op the operator's name
   * @param inputs values; an empty name is an input that is left out
   * @param attributes by name
   * @returns its first output
   */
  node(op: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.outputs(op, inputs, 1, attributes)[0]!;
  }

  /** The same of an operator of several outputs; all are given. */
  outputs(
    op: string,
    inputs: readonly Value[],
    count: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const name = this.#unused(`${this.layer}/${op}`);
    const outputs = Array.from({ length: count }, (_, i) => (i === 0 ? name : `${name}:${i}`));
    this.#add(op, inputs, outputs, attributes);
    return outputs;
  }

  /** Lets a value be known by another name, as an output is. */
  rename(value: Value, name: string): void {
    this.#add('Identity', [value], [name], {});
  }

  /** A constant of float32. */
  floats(values: readonly number[] | Float32Array, shape: readonly number[], name = 'constant'): Value {
    const floats = Float32Array.from(values);
    const raw = Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength);
    return this.#initializer(ELEMENTS.float32, raw, shape, name);
  }

  /** A row of whole numbers, such as a shape. */
  ints(values: readonly number[]): Value {
    const { buffer } = BigInt64Array.from(values, BigInt);
    return this.#initializer(ELEMENTS.int64, Buffer.from(buffer), [values.length], 'constant');
  }

  /**
   * @param input what goes in
   * @param output what comes out
   * @param notes kept with the model, by name
   * @returns the bytes of the file
   */
  serialize(input: OnnxPort, output: OnnxPort, notes: Readonly<Record<string, string>>): Buffer {
    const graph = message(
      ...this.#nodes.map((node) => bytes(1, node)),
      text(2, 'lossnet'),
      ...this.#initializers.map((initializer) => bytes(5, initializer)),
      bytes(11, valueInfo(input)),
      bytes(12, valueInfo(output)),
    );
    return message(
      int(1, IR_VERSION),
      text(2, 'lossnet'),
      text(3, VERSION),
      bytes(7, graph),
      bytes(8, int(2, OPSET)),
      ...Object.entries(notes).map(([key, value]) => bytes(14, message(text(1, key), text(2, value)))),
    );
  }

  #add(
    op: string,
    inputs: readonly Value[],
    outputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
  ): void {
    this.#nodes.push(
      message(
        ...inputs.map((input) => text(1, input)),
        ...outputs.map((output) => text(2, output)),
        text(3, outputs[0]!),
        text(4, op),
        ...Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
      ),
    );
  }

  #initializer(element: number, raw: Buffer, shape: readonly number[], wanted: string): Value {
    const name = this.#unused(wanted);
    this.#initializers.push(
      message(...shape.map((size) => int(1, size)), int(2, element), text(8, name), bytes(9, raw)),
    );
    return name;
  }

  #unused(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    return name;
  }
}

function attribute(name: string, value: Attribute): Buffer {
  if (typeof value === 'number') return message(text(1, name), int(3, value), int(20, KINDS.int));
  if (typeof value === 'string') return message(text(1, name), text(4, value), int(20, KINDS.string));
  if ('float' in value) return message(text(1, name), float(2, value.float), int(20, KINDS.float));
  return message(text(1, name), ...value.map((each) => int(8, each)), int(20, KINDS.ints));
}

function valueInfo({ name, dtype, shape }: OnnxPort): Buffer {
  const dims = shape.map((size) => bytes(1, size === null ? text(2, 'batch') : int(1, size)));
  const tensor = message(int(1, ELEMENTS[dtype]), bytes(2, message(...dims)));
  return message(text(1, name), bytes(2, bytes(1, tensor)));
}
