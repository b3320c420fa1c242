import { beforeAll, expect, it } from 'vitest';
import { sessions } from '../../../../src/train/backend/sessions.js';
import { loadTensorFlow } from '../../../../src/train/backend/tensorflow.js';
import { GraphBuilder, typeAttribute } from '../../../../src/train/engine/graph/graph-def.js';
import { GraphSession } from '../../../../src/train/engine/graph/session.js';

beforeAll(() => loadTensorFlow());

it('lets nothing go on that was begun beside what throws, and works afterwards', () => {
  const graph = new GraphBuilder();
  const side = 1000;
  const x = graph.placeholder('x', 'float32', [side, side]);
  graph.node('MatMul', [x, x], { T: typeAttribute('float32') }, 'product');
  const session = GraphSession.load(graph.bytes);
  const feeds = [{ name: 'x', values: new Float32Array(side * side).fill(1) }];
  const before = sessions().busy();
  const refuse = () => {
    throw new Error('there is no next one');
  };
  expect(() => session.run(feeds, ['product'], refuse)).toThrow('there is no next one');
  // It is over: its time has been counted.
  expect(sessions().busy()).toBeGreaterThan(before);
  expect(session.run(feeds, ['product'])[0]!.values[0]).toBe(side);
  session.dispose();
});
