import { describe, expect, it } from 'vitest';
import { layerSteps } from '../../../../src/runs/report/explain/layer-steps.js';
import { whyText } from '../../../../src/runs/report/explain/optimizers.js';
import { updatesText } from '../../../../src/runs/report/explain/updates.js';
import { type Moves, recordOf } from './helpers.js';

/** Gradients of one layer ten times those of the other. */
const FLAT: Moves = { gradient: 1e-4, step: 1e-6, weight: 0.05 };
const STEEP: Moves = { gradient: 1e-3, step: 1e-5, weight: 0.05 };
const SGD = Array(10).fill({ '1': FLAT, '3': STEEP });
const EVEN = Array(10).fill({ '1': { ...FLAT, step: 5e-4 }, '3': { ...STEEP, step: 6e-4 } });
/** A schedule lowers the learning rate a hundredfold; gradients and weights stay as they are. */
const FALLING = Array.from({ length: 20 }, (_, i) => 0.01 * 0.785 ** i);
const SCHEDULED = FALLING.map((lr) => {
  const moves = { gradient: 1e-3, step: lr * 1e-3, weight: 0.05 };
  return { '1': moves, '3': moves };
});
const ends = (accuracy: number) => ({ losses: [2, 1], accuracies: [0.1, accuracy] });
const sgd = (accuracy: number, ...more: string[]) => ({
  label: 'sgd',
  record: recordOf(['optimizer.type=sgd', 'optimizer.lr=0.01', ...more], { layers: SGD, ...ends(accuracy) }),
});
const adam = (accuracy: number, layers = EVEN) => ({
  label: 'adam',
  record: recordOf(['optimizer.type=adam', 'optimizer.lr=0.001'], { layers, ...ends(accuracy) }),
});

describe('what a step did to the layers', () => {
  it('is the gradient, the step and the ratio of each', () => {
    const [first, last] = layerSteps(sgd(0.5).record);
    expect(first).toMatchObject({ name: '1 linear', ratio: 1e-6 / 0.05 });
    expect(
      [first!.gradient, first!.step, last!.gradient, last!.step].map((value) => value.toPrecision(6)),
    ).toEqual([1e-4, 1e-6, 1e-3, 1e-5].map((value) => value.toPrecision(6)));
  });

  it('is told of sgd as going with the gradient, and of adam as evened out', () => {
    expect(updatesText(sgd(0.5).record)).toMatchInlineSnapshot(`
      [
        "A step of sgd moved a parameter by 0.000001 to 0.00001, its gradient being 0.0001 to 0.001 (root mean squares over a layer, medians over the steps on record). Between layers the gradients differ by a factor of 10, the steps by 10: its step is the gradient times the learning rate, so that a layer with a small gradient hardly moves.",
        "Its update ratio, 0.00011 in the median layer, says that 9100 steps in one direction would move a layer as far as its weights are large. With sgd it is the learning rate times gradient / weight: it tells how steep the loss is, and becomes smaller as the gradients do.",
      ]
    `);
    expect(updatesText(adam(0.5).record)).toMatchInlineSnapshot(`
      [
        "A step of adam moved a parameter by 0.0005 to 0.0006, its gradient being 0.0001 to 0.001 (root mean squares over a layer, medians over the steps on record). Between layers the gradients differ by a factor of 10, the steps by 1.2: adam divides a gradient by its own running size, which evens the steps out.",
        "Its update ratio, 0.011 in the median layer, says that 91 steps in one direction would move a layer as far as its weights are large. With adam it is set by the learning rate (0.001) and the size of the weights (0.05), hardly by the gradient: it tells how fast weights are replaced, not how steep the loss is.",
      ]
    `);
  });

  it('is told of momentum, of layers that are alike, and of how the ratio went', () => {
    const alike = Array.from({ length: 10 }, (_, i) => {
      const moves = { gradient: 1e-3, step: i < 5 ? 1e-3 : 1e-5, weight: 0.1 };
      return { '1': moves, '3': moves };
    });
    const text = updatesText(recordOf(['optimizer.type=rmsprop'], { layers: alike })).join(' ');
    expect(text).toContain('the layers are alike, and there is nothing to even out');
    expect(text).toContain('Here it went from 0.01 in the first fifth of the run to 0.0001 in the last');
    expect(updatesText(sgd(0.5, 'optimizer.momentum=0.9').record)[0]).toContain(
      'a running sum of gradients, up to 10 times the gradient with momentum 0.9',
    );
  });

  it('is not blamed on the gradients where a schedule made it', () => {
    const told = (...overrides: string[]) =>
      updatesText(
        recordOf(['schedule.type=exponential', 'schedule.gamma=0.1', ...overrides], {
          layers: SCHEDULED,
          lrs: FALLING,
        }),
      )[1];
    expect(told('optimizer.type=sgd')).toBe(
      'Its update ratio, 0.00002 in the median layer, says that 49000 steps in one direction would move a layer as far as its weights are large. With sgd it is the learning rate times gradient / weight: it tells how steep the loss is, and becomes smaller as the gradients do, and as the learning rate does. Here it went from 0.00014 in the first fifth of the run to 0.0000029 in the last, as the learning rate did, which the schedule exponential took from 0.007 to 0.00015; the median gradient norm went from 0.059 to 0.059 meanwhile.',
    );
    expect(told('optimizer.type=sgd', 'optimizer.momentum=0.9')).toContain(
      'With sgd and momentum 0.9 it is the learning rate times the running sum of gradients / weight',
    );
    expect(told('optimizer.type=adam')).toMatch(
      /With adam it is set by the learning rate \(0\.0001[\d]* to 0\.01, as its schedule had it\)/,
    );
    const steep = SCHEDULED.map(({ '1': own }, i) => {
      const moves = { ...own, gradient: 1e-3 * 0.785 ** i, step: own.step * 0.785 ** i };
      return { '1': moves, '3': moves };
    });
    const both = recordOf(['schedule.type=exponential', 'schedule.gamma=0.1'], {
      ...{ layers: steep, lrs: FALLING },
    });
    expect(updatesText(both)[1]).toMatch(
      /, not by the learning rate alone, which the schedule exponential took from 0\.007 to 0\.00015; the median gradient norm went from 0\.03 to 0\.00063 meanwhile\.$/,
    );
  });

  it('is not told where no layers are on record', () => {
    expect(updatesText(recordOf([], { losses: [1] }))).toEqual([]);
  });
});

describe('why one optimizer is ahead of the other', () => {
  it('is told by the sizes of their steps and by how these are shared out', () => {
    expect(whyText([sgd(0.3), adam(0.8)])).toMatchInlineSnapshot(`
      [
        "adam is ahead of sgd at the end, with eval accuracy 80.00 % against 30.00 %. A step moved a parameter by 0.0005 to 0.0006 with adam, which is 0.01 to 0.012 of its layer's weights, and by 0.000001 to 0.00001 with sgd, 0.00002 to 0.0002 of them.",
        "adam's steps were 170 times as large (geometric mean over the layers): adam divides a gradient by its own running size, so that its steps hardly depend on how large the gradients are; the steps of sgd go with the gradients, which were 0.0001 to 0.001 for a parameter with sgd. A larger learning rate lengthens the steps of sgd in all layers alike.",
        "Adam shared out its steps otherwise: layer 1 linear moved 500 times as far as with sgd, layer 3 linear 60 times; sgd has one learning rate for both.",
      ]
    `);
  });

  it('has other words where sgd is ahead by the same steps', () => {
    expect(whyText([sgd(0.8), adam(0.3)])).toMatchInlineSnapshot(`
      [
        "sgd is ahead of adam at the end, with eval accuracy 80.00 % against 30.00 %. A step moved a parameter by 0.0005 to 0.0006 with adam, which is 0.01 to 0.012 of its layer's weights, and by 0.000001 to 0.00001 with sgd, 0.00002 to 0.0002 of them.",
        "adam's steps were 170 times as large (geometric mean over the layers): adam divides a gradient by its own running size, so that its steps hardly depend on how large the gradients are; the steps of sgd go with the gradients, which were 0.0001 to 0.001 for a parameter with sgd. Larger steps were no advantage here: with adam a smaller learning rate is worth a run.",
        "Adam shared out its steps otherwise: layer 1 linear moved 500 times as far as with sgd, layer 3 linear 60 times; that adam moves each layer by about as much was no advantage here.",
      ]
    `);
  });

  it('is not known where the steps are alike', () => {
    const text = whyText([sgd(0.3), adam(0.8, SGD)]);
    expect(text[1]).toBe(
      'Their layers do not tell why: the steps of adam and sgd were of about the same size in each, within a factor of 1.0.',
    );
  });

  it('has no reason for a lead that may be luck', () => {
    const of = (label: string, accuracy: number, layers: typeof SGD) => ({
      label,
      record: recordOf([`optimizer.type=${label}`], { layers, ...ends(accuracy), samples: 74 }),
    });
    const text = whyText([of('sgd', 43 / 74, SGD), of('adam', 44 / 74, EVEN)]);
    expect(text[0]).toMatch(
      /^adam and sgd ended close to each other, with eval accuracy 59\.46 % against 58\.11 %, of 74 images: which is better may be luck\. A step moved/,
    );
    expect(text[1]).toMatch(/170 times as large \(geometric mean over the layers\).* with sgd\.$/);
    expect(text[2]).toMatch(/layer 3 linear 60 times\.$/);
  });

  it('takes the best run of each kind, and none that diverged', () => {
    const hot = { label: 'hot', record: { ...adam(0.9).record, diverged: {} as never } };
    expect(whyText([{ ...sgd(0.1), label: 'slow' }, sgd(0.5), adam(0.6), hot])[0]).toMatch(
      /^adam is ahead of sgd at the end, with eval accuracy 60\.00 % against 50\.00 %/,
    );
  });

  it('is not told of one kind alone, of other models, or without figures of layers', () => {
    const other = {
      label: 'other',
      record: recordOf(['optimizer.type=adam', 'model.1.out_features=5'], { layers: EVEN, ...ends(1) }),
    };
    expect(
      [
        [sgd(0.3), sgd(0.8)],
        [sgd(0.3), other],
        [sgd(0.3), adam(0.8, [])],
      ].map(whyText),
    ).toEqual([[], [], []]);
  });
});
