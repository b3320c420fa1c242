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

describe.each([false, true])('a session, alone: %s', (alone) => {
  it('runs a graph, at once and beside JavaScript', () => {
    const session = opened(alone);
    const plan = sessions().plan(session, ['x', 'ids:0'], ['doubled:0', 'passed']);
    const feeds = (...numbers: number[]) => [
      Float32Array.from(numbers),
      undefined,
      Int32Array.of(7),
      undefined,
    ];
    const passed = { values: Int32Array.of(7), shape: [1] };
    expect(sessions().run(plan, feeds(1, 2))).toEqual([
      { values: Float32Array.of(2, 4), shape: [1, 2] },
      passed,
    ]);
    const given = feeds(1, 2, 3, 4);
    sessions().start(plan, given);
    // It has been copied.
    given[0]!.fill(0);
    const result = [{ values: Float32Array.of(2, 4, 6, 8), shape: [2, 2] }, passed];
    expect(sessions().finish(plan)).toEqual(result);
    sessions().close(session);
  });

  it('computes with numbers that are nearly 0 as with 0, on whichever thread', () => {
    const session = opened(alone);
    const plan = sessions().plan(session, ['x'], ['doubled']);
    const feeds = [Float32Array.of(1e-39, 2e-38), undefined];
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
      const [given] = sessions().run(plan, [all, Uint32Array.from(records)]);
      expect([...given!.values]).toEqual(records.flatMap((row) => [4 * row, 4 * row + 2]));
    }
    sessions().close(session);
  });

  it('copies what is given to where it is wanted', () => {
    const session = opened(alone);
    const plan = sessions().plan(session, ['x'], ['doubled']);
    const into = new Float32Array(2);
    expect(sessions().run(plan, [Float32Array.of(1, 2), undefined], into)).toBeUndefined();
    expect(into).toEqual(Float32Array.of(2, 4));
    sessions().start(plan, [Float32Array.of(3, 4), undefined]);
    expect(sessions().finish(plan, into)).toBeUndefined();
    expect(into).toEqual(Float32Array.of(6, 8));

    const wrong = /^What is given is of another size or type\.$/;
    const both = sessions().plan(session, ['x', 'ids'], ['doubled', 'passed']);
    const fed = [Float32Array.of(1, 2), undefined, Int32Array.of(7), undefined];
    expect(() => sessions().run(both, fed, into)).toThrow(wrong);
    expect(() => sessions().run(plan, fed, new Float32Array(3))).toThrow(wrong);
    expect(() => sessions().run(plan, fed, new Int32Array(2) as never)).toThrow(wrong);
    expect(into).toEqual(Float32Array.of(6, 8));
    sessions().close(session);
  });

  it.each<[string, Fed, RegExp]>([
    ['another type', [Int32Array.of(1, 2), undefined], /^What is fed for x is of another size or type\.$/],
    ['another size', [Float32Array.of(1, 2, 3), undefined], /another size or type/],
    [
      'a row that is not there',
      [new Float32Array(8), Uint32Array.of(4)],
      /^What is fed for x has no row 4\.$/,
    ],
    ['what an op refuses', [Float32Array.of(1, Number.NaN), undefined], /x is odd/],
    ['no array', [1 as never, undefined], /^What is fed for x is no array\.$/],
    ['nothing', [], /^What is fed for x is no array\.$/],
  ])('refuses %s, and works afterwards', (_, fed, message) => {
    const session = opened(alone);
    const plan = sessions().plan(session, ['x'], ['doubled']);
    expect(() => sessions().run(plan, fed)).toThrow(message);
    expect(() => {
      sessions().start(plan, fed);
      sessions().finish(plan);
    }).toThrow(message);
    expect(sessions().run(plan, [Float32Array.of(1, 2), undefined])[0]!.values).toEqual(
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
  const open = new GraphBuilder();
  open.placeholder('x', 'float32', [2, -1]);
  open.placeholder('y', 'float32', [2, 2]);
  const loaded = sessions().load(open.def.serializeBinary(), false);
  expect(() => sessions().plan(loaded, ['x'], ['x'])).toThrow(/^The graph does not say the sizes of x\.$/);
  const two = sessions().plan(loaded, ['y'], ['y']);
  const wrong = /^What is fed for y is of another size or type\.$/;
  expect(() => sessions().run(two, [new Float32Array(8), new Uint32Array(3)])).toThrow(wrong);
  sessions().close(loaded);
  const broken = new GraphBuilder();
  broken.node('Add', ['nowhere', 'nowhere'], { T });
  expect(() => sessions().load(broken.def.serializeBinary(), false)).toThrow(
    /^TensorFlow cannot load the graph: .*nowhere/,
  );
});
