import { describe, expect, it } from 'vitest';
import { createLoss } from '../../../src/train/loss/index.js';
import { createTask, measuredOf, type TokenDetail } from '../../../src/train/task/index.js';
import { fixture } from '../../helpers/fixtures.js';
import { expectWithin } from '../../helpers/margin.js';
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
