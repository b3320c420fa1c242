import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recallDataset } from '../../../src/train/data/source.js';
import { createSource } from '../../../src/train/data/sources/index.js';

const SHAPES = { type: 'shapes', trainSize: 30, evalSize: 20, seed: 4 } as const;
const CIFAR = {
  type: 'cifar10',
  root: mkdtempSync(join(tmpdir(), 'lossnet-recorded-')),
  trainSplit: 'train',
  evalSplit: 'test',
  download: false,
  ifUnavailable: 'shapes',
} as const;

describe('recallDataset', () => {
  it('generates the same shapes again', async () => {
    const { eval: first } = await createSource(SHAPES).load();
    const again = await recallDataset(createSource(SHAPES), first.identity);
    expect(again).toEqual(first);
  });

  it('generates again what stood in for other data', async () => {
    const { eval: first } = await createSource(CIFAR).load();
    const again = await recallDataset(createSource(CIFAR), first.identity);
    expect(again.identity).toEqual(first.identity);
    expect(again.identity.standsInFor).toBe('cifar10');
  });

  it('refuses images that are not those of the run', async () => {
    const { eval: first } = await createSource(SHAPES).load();
    await expect(recallDataset(createSource({ ...SHAPES, seed: 5 }), first.identity)).rejects.toMatchObject({
      code: 'LOSSNET_DATA_CHANGED',
      message: expect.stringContaining('are not those of the run'),
    });
  });

  it('neither downloads nor replaces what is not there any more', async () => {
    const identity = {
      name: 'cifar10',
      split: 'test',
      source: CIFAR.root,
      records: 10,
      sha256: 'f'.repeat(64),
    } as const;
    await expect(
      recallDataset(createSource({ ...CIFAR, download: true }), identity, ['elsewhere']),
    ).rejects.toMatchObject({
      code: 'LOSSNET_DATA_UNAVAILABLE',
      message: expect.stringContaining('elsewhere'),
    });
  });
});
