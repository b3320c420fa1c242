import { describe, expect, it } from 'vitest';
import { type Dataset, inMemory } from '../../../src/train/data/dataset.js';
import { type HoldOut, holdOutOf } from '../../../src/train/data/hold-out.js';
import { recallDataset } from '../../../src/train/data/source.js';
import { shapes } from '../../../src/train/data/sources/shapes/index.js';

const SIZES = { type: 'shapes', trainSize: 200, evalSize: 50 } as const;
const heldOut = (own: Partial<HoldOut> = {}, trainSize = 200) =>
  holdOutOf(shapes({ ...SIZES, trainSize }), { val: 0.2, by: 'random', seed: 0, stratify: false, ...own });
const imagesOf = (dataset: Dataset) => {
  const { identity } = dataset;
  const inputs = inMemory(dataset);
  const each = inputs.length / identity.records;
  const bytes = Uint8Array.from(inputs);
  return Array.from({ length: identity.records }, (_, i) =>
    Buffer.from(bytes.subarray(i * each, (i + 1) * each)).toString('base64'),
  );
};

describe('a part held out of a training part', () => {
  it('chooses, and what was there to evaluate on is left for the end', async () => {
    const { train, eval: evaluation, test } = await heldOut().load();
    const whole = await shapes(SIZES).load();
    expect([train, evaluation, test!].map(({ identity }) => [identity.split, identity.records])).toEqual([
      ['train', 160],
      ['val', 40],
      ['test', 50],
    ]);
    expect(test!.identity).toEqual(whole.eval.identity);
    expect([...imagesOf(train), ...imagesOf(evaluation)].sort()).toEqual(imagesOf(whole.train).sort());
  });

  it('has the targets of its images', async () => {
    const whole = (await shapes(SIZES).load()).train;
    const targets = new Map(imagesOf(whole).map((image, i) => [image, whole.targets[i]]));
    const { eval: evaluation } = await heldOut().load();
    expect(imagesOf(evaluation).map((image) => targets.get(image))).toEqual([...evaluation.targets]);
  });

  it('by hash stays what it is when images are added', async () => {
    const few = imagesOf((await heldOut({ by: 'hash' }).load()).eval);
    const more = await heldOut({ by: 'hash' }, 400).load();
    const known = new Set(imagesOf((await shapes(SIZES).load()).train));
    expect(imagesOf(more.eval).filter((image) => known.has(image))).toEqual(few);
  });

  it('with the same share of each class, if it is to', async () => {
    const { eval: evaluation } = await heldOut({ stratify: true }).load();
    const counts = new Map<number, number>();
    for (const target of evaluation.targets) counts.set(target, (counts.get(target) ?? 0) + 1);
    expect([...counts.values()]).toEqual(Array(10).fill(4));
  });

  it('is found again from what a run recorded of it, and so is each other part', async () => {
    const parts = await heldOut().load();
    for (const { identity, inputs } of [parts.train, parts.eval, parts.test!]) {
      expect((await recallDataset(heldOut(), identity)).inputs).toEqual(inputs);
    }
  });

  it('is not there where none is asked for', () => {
    const source = shapes(SIZES);
    expect(holdOutOf(source, null)).toBe(source);
  });
});
