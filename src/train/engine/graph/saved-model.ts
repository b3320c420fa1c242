import { DATA_TYPES, type GraphBuilder, type GraphType, type Output, shapeProto } from './graph-def.js';
import { protobuf, type TensorInfo } from './protobuf.js';

/** The tag that TensorFlow serves by. */
const SERVE = 'serve';

/** A tensor that goes in or comes out, for whoever calls the graph by name. */
export interface Port {
  readonly output: Output;
  readonly dtype: GraphType;
  readonly shape: readonly number[];
}

/** What a SavedModel can be called with. */
export interface Signature {
  readonly inputs: Readonly<Record<string, Port>>;
  readonly outputs: Readonly<Record<string, Port>>;
}

/**
 * @param graph the nodes
 * @param signature what `serving_default` takes and gives
 * @returns the bytes of saved_model.pb
 * @source https://www.tensorflow.org/guide/saved_model
 */
export function serializeSavedModel(graph: GraphBuilder, signature: Signature): Uint8Array {
  const pb = protobuf();
  const model = new pb.SavedModel();
  model.setSavedModelSchemaVersion(1);
  const metaGraph = model.addMetaGraphs();
  const meta = new pb.MetaGraphDef.MetaInfoDef();
  meta.addTags(SERVE);
  metaGraph.setMetaInfoDef(meta);
  metaGraph.setGraphDef(graph.def);
  const definition = new pb.SignatureDef();
  for (const [name, port] of Object.entries(signature.inputs))
    definition.getInputsMap().set(name, info(port));
  for (const [name, port] of Object.entries(signature.outputs))
    definition.getOutputsMap().set(name, info(port));
  definition.setMethodName('tensorflow/serving/predict');
  metaGraph.getSignatureDefMap().set('serving_default', definition);
  return model.serializeBinary();
}

function info({ output, dtype, shape }: Port): TensorInfo {
  const result = new (protobuf().TensorInfo)();
  result.setName(output.includes(':') ? output : `${output}:0`);
  result.setDtype(DATA_TYPES[dtype]);
  result.setTensorShape(shapeProto(shape));
  return result;
}
