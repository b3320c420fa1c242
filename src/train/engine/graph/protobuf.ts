import { createRequire } from 'node:module';
import { TFJS } from '../../backend/native/locations.js';

/**
 * TensorFlow's protocol buffers, as tfjs-node brings them (it exports no types for them). Only what a SavedModel of
 * lossnet's needs.
 */

export interface AttrValue {
  getS_asU8(): Uint8Array;
  getList(): ListValue | undefined;
  setType(type: number): void;
  setB(value: boolean): void;
  setS(value: Uint8Array): void;
  setI(value: number): void;
  setF(value: number): void;
  setList(list: ListValue): void;
  setShape(shape: TensorShape): void;
  setTensor(tensor: TensorProto): void;
}

export interface ListValue {
  getIList(): readonly number[];
  setIList(values: readonly number[]): void;
  setTypeList(values: readonly number[]): void;
}

export interface TensorShape {
  addDim(dim: Dim): void;
}

interface Dim {
  setSize(size: number): void;
}

export interface TensorProto {
  setDtype(type: number): void;
  setTensorShape(shape: TensorShape): void;
  setTensorContent(bytes: Uint8Array): void;
  setBoolValList(values: readonly boolean[]): void;
}

interface AttrMap {
  has(name: string): boolean;
  get(name: string): AttrValue | undefined;
  set(name: string, value: AttrValue): void;
  clear(): void;
}

export interface NodeDef {
  getName(): string;
  setName(name: string): void;
  getOp(): string;
  setOp(op: string): void;
  getInputList(): readonly string[];
  setInputList(inputs: readonly string[]): void;
  addInput(input: string): void;
  getAttrMap(): AttrMap;
}

export interface GraphDef {
  getNodeList(): readonly NodeDef[];
  addNode(): NodeDef;
  setVersions(versions: VersionDef): void;
  serializeBinary(): Uint8Array;
}

interface VersionDef {
  setProducer(version: number): void;
}

interface MetaGraph {
  setMetaInfoDef(info: MetaInfo): void;
  setGraphDef(graph: GraphDef): void;
  getSignatureDefMap(): { set(name: string, signature: SignatureDef): void };
}

interface MetaInfo {
  addTags(tag: string): void;
}

export interface TensorInfo {
  setName(name: string): void;
  setDtype(type: number): void;
  setTensorShape(shape: TensorShape): void;
}

export interface SignatureDef {
  getInputsMap(): { set(name: string, info: TensorInfo): void };
  getOutputsMap(): { set(name: string, info: TensorInfo): void };
  setMethodName(name: string): void;
}

export interface SavedModel {
  setSavedModelSchemaVersion(version: number): void;
  addMetaGraphs(): MetaGraph;
  serializeBinary(): Uint8Array;
}

interface Protobuf {
  readonly AttrValue: { new (): AttrValue; readonly ListValue: new () => ListValue };
  readonly TensorShape: { new (): TensorShape; readonly Dim: new () => Dim };
  readonly Tensor: new () => TensorProto;
  readonly GraphDef: new () => GraphDef;
  readonly VersionDef: new () => VersionDef;
  readonly MetaGraphDef: { readonly MetaInfoDef: new () => MetaInfo };
  readonly TensorInfo: new () => TensorInfo;
  readonly SignatureDef: new () => SignatureDef;
  readonly SavedModel: new () => SavedModel;
}

let loaded: Protobuf | undefined;

/** Loaded when the first graph is made: it takes a while. */
export function protobuf(): Protobuf {
  loaded ??= (createRequire(import.meta.url)(TFJS.node) as { protobuf(): Protobuf }).protobuf();
  return loaded;
}
