import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../../../../src/train/data/data-error.js';
import type { Split } from '../../../../../src/train/data/dataset.js';
import { asOrdinaryUser, failure, temporaryFolder } from '../../helpers.js';
import { colourOf, folderOf, ownCache, pictures, plain, put, sourceOf } from './helpers.js';

const classesOf = (root: string) => sourceOf(root).spec.target.names;

/** What is wrong with a folder. */
function refused(root: string, labels: string | null = null): DataError {
  try {
    sourceOf(root, { labels }).spec;
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('class folders', () => {
  it('are the classes, numbers in number order, then texts by their characters', async () => {
    const root = await folderOf(
      await pictures({ 10: 1, 9: 1, '-1': 1, b: 1, B: 1, a1: 1, '07': 1, 'a b': 1 }),
    );
    expect(classesOf(root)).toEqual(['-1', '07', '9', '10', 'B', 'a b', 'a1', 'b']);
  });

  it('hold pictures in folders of their own, and links; what is hidden or no picture is left out, and said', async () => {
    ownCache();
    const root = await folderOf({
      ...(await pictures({ cat: 1, 'cat/old/very': 2, dog: 2, elsewhere: 0 })),
      'cat/.DS_Store': 'x',
      '.git/config': 'x',
      '__MACOSX/cat/1.png': 'x',
      'dog/notes.txt': 'x',
      'dog/README': 'x',
      'readme.md': 'x',
    });
    put(root, 'dog/LINK.PNG@', '../cat/0.png');
    const { train, eval: val, notes, warnings } = await sourceOf(root).load();
    const [trained, held] = [train, val].map(({ identity }) => identity.records);
    expect(notes).toEqual([
      `${root}, 6 pictures of 2 classes (\`cat\` 3, \`dog\` 3): ${trained} to train on, ${held} held out to choose with`,
      expect.stringMatching(/: left out: 3 hidden, 3 no pictures by name \((no ending|\.txt|\.md|, )+\)$/),
    ]);
    expect(warnings).toEqual([
      `${root}: 1 picture in folders of several classes, such as \`cat\` and \`dog\`.`,
    ]);
  });

  it('may have links that lead in a circle', async () => {
    ownCache();
    const root = await folderOf(await pictures({ cat: 2, dog: 2 }));
    put(root, 'cat/all@', '..');
    put(root, 'cat/self@', '.');
    expect(classesOf(root)).toEqual(['cat', 'dog']);
    put(root, 'dog/of cats@', '../cat');
    const { notes, warnings } = await sourceOf(root).load();
    expect(notes!.at(-1)).toMatch(/left out: 4 links in a circle$/);
    expect(notes![0]).toContain('6 pictures of 2 classes (`cat` 2, `dog` 4)');
    expect(warnings.slice(0, 1)).toEqual([
      `${root}: 2 pictures in folders of several classes, such as \`cat\` and \`dog\`.`,
    ]);
  });

  it('may have names of any characters', async () => {
    ownCache();
    const names = ['läufer', '日本', 'a\nb', '"q"', "it's", '100 %', 'con', '-n'];
    const root = await folderOf(await pictures(Object.fromEntries(names.map((name) => [name, 2]))));
    put(root, '-n/ü\n$(x).png', await plain([9, 9, 9]));
    expect([...classesOf(root)].sort()).toEqual([...names].sort());
    const { notes } = await sourceOf(root).load();
    expect(notes![0]).toContain('17 pictures of 8 classes');
    expect(notes![0]).toContain('`a b` 2');
    execFileSync('sh', ['-c', `cp "$0/-n/0.png" "$0/-n/$(printf 'caf\\351').png"`, root]);
    expect((await failure(sourceOf(root).load())).message).toMatch(
      /caf\ufffd\.png cannot be read: there is no such file/,
    );
  });

  it('that differ in case alone are two, with a warning', async () => {
    ownCache();
    const root = await folderOf(await pictures({ Cat: 2, cat: 2 }));
    expect(classesOf(root)).toEqual(['Cat', 'cat']);
    const { warnings } = await sourceOf(root).load();
    expect(warnings).toEqual([
      `${root}: classes of almost the same name: \`Cat\` and \`cat\`. If they are one, put their pictures into one folder.`,
    ]);
  });

  it('are looked at again when a folder has changed, and only then', async () => {
    const root = await folderOf(await pictures({ cat: 1, dog: 1 }));
    const before = classesOf(root);
    expect(classesOf(root)).toBe(before);
    put(root, 'emu/0.png', await plain([1, 2, 3]));
    utimesSync(root, 1, 1);
    expect(classesOf(root)).toEqual(['cat', 'dog', 'emu']);
    rmSync(join(root, 'dog'), { recursive: true });
    utimesSync(root, 2, 2);
    expect(classesOf(root)).toEqual(['cat', 'emu']);
  });
});

describe('folders of parts', () => {
  const partsOf = async (files: Record<string, number>): Promise<[Split, number][]> => {
    ownCache();
    const root = await folderOf(await pictures(files));
    const split = { val: 0.2, test: 0.2, by: 'random', seed: 0, stratify: false } as const;
    const { train, eval: evaluation, test } = await sourceOf(root, { split }).load();
    return [train, evaluation, ...(test ? [test] : [])].map(({ identity }) => [
      identity.split,
      identity.records,
    ]);
  };

  it.each(['val', 'valid', 'validation'])('decide, train, %s and test', async (val) => {
    const files = { 'train/a': 3, 'train/b': 4, [`${val}/a`]: 1, [`${val}/b`]: 1, 'test/b': 3 };
    expect(await partsOf(files)).toEqual([
      ['train', 7],
      ['val', 2],
      ['test', 3],
    ]);
  });

  it('without val have it taken from train', async () => {
    expect(await partsOf({ 'train/a': 10, 'train/b': 10, 'test/a': 3 })).toEqual([
      ['train', 16],
      ['val', 4],
      ['test', 3],
    ]);
  });

  it('without test have none', async () => {
    expect(await partsOf({ 'train/a': 3, 'train/b': 3, 'val/a': 3 })).toEqual([
      ['train', 6],
      ['val', 3],
    ]);
  });

  it('train alone is shared out', async () => {
    expect(await partsOf({ 'train/a': 10, 'train/b': 10 })).toEqual([
      ['train', 12],
      ['val', 4],
      ['test', 4],
    ]);
  });

  it('are told from classes that are called so', async () => {
    const root = await folderOf(await pictures({ train: 1, bus: 1, tram: 1 }));
    expect(classesOf(root)).toEqual(['bus', 'train', 'tram']);
  });

  it('may not share pictures without its being said', async () => {
    ownCache();
    const root = await folderOf(await pictures({ 'train/a': 2, 'train/b': 2 }));
    put(root, 'val/a/copy.png', await plain(colourOf(0)));
    const { warnings } = await sourceOf(root).load();
    expect(warnings).toEqual([
      `${root}: 1 picture in more than one part: figures of what was trained on are too good.`,
    ]);
  });
});

describe('what makes no data set', () => {
  const CASES: readonly [string, Record<string, number>, string, string][] = [
    ['nothing', {}, ' holds no class folders', '<class>/picture.png'],
    ['pictures alone', { '.': 3 }, ' holds 3 pictures and no class folders', 'labels'],
    ['one class', { cat: 2 }, ' has one class folder, `cat`: there is nothing to tell apart', 'add a folder'],
    ['a folder around it', { 'all/cat': 2, 'all/dog': 2 }, ' has one class folder, `all`', '/all'],
    [
      'an empty class',
      { cat: 2, dog: 0, emu: 0 },
      ': there is no picture in the class folders `dog`, `emu`',
      '.webp',
    ],
    [
      'loose pictures',
      { '.': 1, cat: 1, dog: 1 },
      ' has 1 picture beside its class folders: `0.png`',
      'folder of its class',
    ],
    ['a class of val alone', { 'train/a': 1, 'train/b': 1, 'val/B': 1 }, '/val has a class that ', 'alike'],
    [
      'two of val',
      { 'train/a': 1, 'train/b': 1, 'val/a': 1, 'valid/a': 1 },
      ' has val and valid: one part in two folders',
      '',
    ],
    ['test alone', { 'test/a': 1, 'test/b': 1 }, ' has test, and no train', 'name the part'],
    [
      'a part without pictures',
      { 'train/a': 1, 'train/b': 1, 'test/a': 0 },
      '/test: there is no picture',
      '',
    ],
    [
      'parts or classes',
      { 'train/a': 1, 'train/b': 1, bus: 1 },
      'beside `bus`: a part, or a class?',
      'rename it',
    ],
  ];

  it.each(CASES)('%s', async (_, counts, message, remedy) => {
    const root = await folderOf(await pictures(counts));
    for (const [name, count] of Object.entries(counts)) {
      if (count === 0) mkdirSync(join(root, name), { recursive: true });
    }
    const error = refused(root);
    expect(error.key).toBe('root');
    expect(error.message).toContain(message);
    expect(error.message).toContain(root);
    expect(error.remedy).toContain(remedy);
  });

  it('a root that is not there, and one that is a file', async () => {
    const root = await folderOf({ 'a.png': 'x' });
    expect(refused(join(root, 'b')).message).toBe(`there is no folder ${root}/b`);
    expect(refused(join(root, 'a.png')).message).toBe(`${root}/a.png is a file`);
  });

  it('a folder that may not be read', async () => {
    const root = await folderOf(await pictures({ cat: 1, dog: 1 }));
    chmodSync(join(root, 'dog'), 0o000);
    const error = await asOrdinaryUser(async () => refused(root));
    chmodSync(join(root, 'dog'), 0o700);
    expect(error.message).toBe(`${root}/dog cannot be read: permission denied (EACCES)`);
    expect(error.remedy).toContain('make it readable');
  });
});

describe('a table of labels', () => {
  const tableOf = async (text: string): Promise<[string, string]> => {
    const root = await folderOf(await pictures({ '.': 6, deep: 1 }));
    put(root, 'labels.csv', text);
    return [root, join(root, 'labels.csv')];
  };

  it('says of each picture what it is', async () => {
    ownCache();
    const [root, labels] = await tableOf(
      'id,label,path\n1,10,0.png\n2,9,1.png\n3,9,deep/0.png\n4,10,3.png\n4,10,3.png\n',
    );
    const source = sourceOf(root, { labels });
    expect(source.spec.target.names).toEqual(['9', '10']);
    const { train, eval: evaluation } = await source.load();
    expect([...train.targets, ...evaluation.targets].sort()).toEqual([0, 0, 1, 1]);
    // Paths count from the table too.
    expect(sourceOf(temporaryFolder(), { labels }).spec.target.names).toEqual(['9', '10']);
  });

  it.each([
    ['path,class\n0.png,a\n', 'lacks the column label; it has path, class', 'path,label'],
    ['path,label\n0.png,a\n1.png,a\n', 'all labels are `a`', 'further classes'],
    ['path,label\n0.png,a\n,b\n1.png,\n', 'rows lack a path or a label: line 3, line 4', 'fill them in'],
    ['path,label\n0.png,a\nx.bmp,b\n', 'rows name no pictures: line 3: `x.bmp`', '.png'],
    [
      'path,label\n0.png,a\n1.png,b\n./0.png,b\n',
      'name a picture with two labels: lines 2 and 4: `',
      'keep one',
    ],
    ['path,label\nq.png,a\nr.png,b\n', 'labels.csv:2: there is no file ', 'count from root'],
    ['path,label\n', 'has no rows below its header', 'header'],
  ])('%j is refused', async (text, message, remedy) => {
    const [root, labels] = await tableOf(text);
    const error = refused(root, labels);
    expect(error.key).toBe('labels');
    expect(error.message).toContain(message);
    expect(error.remedy).toContain(remedy);
  });

  it('that is not there is told', async () => {
    const root = await folderOf({});
    expect(refused(root, join(root, 'no.csv')).message).toBe(`there is no file ${root}/no.csv`);
  });

  it('leaves a picture that is not there to on_error', async () => {
    ownCache();
    const [root, labels] = await tableOf('path,label\n0.png,a\n1.png,b\n2.png,a\n3.png,b\ngone.png,b\n');
    expect((await failure(sourceOf(root, { labels }).load())).message).toContain('gone.png cannot be read');
    const { train, eval: evaluation } = await sourceOf(root, { labels, onError: 'skip' }).load();
    expect(train.identity.records + evaluation.identity.records).toBe(4);
  });
});
