import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../../src/train/backend/tensorflow.js';
import { createLoss, type Targets } from '../../../src/train/loss/index.js';
import { createTask, type Target } from '../../../src/train/task/index.js';
import { CROSS_ENTROPY } from '../../helpers/losses.js';
import { numbers } from '../../helpers/numbers.js';
import { lossOf } from '../../helpers/options.js';

beforeAll(() => loadTensorFlow());

const SAMPLES = 40;
const COUNTS = Array.from({ length: SAMPLES }, (_, i) => (i * 7) % 4);

const class2: Target = { kind: 'class', names: ['no', 'yes'] };
const class7: Target = { kind: 'class', names: [...'abcdefg'] };
const tokens: Target = { kind: 'class', names: [...'abcde'], of: 'token' };
const values: Target = { kind: 'value', names: ['x', 'y'], mean: [1, 2], std: [2, 0.5] };

describe.each([
  ['two classes', class2],
  ['seven classes', class7],
  ['tokens', tokens],
  ['values', values],
] as const)('readings of %s', (_, target) => {
  const width = target.names.length;
  const outputs = Float32Array.from(numbers('outputs', SAMPLES * width));
  const targets: Targets =
    target.kind === 'class'
      ? Int32Array.from({ length: SAMPLES }, (_, i) => (i * 5) % width)
      : Float32Array.from(numbers('targets', SAMPLES * width));
  const loss =
    target.kind === 'class'
      ? createLoss({ ...CROSS_ENTROPY, ignoreIndex: width > 2 ? 1 : -100 })
      : createLoss(lossOf({ type: 'mse' }));

  /** The figures of samples as often as they are taken, one after another. */
  function repeated(counts: readonly number[]): Readonly<Record<string, number>> {
    const each = targets.length / SAMPLES;
    const rows = counts.flatMap((count, i) => new Array<number>(count).fill(i));
    const task = createTask(target);
    const own = Float32Array.from(rows.flatMap((i) => [...outputs.subarray(i * width, (i + 1) * width)]));
    const flat = rows.flatMap((i) => [...targets.subarray(i * each, (i + 1) * each)]);
    const readings = task.readings(loss);
    readings.add(own, target.kind === 'class' ? Int32Array.from(flat) : Float32Array.from(flat));
    return readings.metrics(rows.map(() => 1));
  }

  it('has the metrics of samples that count several times, or not at all', () => {
    const readings = createTask(target).readings(loss);
    readings.add(outputs, targets);
    const found = readings.metrics(COUNTS);
    const expected = repeated(COUNTS);
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const [name, value] of Object.entries(expected)) expect(found[name], name).toBeCloseTo(value, 12);
  });

  it('has those of the scores where each counts once, in batches of any size', () => {
    const task = createTask(target);
    const [scores, readings] = [task.scores(loss), task.readings(loss)];
    scores.add(outputs, targets);
    const each = targets.length / SAMPLES;
    for (const [from, to] of [
      [0, 7],
      [7, SAMPLES],
    ] as const) {
      readings.add(
        outputs.subarray(from * width, to * width),
        targets.subarray(from * each, to * each) as Targets,
      );
    }
    const found = readings.metrics(new Array(SAMPLES).fill(1));
    expect(found).toMatchObject(scores.metrics());
    expect(Object.keys(found)[0]).toBe(task.metrics[0]!.name);
  });
});
