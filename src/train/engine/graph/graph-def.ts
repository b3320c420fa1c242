import type { AttrValue, GraphDef, TensorShape } from './protobuf.js';
import { protobuf } from './protobuf.js';

export type GraphType = 'float32' | 'int32' | 'bool';

/** TensorFlow's numbers for the types of elements. */
export const DATA_TYPES: Readonly<Record<GraphType, number>> = { float32: 1, int32: 3, bool: 10 };

/** An output of a node: its name, or `name:1` and so on for all but the first. */
export type Output = string;

/** The values of a constant. */
export type ConstantValues = Float32Array | Int32Array | Uint8Array;

/** The version of the graph format; TensorFlow refuses graphs without one. */
const PRODUCER = 1087;

/** Bytes of a constant that is worth looking for among those that there are. */
const SMALL_CONSTANT = 64;

/** Builds a TensorFlow graph node by node. */
export class GraphBuilder {
  readonly def: GraphDef;
  #nodes = 0;
  /** Small constants by what they hold: the same few are wanted all over a graph. */
  readonly #constants = new Map<string, Output>();

  constructor() {
    const pb = protobuf();
    this.def = new pb.GraphDef();
    const versions = new pb.VersionDef();
    versions.setProducer(PRODUCER);
    this.def.setVersions(versions);
  }

  /**
   * @param op the op's name
   * @param inputs outputs of other nodes; with ^ in front: only to run before this one
   * @param attributes by name
   * @param name of the node; default one of its own
   * @returns the node's first output
   */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttrValue>> = {},
    name?: string,
  ): Output {
    const node = this.def.addNode();
    const own = name ?? `${op}_${this.#nodes++}`;
    node.setName(own);
    node.setOp(op);
    for (const input of inputs) node.addInput(input);
    for (const [key, value] of Object.entries(attributes)) node.getAttrMap().set(key, value);
    return own;
  }

  /** What a session is loaded from. */
  get bytes(): Uint8Array {
    return this.def.serializeBinary();
  }

  constant(values: ConstantValues, dtype: GraphType, shape: readonly number[]): Output {
    const make = () =>
      this.node('Const', [], { dtype: typeAttribute(dtype), value: tensorAttribute(values, dtype, shape) });
    if (values.byteLength > SMALL_CONSTANT) return make();
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const key = `${dtype} [${shape.join()}] ${bytes.toString('hex')}`;
    const known = this.#constants.get(key) ?? make();
    this.#constants.set(key, known);
    return known;
  }

  placeholder(name: string, dtype: GraphType, shape: readonly number[]): Output {
    return this.node('Placeholder', [], { dtype: typeAttribute(dtype), shape: shapeAttribute(shape) }, name);
  }

  /** The cells of `size` from `begin` on. */
  slice(value: Output, dtype: GraphType, begin: readonly number[], size: readonly number[]): Output {
    const index = (numbers: readonly number[]) =>
      this.constant(Int32Array.from(numbers), 'int32', [numbers.length]);
    const attributes = { T: typeAttribute(dtype), Index: typeAttribute('int32') };
    return this.node('Slice', [value, index(begin), index(size)], attributes);
  }

  /** The handle of a variable that lives in the session. */
  variable(name: string, dtype: GraphType, shape: readonly number[]): Output {
    const attributes = {
      dtype: typeAttribute(dtype),
      shape: shapeAttribute(shape),
      shared_name: stringAttribute(name),
      container: stringAttribute(''),
    };
    return this.node('VarHandleOp', [], attributes, name);
  }

  read(variable: Output, dtype: GraphType, name?: string): Output {
    return this.node('ReadVariableOp', [variable], { dtype: typeAttribute(dtype) }, name);
  }

  assign(variable: Output, value: Output, dtype: GraphType, after: readonly string[] = []): Output {
    return this.node('AssignVariableOp', [variable, value, ...after], { dtype: typeAttribute(dtype) });
  }

  /** `value` in memory of its own, that TensorFlow manages. */
  copy(value: Output, dtype: GraphType): Output {
    return this.node('DeepCopy', [value], { T: typeAttribute(dtype) });
  }

  /** `value`, once the nodes of `after` have run. */
  identity(value: Output, dtype: GraphType, after: readonly Output[] = [], name?: string): Output {
    return this.node('Identity', [value, ...afterAll(after)], { T: typeAttribute(dtype) }, name);
  }
}

/** The inputs that make a node wait for others. */
export function afterAll(nodes: readonly Output[]): string[] {
  return [...new Set(nodes.map((node) => `^${node.split(':')[0]}`))];
}

function attribute(set: (value: AttrValue) => void): AttrValue {
  const value = new (protobuf().AttrValue)();
  set(value);
  return value;
}

export const typeAttribute = (dtype: GraphType) => attribute((value) => value.setType(DATA_TYPES[dtype]));
export const intAttribute = (int: number) => attribute((value) => value.setI(int));
export const floatAttribute = (float: number) => attribute((value) => value.setF(float));
export const boolAttribute = (bool: boolean) => attribute((value) => value.setB(bool));
export const stringAttribute = (text: string) => attribute((value) => value.setS(Buffer.from(text)));
export const shapeAttribute = (shape: readonly number[]) =>
  attribute((value) => value.setShape(shapeProto(shape)));

export function typeNumberAttribute(type: number): AttrValue {
  return attribute((value) => value.setType(type));
}

export function intsAttribute(ints: readonly number[]): AttrValue {
  const list = new (protobuf().AttrValue.ListValue)();
  list.setIList(ints);
  return attribute((value) => value.setList(list));
}

export function shapeProto(shape: readonly number[]): TensorShape {
  const pb = protobuf();
  const result = new pb.TensorShape();
  for (const size of shape) {
    const dim = new pb.TensorShape.Dim();
    dim.setSize(size);
    result.addDim(dim);
  }
  return result;
}

function tensorAttribute(values: ConstantValues, dtype: GraphType, shape: readonly number[]): AttrValue {
  const tensor = new (protobuf().Tensor)();
  tensor.setDtype(DATA_TYPES[dtype]);
  tensor.setTensorShape(shapeProto(shape));
  if (dtype === 'bool') tensor.setBoolValList(Array.from(values, (value) => value !== 0));
  else tensor.setTensorContent(new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice());
  return attribute((value) => value.setTensor(tensor));
}
