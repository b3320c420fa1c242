import { type Tensor, tensorflow } from '../../src/train/backend/tensorflow.js';
import { GraphBuilder } from '../../src/train/engine/graph/graph-def.js';
import { GraphSession } from '../../src/train/engine/graph/session.js';
import { TraceHome } from '../../src/train/engine/graph/trace-home.js';
import { Tracer } from '../../src/train/engine/graph/tracer.js';
import type { Parameter } from '../../src/train/model/parameter.js';

/**
 * What tensor code gives when TensorFlow runs it as a graph, which it may fuse and reorder, as the graph engine's.
 *
 * @param inputs what the code is given
 * @param state the parameters and buffers that it reads
 * @param code from the inputs to some outputs
 * @returns the outputs
 */
export function compiled(
  inputs: readonly Tensor[],
  state: readonly Parameter[],
  code: (...inputs: Tensor[]) => Tensor[],
): Tensor[] {
  const graph = new GraphBuilder();
  const tracer = new Tracer(graph);
  const fed = [...inputs, ...state.map(({ data }) => data)];
  const feeds = fed.map((tensor, i) => ({ name: `feed${i}`, tensor }));
  const standIns = feeds.map(({ name, tensor: { shape, dtype } }) =>
    tracer.standIn(
      shape,
      graph.placeholder(name, dtype as 'float32' | 'int32', shape),
      dtype as 'float32' | 'int32',
    ),
  );
  const home = new TraceHome(new Map(state.map((tensor, i) => [tensor, standIns[inputs.length + i]!])));
  const outputs = home.during(state, () =>
    tracer.trace(() =>
      tensorflow().tidy(() =>
        code(...standIns.slice(0, inputs.length)).map((tensor) => tracer.outputOf(tensor)),
      ),
    ),
  );
  const session = GraphSession.load(graph.bytes);
  try {
    const given = session.run(
      feeds.map(({ name, tensor }) => ({ name, values: tensor.dataSync() })),
      outputs,
    );
    return given.map(({ values, shape }) => tensorflow().tensor(values, [...shape]));
  } finally {
    session.dispose();
  }
}
