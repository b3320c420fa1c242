import { beforeAll, describe, expect, it } from 'vitest';
import { buildRun } from '../../src/config/build.js';
import { planRun } from '../../src/config/plan.js';
import { loadTensorFlow } from '../../src/train/backend/tensorflow.js';
import { generateShapes } from '../../src/train/data/sources/shapes/draw.js';
import { errorOf, inTemporaryFolder, load, MINIMAL } from './helpers.js';

inTemporaryFolder();
beforeAll(() => loadTensorFlow());

/** A run of 4 epochs of 3 steps. */
const build = (added: string, minimal = MINIMAL) => {
  const data = (split: 'train' | 'test') => generateShapes({ seed: 0, split, size: 40 });
  const text = `${minimal}epochs: 4\nloader: { batch_size: 8 }\naccumulate: 2\n${added}\n`;
  return buildRun(planRun(load(text)), { train: data('train'), eval: data('test') }, null);
};

describe('buildRun', () => {
  it('gives the schedule the length of the run, in optimizer steps too', () => {
    const { parts, options } = build('schedule: { type: cosine, interval: step }');
    const lrs = [0, 6, 12].map((step) => parts.schedule({ epoch: 0, step }, []).lr);
    expect(lrs).toEqual([1e-3, expect.closeTo(5e-4, 12), 0]);
    expect(options.scheduleMonitor).toBeNull();
  });

  it('tells the trainer what the schedule monitors', () => {
    const { options } = build('schedule: { type: reduce_on_plateau, monitor: eval_accuracy }');
    expect([options.scheduleMonitor, options.monitor]).toEqual(['eval_accuracy', 'eval_loss']);
  });

  it.each([
    ['sgd', ', max_momentum: 0.9', 0.9],
    ['rmsprop', '', 0.95],
    ['adam', '', 0.95],
    ['sgd', ', cycle_momentum: false', 0],
    ['adagrad', ', cycle_momentum: false', null],
  ])('begins with the momentum that one_cycle begins with: %s%s', (optimizer, added, momentum) => {
    const schedule = `schedule: { type: one_cycle, max_lr: 0.1${added} }`;
    const { parts } = build(schedule, MINIMAL.replace('sgd', optimizer));
    expect(parts.optimizer.momentum).toBe(momentum);
  });

  describe('where only the data tells the number of steps', () => {
    const CIFAR10 = MINIMAL.replace('shapes', 'cifar10');

    it('refuses a warm-up as long as the run, and points at it', () => {
      const schedule = 'schedule: { type: one_cycle, max_lr: 0.1, warmup: { duration: 12 } }';
      const { problems } = errorOf(() => build(schedule, CIFAR10));
      expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
        'schedule.warmup.duration: expected less than 12, the steps of the run; received 12',
      ]);
      const { span } = problems[0]!.place;
      expect(span?.source.text.slice(span.start, span.end)).toBe('12');
    });

    it('warns of what is odd, once', () => {
      const schedule = 'schedule: { type: step, step_size: 12, interval: step }';
      expect(build(schedule, CIFAR10).warnings).toEqual([
        'schedule step: the learning rate would first fall after 12 steps, and the run has 12 steps',
      ]);
      const known = 'schedule: { type: step, step_size: 12 }';
      expect(load(`${CIFAR10}epochs: 4\n${known}\n`).warnings).toHaveLength(1);
      expect(build(known, CIFAR10).warnings).toEqual([]);
    });
  });

  describe('with loss.weight: balanced', () => {
    const text = `${MINIMAL}loss: { type: nll, weight: balanced }\n`;
    const data = (targets: (i: number) => number) => {
      const shapes = generateShapes({ seed: 0, split: 'train', size: 40 });
      return { train: { ...shapes, targets: Uint8Array.from({ length: 40 }, (_, i) => targets(i)) } };
    };
    const built = (targets: (i: number) => number, added = '') => {
      const { train } = data(targets);
      return buildRun(planRun(load(`${text}${added}`)), { train, eval: train }, null);
    };

    it('counts the training samples that are in use', () => {
      // 4 of each of ten classes, but 3 of the first and 5 of the second.
      const weights = built((i) => (i === 0 ? 1 : i % 10)).classWeights!;
      const [first, second, ...others] = [40 / (10 * 3), 40 / (10 * 5), ...new Array(8).fill(1)];
      expect(weights).toEqual([first, second, ...others]);
      const limited = built((i) => (i < 20 ? i % 10 : 0), 'loader: { limit: 20 }\n').classWeights;
      expect(limited).toEqual(new Array(10).fill(1));
      expect(build('').classWeights).toBeNull();
    });

    it('names the classes that no sample is of, unless they are ignored', () => {
      const { problems } = errorOf(() => built((i) => i % 8));
      expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
        expect.stringMatching(
          /^loss\.weight: balanced weights are n \/ \(classes \* count\), and none of the 40 training samples is of \S.* or \S/,
        ),
      ]);
      const ignored = text.replace('balanced', 'balanced, ignore_index: 9');
      const { train } = data((i) => i % 9);
      const run = buildRun(planRun(load(ignored)), { train, eval: train }, null);
      const counts = Array.from({ length: 9 }, (_, c) => (c < 4 ? 5 : 4));
      expect(run.classWeights).toEqual([...counts.map((count) => 40 / (9 * count)), 1]);
    });
  });

  it.each([
    ['loader: { batch_size: 39 }', 'the last batch of an epoch has one image (40 images, batches of 39)'],
    ['loader: { batch_size: 1 }', 'a batch has one image (40 images, batches of 1)'],
  ])('refuses batches that batch normalisation cannot be trained on: %s', (loader, message) => {
    const text = `${MINIMAL.replace('flatten }', 'flatten }, { type: batch_norm1d }')}${loader}\n`;
    const data = (split: 'train' | 'test') => generateShapes({ seed: 0, split, size: 40 });
    const plan = planRun(load(text));
    expect(() => buildRun(plan, { train: data('train'), eval: data('test') }, null)).toThrow(message);
  });
});
