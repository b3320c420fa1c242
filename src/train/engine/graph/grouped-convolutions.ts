import type { Tensor } from '../../backend/tensorflow.js';
import { type GraphBuilder, type Output, typeAttribute } from './graph-def.js';

/**
 * TensorFlow fuses a convolution with the bias or the normalisation that follows it. Of one in groups oneDNN computes that;
 * TensorFlow's own kernel refuses when it is run. `apart`: a node in between keeps them from being fused.
 */
export type GroupedConvolutions = 'fused' | 'apart';

/** What this process's TensorFlow, loaded, can run. */
export function groupedConvolutionsHere(): GroupedConvolutions {
  const isOn = ['1', 'true'].includes((process.env.TF_ENABLE_ONEDNN_OPTS ?? '').toLowerCase());
  return isOn && process.arch === 'x64' && process.platform !== 'darwin' ? 'fused' : 'apart';
}

/** Whether an op with these inputs is a convolution in groups. */
export function isInGroups(op: string, [x, filter]: readonly Tensor[]): boolean {
  return op === 'Conv2D' && x!.shape[3] !== filter!.shape[2];
}

/** The same value, with which nothing is fused. It has the memory of `value` where nobody else wants that. */
export function apart(graph: GraphBuilder, value: Output): Output {
  return graph.node('Snapshot', [value], { T: typeAttribute('float32') });
}
