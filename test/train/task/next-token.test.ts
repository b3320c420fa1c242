import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { createLoss } from '../../../src/train/loss/index.js';
import { createTask, measuredOf, type TokenDetail } from '../../../src/train/task/index.js';
import { fixture } from '../../helpers/fixtures.js';
import { expectWithin } from '../../helpers/margin.js';
import { numbers } from '../../helpers/numbers.js';
import { lossOf } from '../../helpers/options.js';

interface Case {
  readonly name: string;
  readonly targets: readonly number[];
  readonly outputs: readonly (readonly number[])[];
  readonly ignore: number | null;
  readonly probabilities: 'softmax' | 'sigmoids';
  readonly figures: { readonly log_loss: number };
  readonly confusion: readonly (readonly number[])[];
}

const { cases } = fixture<{ cases: readonly Case[] }>('classification.json');

const target = (size: number) =>
  ({ kind: 'class', of: 'token', names: Array.from({ length: size }, (_, i) => `${i}`) }) as const;

function scoresOf({ outputs, targets, ignore, probabilities }: Case, batch: number) {
  const type = probabilities === 'softmax' ? 'cross_entropy' : 'bce_with_logits';
  const block = { type, ...(ignore !== null && { ignore_index: ignore }) };
  const scores = createTask(target(outputs[0]!.length)).scores(createLoss(lossOf(block)));
  for (let first = 0; first < targets.length; first += batch) {
    const said = Float32Array.from(outputs.slice(first, first + batch).flat());
    scores.add(said, Int32Array.from(targets.slice(first, first + batch)));
  }
  return scores;
}

describe.each(cases)('$name, as next tokens', (recorded) => {
  it.each([1000, 1, 7])(
    "perplexity and bits are those of scikit-learn's log_loss, batches of %i",
    (batch) => {
      const { perplexity, bits_per_char: bits } = scoresOf(recorded, batch).metrics();
      const { log_loss: entropy } = recorded.figures;
      expectWithin(Math.abs(Math.log(perplexity!) - entropy), 1e-6 * Math.max(1, entropy), 'perplexity');
      expectWithin(
        Math.abs(bits! - entropy / Math.log(2)),
        1e-6 * Math.max(1, entropy),
        'bits per character',
      );
    },
  );

  it('tells of each token how often it comes, is told right, and what it costs', () => {
    const scores = scoresOf(recorded, 7);
    const { tokens } = scores.detail() as TokenDetail;
    const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
    expect(tokens.map(({ support }) => support)).toEqual(recorded.confusion.map(sum));
    expect(tokens.map(({ right }) => right)).toEqual(recorded.confusion.map((row, i) => row[i]));
    const cost = sum(tokens.map(({ support, bits }) => support * (bits ?? 0)));
    const counted = sum(tokens.map(({ support }) => support));
    expect(cost / counted).toBeCloseTo(scores.metrics().bits_per_char!, 10);
    expect(tokens.every(({ support, bits }) => (bits === null) === (support === 0))).toBe(true);
  });
});

describe('the metrics of next tokens', () => {
  it('are accuracy, perplexity and bits, and what guessing has', () => {
    expect(measuredOf(target(32), 'cross_entropy')).toMatchObject([
      { name: 'accuracy', chance: 1 / 32 },
      { name: 'perplexity', chance: 32, better: 'smaller', evaluationOnly: true },
      { name: 'bits_per_char', chance: 5, better: 'smaller', evaluationOnly: true },
    ]);
  });

  it('are accuracy alone where a loss makes no probabilities', () => {
    expect(measuredOf(target(3), 'mse').map(({ name }) => name)).toEqual(['accuracy']);
    const scores = createTask(target(3)).scores(createLoss(lossOf({ type: 'mse' })));
    scores.add(Float32Array.of(0, 1, 0), Int32Array.of(1));
    expect(scores.metrics()).toEqual({});
    expect((scores.detail() as TokenDetail).tokens[1]).toEqual({
      name: '1',
      support: 1,
      right: 1,
      bits: null,
    });
  });
});

describe('where the next token is told after each of a sample', () => {
  const [size, length, samples] = [5, 3, 4];
  const each = createTask({ ...target(size), length });
  const one = createTask(target(size));
  const outputs = numbers('outputs', samples * length * size).map((value) => 3 * value);
  const targets = Int32Array.from(numbers('targets', samples * length), (value) =>
    Math.floor(((value + 1) / 2) * size),
  );
  const loss = createLoss(lossOf({ type: 'cross_entropy', ignore_index: 1, label_smoothing: 0.1 }));

  beforeAll(() => loadTensorFlow());

  it('every target counts as one, whatever sample it is of', () => {
    expect(each.targets).toEqual({ dtype: 'int32', shape: [length] });
    expect(targets).toContain(1);
    expect(each.divisor(targets, loss)).toBe(targets.filter((token) => token !== 1).length);
    expect(each.count(targets, loss)).toEqual(one.count(targets, loss));
    const sumsOf = (task: typeof each, shape: number[]) =>
      tensorflow().tidy(() => {
        const tf = tensorflow();
        const [said, right] = [tf.tensor(outputs, [...shape, size]), tf.tensor(targets, shape, 'int32')];
        const given = task.forLoss(said, right, loss.takes);
        const rows = [...loss.rows(given.outputs, given.targets).dataSync()];
        return { rows, correct: task.measure(said, right, loss).correct!.dataSync()[0] };
      });
    expect(sumsOf(each, [samples, length])).toEqual(sumsOf(one, [samples * length]));
    const [a, b] = [each.scores(loss), one.scores(loss)];
    for (const scores of [a, b]) scores.add(outputs, targets);
    expect([a.metrics(), a.detail()]).toEqual([b.metrics(), b.detail()]);
  });

  it('of samples that are drawn anew all targets count as often as their sample', () => {
    const readings = each.readings(loss);
    readings.add(outputs.subarray(0, length * size), targets.subarray(0, length));
    readings.add(outputs.subarray(length * size), targets.subarray(length));
    const drawn = [0, 2, 2, 3];
    const counts = [1, 0, 2, 1];
    const scores = one.scores(loss);
    let [right, counted] = [0, 0];
    for (const i of drawn) {
      const own = targets.subarray(i * length, (i + 1) * length);
      const said = outputs.subarray(i * length * size, (i + 1) * length * size);
      scores.add(said, own);
      for (const [k, token] of own.entries()) {
        if (token === 1) continue;
        const row = said.subarray(k * size, (k + 1) * size);
        counted += 1;
        if (row.indexOf(Math.max(...row)) === token) right += 1;
      }
    }
    const { accuracy, ...rest } = readings.metrics(counts);
    expect(accuracy).toBe(right / counted);
    for (const [name, value] of Object.entries(scores.metrics())) expect(rest[name]).toBeCloseTo(value, 12);
  });
});
