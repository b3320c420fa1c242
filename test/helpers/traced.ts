import { vi } from 'vitest';
import { GraphBuilder } from '../../src/train/engine/graph/graph-def.js';

/**
 * Looks at the graph that is traced.
 *
 * @param run what may trace one
 * @returns what it returns, and the graph; undefined where none was traced
 */
export function tracedBy<T>(run: () => T): { readonly result: T; readonly graph: GraphBuilder | undefined } {
  let graph: GraphBuilder | undefined;
  const bytes = vi.spyOn(GraphBuilder.prototype, 'bytes', 'get').mockImplementation(function (
    this: GraphBuilder,
  ) {
    graph = this;
    return this.def.serializeBinary();
  });
  try {
    const result = run();
    return { result, graph };
  } finally {
    bytes.mockRestore();
  }
}
