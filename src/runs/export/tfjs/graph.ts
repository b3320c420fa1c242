import type { Port } from '../subject.js';

/** The output of a node: its name, or `name:1` and so on for all but the first. */
export type Value = string;

type GraphType = 'float32' | 'int32';

/** TensorFlow's names for the types of elements. */
export const TYPES: Readonly<Record<GraphType, string>> = { float32: 'DT_FLOAT', int32: 'DT_INT32' };

/** An attribute as protocol buffers are written in JSON. */
export type Attribute = Readonly<Record<string, unknown>>;

export const FLOAT: Attribute = { type: TYPES.float32 };
export const int = (value: number): Attribute => ({ i: `${value}` });
export const ints = (values: readonly number[]): Attribute => ({ list: { i: values.map(String) } });
export const flag = (b: boolean): Attribute => ({ b });
/** Text is in base64 there. */
export const text = (value: string): Attribute => ({ s: Buffer.from(value).toString('base64') });
export const shape = (sizes: Port['shape']): Attribute => ({ shape: shapeOf(sizes) });
export const shapeOf = (sizes: Port['shape']) => ({ dim: sizes.map((size) => ({ size: `${size ?? -1}` })) });

interface Node {
  readonly name: string;
  readonly op: string;
  readonly input: readonly Value[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

/** A constant, as the manifest of the weights describes it. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: GraphType;
  readonly bytes: Buffer;
}

/** Builds a graph of TensorFlow's operators that tfjs runs in a browser, node by node. */
export class TfjsGraph {
  readonly nodes: Node[] = [];
  readonly weights: Weight[] = [];
  readonly #names = new Set<string>();
  /** The layer that nodes are for: they are named after it. */
  layer = 'model';

  /**
   * @param op the operator's name
   * @param input values
   * @param attr by name
   * @param wanted its name; default: that of the layer and the operator
   * @returns its first output
   */
  node(
    op: string,
    input: readonly Value[],
    attr: Readonly<Record<string, Attribute>> = {},
    wanted = `${this.layer}/${op}`,
  ): Value {
    const name = this.#unused(wanted);
    this.nodes.push({ name, op, input, attr });
    return name;
  }

  floats(values: Float32Array | readonly number[], sizes: readonly number[], name = 'constant'): Value {
    return this.#constant(Float32Array.from(values), sizes, 'float32', name);
  }

  number(value: number): Value {
    return this.floats([value], []);
  }

  /** Whole numbers, such as a shape. */
  ints(values: readonly number[], sizes: readonly number[] = [values.length]): Value {
    return this.#constant(Int32Array.from(values), sizes, 'int32', 'constant');
  }

  /** @param sizes of the result; -1: what is left */
  reshape(x: Value, sizes: readonly number[]): Value {
    return this.node('Reshape', [x, this.ints(sizes)], { T: FLOAT, Tshape: { type: TYPES.int32 } });
  }

  transpose(x: Value, axes: readonly number[]): Value {
    return this.node('Transpose', [x, this.ints(axes)], { T: FLOAT, Tperm: { type: TYPES.int32 } });
  }

  /** An operator on numbers that has nothing but its type to be told. */
  plain(op: string, ...input: Value[]): Value {
    return this.node(op, input, { T: FLOAT });
  }

  #constant(
    values: Float32Array | Int32Array,
    sizes: readonly number[],
    dtype: GraphType,
    wanted: string,
  ): Value {
    const name = this.node('Const', [], { dtype: { type: TYPES[dtype] } }, wanted);
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    this.weights.push({ name, shape: sizes, dtype, bytes });
    return name;
  }

  #unused(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    return name;
  }
}
