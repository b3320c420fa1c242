import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { masked, maskedTexts } from './helpers/masked.js';
import { blocksOf, option, PAGES, picturesOf, ROOT, readPage, withBodies } from './helpers/pages.js';
import { bodyOf, exchangesOf, freshClone, replay } from './helpers/session.js';

/** `npm run docs` writes into the pages what the tests otherwise compare with them. */
const isWriting = process.env.DOCS === 'write';
/** Trainings, beside other tests. */
const TIMEOUT = 600_000;

const LANGUAGES = ['dockerfile', 'console', 'yaml', 'python', 'ts', 'text'];
/** What only lossnet prints. */
const PRINTED = /^ *(\$ |lossnet \d|epoch \d|done: |Usage: |error: |diverged: |saved in )|[┤└⠁-⣿]/m;

describe.each(PAGES)('%s', (page) => {
  const text = readPage(page);
  const blocks = blocksOf(text);
  const sessions = blocks
    .map((block, at) => ({ block, at, title: exchangesOf(block)[0]?.command ?? '' }))
    .filter(({ block }) => block.language === 'console');
  const pictures = picturesOf(text);
  const bodies: string[] = [];
  let folder: string;

  beforeAll(() => {
    folder = freshClone();
    for (const block of blocks) {
      const file = option(block, 'file');
      if (file !== undefined) writeFileSync(join(folder, file), block.body);
    }
  });

  afterAll(() => {
    if (isWriting) writeFileSync(`${ROOT}${page}`, withBodies(text, bodies));
    rmSync(folder, { recursive: true });
  });

  it('shows output in console blocks alone, each behind its command', () => {
    for (const { language, body } of blocks) {
      expect(LANGUAGES, 'the languages of blocks').toContain(language);
      expect(body.startsWith('$ '), body).toBe(language === 'console');
    }
    const others = text.replace(/^```console.*?^```$/gms, '');
    expect(PRINTED.exec(others)?.[0]).toBeUndefined();
  });

  // In the page's order, in one folder: what a command needs, those before it have made.
  it.each(sessions)('shows what $title prints', { timeout: TIMEOUT }, async ({ block, at }) => {
    const printed = bodyOf(await replay(block, folder));
    bodies[at] = printed;
    if (!isWriting) expect(masked(printed)).toEqual(masked(block.body));
  });

  it.each(pictures)('shows $drawn', ({ drawn, shown }) => {
    const [fresh, kept] = [join(folder, drawn), join(ROOT, dirname(page), shown)];
    if (isWriting) copyFileSync(fresh, kept);
    expect(existsSync(kept)).toBe(true);
    expect(maskedTexts(readFileSync(fresh, 'utf8'))).toEqual(maskedTexts(readFileSync(kept, 'utf8')));
    expect(maskedTexts(readFileSync(kept, 'utf8')).length).toBeGreaterThan(3);
  });
});

it('finds commands to run and pictures to draw', () => {
  const texts = PAGES.map(readPage);
  expect(texts.flatMap(blocksOf).flatMap(exchangesOf).length).toBeGreaterThan(7);
  expect(texts.flatMap(picturesOf).length).toBeGreaterThan(0);
});

describe('masked', () => {
  const EPOCH = 'epoch 1/8  train loss 2.1623 acc 19.02 %  lr 1e-7  10,977 images/s';

  it.each([
    ['figures', EPOCH, 'epoch 3/12  train loss 0.9 acc 7.00 %  lr 0.03  77 images/s'],
    ['which epoch is best', EPOCH, `${EPOCH}  best`],
    ['times', '4 runs in 58.1 s', '4 runs in 1 min 2 s'],
    ['singular and plural', 'after 1 epoch, 2 steps', 'after 2 epochs, 1 step'],
    ['hashes', 'weights (6794baeb)', 'weights (facbbbab)'],
    ['where lines are wrapped', 'ends best, with 9.90 %,\nand is', 'ends best, with 19.90 %, and\nis'],
    ['the width of columns', 'sgd   9.9\nadam 19.9', 'sgd  9.9\nadam 9.9'],
    [
      'curves',
      '2.5┤ ⠛⠭\n   │⣀▲\n   └┬──┬─\n    1  2\n  ● sgd',
      '0.5┤ ▲⠭\n   └─┬──┬──┬\n     1  2  3\n  ● sgd',
    ],
  ])('leaves out %s', (_, one, other) => {
    expect(masked(one)).toEqual(masked(other));
  });

  it.each([
    ['a word', 'healthy: fell 9 %', 'too large: fell 9 %'],
    ['a figure less', EPOCH, EPOCH.replace(' acc 19.02 %', '')],
    ['an order', 'adam 1\nsgd 2', 'sgd 1\nadam 2'],
    ['a paragraph', 'saved\n\nreport', 'saved\nreport'],
    [
      'the name of a curve',
      '2.5┤ ⠛⠭\n   └┬──┬─\n    1  2\n  ● sgd',
      '2.5┤ ⠛⠭\n   └┬──┬─\n    1  2\n  ● adam',
    ],
    ['a digit in a name', 'conv2d 3', 'conv1d 3'],
  ])('keeps %s', (_, one, other) => {
    expect(masked(one)).not.toEqual(masked(other));
  });
});
