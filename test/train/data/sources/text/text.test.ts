import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { classCounts } from '../../../../../src/train/data/dataset.js';
import { DataLoader } from '../../../../../src/train/data/loader.js';
import { recallDataset } from '../../../../../src/train/data/source.js';
import { type TextOptions, text } from '../../../../../src/train/data/sources/text/index.js';
import { NO_TRANSFORMS } from '../../../../helpers/data.js';
import { failure, temporaryFolder } from '../../helpers.js';

const WHOLE: TextOptions = {
  ...{ type: 'text', path: null, size: 2000, seed: 0, level: 'char' },
  ...{ context: 3, positions: 'last', stride: 1, split: { val: 0.2, test: 0.2 } },
};

/** A data set of a file with this content. */
function textOf(content: string | Uint8Array, options: Partial<TextOptions> = {}) {
  const path = join(temporaryFolder(), 't.txt');
  writeFileSync(path, content);
  return text({ ...WHOLE, path, ...options });
}

/** Each sample of a part in names: what is seen, and what comes next. */
function samplesOf(dataset: Awaited<ReturnType<ReturnType<typeof text>['load']>>['train'], batchSize = 4) {
  const options = { shuffle: false, dropLast: false, limit: null, seed: 0, transforms: NO_TRANSFORMS };
  const loader = new DataLoader(dataset, { batchSize, ...options });
  const { names } = dataset.spec.target;
  return [...loader.epoch(0)].flatMap(({ inputs, targets, shape, size }) =>
    Array.from({ length: size }, (_, i) => {
      const text = (ids: ArrayLike<number>) => Array.from(ids, (id) => names[id]).join('');
      const each = targets.length / size;
      const own = inputs.subarray(i * shape[0]!, (i + 1) * shape[0]!);
      return `${text(own)}>${text(targets.subarray(i * each, (i + 1) * each))}`;
    }),
  );
}

const loaded = async (content: string, options: Partial<TextOptions>) => {
  const source = textOf(content, options);
  return { ...(await source.load()), spec: source.spec };
};

const refusalOf = async (content: string | Uint8Array, options: Partial<TextOptions> = {}) => {
  const { message, remedy } = await failure(textOf(content, options).load());
  return `${message} → ${remedy?.split('\n').join('; ')}`.replace(/\S*\/(?=t\.txt|pipe)/g, '');
};

describe('a text is read', () => {
  it('and cut in time: no sample reaches over a border', async () => {
    const { train, eval: val, test } = await textOf('abcdefghijklmnopqrst').load();
    const shown = [train, val, test!].map((part) => [part.identity.split, samplesOf(part)]);
    expect(shown).toEqual([
      ['train', ['abc>d', 'bcd>e', 'cde>f', 'def>g', 'efg>h', 'fgh>i', 'ghi>j', 'hij>k', 'ijk>l']],
      ['val', ['unknownunknownunknown>unknown']],
      ['test', ['unknownunknownunknown>unknown']],
    ]);
  });

  it.each([
    [1, ['abc>d', 'bcd>e', 'cde>f', 'def>a', 'efa>b', 'fab>c']],
    [2, ['abc>d', 'cde>f', 'efa>b']],
    [5, ['abc>d', 'fab>c']],
    [6, ['abc>d']],
  ])('and a sample begins each %i characters', async (stride, samples) => {
    const split = { val: 0.4, test: 0 };
    const { train, eval: val, test } = await textOf('abcdefabcabcdef', { stride, split }).load();
    expect(samplesOf(train)).toEqual(samples);
    expect(samplesOf(train, 1)).toEqual(samples);
    expect([val.identity.split, test]).toEqual(['val', undefined]);
  });

  it.each([
    [null, ['abc>bcd', 'def>efa']],
    [1, ['abc>bcd', 'bcd>cde', 'cde>def', 'def>efa', 'efa>fab', 'fab>abc']],
    [2, ['abc>bcd', 'cde>def', 'efa>fab']],
    [5, ['abc>bcd', 'fab>abc']],
  ])('with the next character after each, samples each %s characters', async (stride, samples) => {
    const split = { val: 0.4, test: 0 };
    const options = { stride, split, positions: 'all' } as const;
    const { train, spec } = await loaded('abcdefabcabcdef', options);
    expect([samplesOf(train), samplesOf(train, 1)]).toEqual([samples, samples]);
    expect(spec.target).toMatchObject({ of: 'token', length: 3 });
    expect([train.nameOf!(1), train.nameOf!(1, 0)].map((name) => name.replace(/ of .*/, ''))).toEqual([
      `characters ${(stride ?? 3) + 2} to ${(stride ?? 3) + 4}`,
      `character ${(stride ?? 3) + 2}`,
    ]);
    // They are other data than those of which the last alone is told.
    const { train: last } = await loaded('abcdefabcabcdef', { ...options, positions: 'last' });
    expect(last.identity.sha256).not.toBe(train.identity.sha256);
    const counts = classCounts(train, train.identity.records)!;
    const told = samples.map((sample) => sample.split('>')[1]!).join('');
    expect(counts).toEqual(
      spec.target.names.map((name) => [...told].filter((character) => character === name).length),
    );
  });

  it('with the vocabulary of the train part, in the order of code points, and a place for what it has not', async () => {
    const source = textOf('cb a\n\t\u00e9\u{1f408}\u00a0aaaaXYXYX', {
      split: { val: 0.25, test: 0 },
      context: 1,
    });
    const { preprocessing, warnings, eval: val } = await source.load();
    expect(source.spec.target.names).toEqual([
      '\\t',
      '\\n',
      'space',
      'a',
      'b',
      'c',
      'U+00A0',
      '\u00e9',
      '\u{1f408}',
      'unknown',
    ]);
    expect(source.spec.input).toEqual({ kind: 'tokens', length: 1, vocabulary: 10 });
    const vocabulary = ['\t', '\n', ' ', 'a', 'b', 'c', '\u00a0', '\u00e9', '\u{1f408}'];
    expect(preprocessing?.tokens).toEqual({ level: 'char', vocabulary });
    expect(samplesOf(val)).toEqual(Array(4).fill('unknown>unknown'));
    expect(warnings).toEqual([
      expect.stringContaining(
        't.txt: 2 characters of what is evaluated on do not occur in what is trained on, and stand as unknown, 5 times: X, Y.',
      ),
    ]);
    expect(await source.findings!()).toMatchObject([{ kind: 'unknown_token', count: 2, places: ['X', 'Y'] }]);
  });

  it('as bytes: each its own number, whatever the file has', async () => {
    const source = textOf(Uint8Array.of(0xef, 0xbb, 0xbf, 97, 10, 0xff, 0, 32, 97, 98), {
      level: 'byte',
      split: { val: 0.4, test: 0 },
    });
    const { train, preprocessing, warnings } = await source.load();
    expect(source.spec.input).toMatchObject({ vocabulary: 256 });
    expect(samplesOf(train)).toEqual(['0xef0xbb0xbf>a', '0xbb0xbfa>\\n', '0xbfa\\n>0xff']);
    expect([preprocessing?.tokens, warnings]).toEqual([{ level: 'byte', vocabulary: null }, []]);
    expect(new Set(source.spec.target.names).size).toBe(256);
  });

  it('without its byte order mark, and with line ends as they are', async () => {
    const { train } = await textOf('\ufeffa\r\nb\nc\rab', {
      split: { val: 0.5, test: 0 },
      context: 2,
    }).load();
    expect(samplesOf(train)).toEqual(['a\\r>\\n', '\\r\\n>b']);
  });

  it('and tells where a sample is from', async () => {
    const { eval: val } = await textOf('abcdefghijklmnopqrst').load();
    expect(val.nameOf!(0)).toMatch(/^character 16 of .*t\.txt$/);
  });

  it('again for a run, and tells when it has changed', async () => {
    const path = join(temporaryFolder(), 't.txt');
    const write = (content: string) => writeFileSync(path, content.repeat(10));
    write('abcdefgh');
    const { train, eval: val, test } = await text({ ...WHOLE, path }).load();
    for (const { identity } of [train, val, test!])
      expect((await recallDataset(text({ ...WHOLE, path }), identity)).identity).toEqual(identity);
    write('abcdefgx');
    const error = await failure(recallDataset(text({ ...WHOLE, path }), val.identity));
    expect([error.code, error.message]).toEqual([
      'LOSSNET_DATA_CHANGED',
      expect.stringContaining('The val sequences of t.txt in'),
    ]);
    // The same characters, taken in another way, are other samples.
    const other = await text({ ...WHOLE, path, stride: 2 }).load();
    expect(other.train.identity.sha256).not.toBe(
      (await text({ ...WHOLE, path }).load()).train.identity.sha256,
    );
  });

  it('of which the vocabulary needs more than a byte', async () => {
    const many = Array.from({ length: 400 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
    const source = textOf(many, { split: { val: 0.1, test: 0 } });
    const { train } = await source.load();
    expect(source.spec.input).toMatchObject({ vocabulary: 361 });
    expect(samplesOf(train).at(-1)).toBe(`${[...many].slice(356, 359).join('')}>${many[359]}`);
  });
});

describe('a text is refused', () => {
  it.each<[string, string | Uint8Array, Partial<TextOptions>]>([
    ['t.txt is empty → name a file with text', '', {}],
    ['t.txt is empty → name a file with text', '\ufeff', {}],
    [
      't.txt is not UTF-8 text: line 2, byte 5 of the file is 0xe9 → save it as UTF-8, or convert it: iconv -f latin1 -t utf-8; or take its bytes as they are: level: byte',
      Buffer.from('abc\nd\u00e9fg', 'latin1'),
      {},
    ],
    [
      't.txt is not UTF-8 text: line 1, byte 4 of the file is 0xf0 → save it as UTF-8, or convert it: iconv -f latin1 -t utf-8; or take its bytes as they are: level: byte',
      Buffer.concat([Buffer.from('a\ufffd'), Buffer.from('\u{1f408}').subarray(0, 3)]),
      {},
    ],
    [
      'of the 20 characters of t.txt the val part has 4, the test part has 4: a sample needs 6, 5 and the next one → set a smaller context, other shares in split, or take a longer text',
      'abcdefghijklmnopqrst',
      { context: 5 },
    ],
    [
      'of the 4 bytes of t.txt the train part has 2, the val part has 1, the test part has 1: a sample needs 65, 64 and the next one → set a smaller context, other shares in split, or take a longer text',
      'abcd',
      { context: 64, level: 'byte' },
    ],
  ])('%s', async (message, content, options) => {
    expect(await refusalOf(content, options)).toBe(message);
  });

  it('when it is no file, a pipe, or too large', async () => {
    const folder = temporaryFolder();
    const said = async (path: string) => (await failure(text({ ...WHOLE, path }).load())).message;
    expect(await said(folder)).toBe(`${folder} is a folder`);
    expect(await said(join(folder, 'none.txt'))).toBe(`there is no file ${join(folder, 'none.txt')}`);
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await said(pipe)).toBe(`${pipe} is no regular file`);
    const large = join(folder, 'large.txt');
    writeFileSync(large, '');
    truncateSync(large, 200_000_001);
    expect(await said(large)).toBe(`${large} is larger than 200 MB of text`);
  });
});
