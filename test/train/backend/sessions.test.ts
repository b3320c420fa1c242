import { beforeAll, describe, expect, it } from 'vitest';
import { type Fed, type SessionHandle, sessions } from '../../../src/train/backend/sessions.js';
import { loadTensorFlow } from '../../../src/train/backend/tensorflow.js';
import { GraphBuilder, stringAttribute, typeAttribute } from '../../../src/train/engine/graph/graph-def.js';

const T = typeAttribute('float32');

beforeAll(() => loadTensorFlow());

/** A session that doubles floats, and passes integers on. */
function opened(alone: boolean): SessionHandle {
  const graph = new GraphBuilder();
  const fedX = graph.placeholder('x', 'float32', [-1, 2]);
  const x = graph.node('CheckNumerics', [fedX], { T, message: stringAttribute('x is odd') });
  graph.node('Add', [x, x], { T }, 'doubled');
  graph.identity(graph.placeholder('ids', 'int32', [-1]), 'int32', [], 'passed');
  return sessions().load(graph.def.serializeBinary(), alone);
}

const fed = (values: Fed['values'], shape: number[], records?: Uint32Array): Fed =>
  records ? { values, shape, records } : { values, shape };

describe.each([false, true])('a session, alone: %s', (alone) => {
  it('runs a graph, at once and beside JavaScript', () => {
    const session = opened(alone);
    const plan = sessions().plan(session, ['x', 'ids:0'], ['doubled:0', 'passed']);
    const feeds = (...numbers: number[]) => [
      fed(Float32Array.from(numbers), [numbers.length / 2, 2]),
      fed(Int32Array.of(7), [1]),
    ];
    const passed = { values: Int32Array.of(7), shape: [1] };
    expect(sessions().run(plan, feeds(1, 2))).toEqual([
      { values: Float32Array.of(2, 4), shape: [1, 2] },
      passed,
    ]);
    const given = feeds(1, 2, 3, 4);
    sessions().start(plan, given);
    // It has been copied.
    given[0]!.values.fill(0);
    const result = [{ values: Float32Array.of(2, 4, 6, 8), shape: [2, 2] }, passed];
    expect(sessions().finish(plan)).toEqual(result);
    sessions().close(session);
  });

  it('computes with numbers that are nearly 0 as with 0, on whichever thread', () => {
    const session = opened(alone);
    const plan = sessions().plan(session, ['x'], ['doubled']);
    const feeds = [fed(Float32Array.of(1e-39, 2e-38), [1, 2])];
    const expected = [{ values: Float32Array.of(0, 4e-38), shape: [1, 2] }];
    expect(sessions().run(plan, feeds)).toEqual(expected);
    sessions().start(plan, feeds);
    expect(sessions().finish(plan)).toEqual(expected);
    // JavaScript's own numbers stay as they are.
    expect(Math.fround(1e-39) * 1e-270).toBeGreaterThan(0);
    sessions().close(session);
  });

  it('takes rows from where they lie, also after batches of another size', () => {
    const session = opened(alone);
    const plan = sessions().plan(session, ['x'], ['doubled']);
    const all = Float32Array.from({ length: 40 }, (_, i) => i);
    for (const records of [[19, 0, 7], [1], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 19], [19, 0, 7]]) {
      const [given] = sessions().run(plan, [fed(all, [records.length, 2], Uint32Array.from(records))]);
      expect([...given!.values]).toEqual(records.flatMap((row) => [4 * row, 4 * row + 2]));
    }
    sessions().close(session);
  });

  it('takes rows of another shape that are as many bytes', () => {
    const graph = new GraphBuilder();
    const x = graph.placeholder('x', 'float32', [-1, -1]);
    graph.node('Add', [x, x], { T }, 'doubled');
    const session = sessions().load(graph.def.serializeBinary(), alone);
    const plan = sessions().plan(session, ['x'], ['doubled']);
    for (const shape of [
      [2, 3],
      [3, 2],
    ]) {
      const records = Uint32Array.from({ length: shape[0]! }, (_, i) => i);
      expect(sessions().run(plan, [fed(new Float32Array(6), shape, records)])[0]!.shape).toEqual(shape);
    }
    sessions().close(session);
  });

  it.each<[string, Fed, RegExp]>([
    ['another type', fed(Int32Array.of(1, 2), [1, 2]), /^What is fed for x is of another size or type\.$/],
    [
      'another size',
      fed(Float32Array.of(1, 2, 3), [1, 2]),
      /^What is fed for x is of another size or type\.$/,
    ],
    [
      'rows of another size',
      fed(new Float32Array(8), [2, 2], Uint32Array.of(1, 2, 3)),
      /another size or type/,
    ],
    [
      'a row that is not there',
      fed(new Float32Array(8), [1, 2], Uint32Array.of(4)),
      /^What is fed for x has no row 4\.$/,
    ],
    ['what an op refuses', fed(Float32Array.of(1, Number.NaN), [1, 2]), /x is odd/],
    ['no array', { values: 1 as never, shape: [] }, /^What is fed for x is no array\.$/],
  ])('refuses %s, and works afterwards', (_, feed, message) => {
    const session = opened(alone);
    const plan = sessions().plan(session, ['x'], ['doubled']);
    expect(() => sessions().run(plan, [feed])).toThrow(message);
    expect(() => {
      sessions().start(plan, [feed]);
      sessions().finish(plan);
    }).toThrow(message);
    expect(sessions().run(plan, [fed(Float32Array.of(1, 2), [1, 2])])[0]!.values).toEqual(
      Float32Array.of(2, 4),
    );
    sessions().close(session);
  });
});

it('says what a graph lacks', () => {
  const session = opened(false);
  expect(() => sessions().plan(session, ['y'], ['doubled'])).toThrow(/^The graph has no y\.$/);
  expect(() => sessions().plan(session, ['x'], ['tripled:0'])).toThrow(/^The graph has no tripled:0\.$/);
  sessions().close(session);
  const broken = new GraphBuilder();
  broken.node('Add', ['nowhere', 'nowhere'], { T });
  expect(() => sessions().load(broken.def.serializeBinary(), false)).toThrow(
    /^TensorFlow cannot load the graph: .*nowhere/,
  );
});
