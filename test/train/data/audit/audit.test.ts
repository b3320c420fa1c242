import { describe, expect, it } from 'vitest';
import { auditData, type Finding } from '../../../../src/train/data/audit/index.js';
import type { DataSource } from '../../../../src/train/data/source.js';
import { fromArrays } from '../../../../src/train/data/sources/custom/from-arrays.js';
import { shapes } from '../../../../src/train/data/sources/shapes/index.js';
import { RandomStream } from '../../../../src/train/random.js';
import { tableOf } from '../sources/csv/helpers.js';

const inOrder = (count: number) => Array.from({ length: count }, (_, i) => i);
const audit = async (source: DataSource) => auditData(source, await source.load());
const kinds = (findings: readonly Finding[]) => findings.map(({ kind, level }) => `${level} ${kind}`);

/** A picture with a structure of its own. */
function picture(seed: number, noise = 0): Uint8Array {
  const [stream, other] = [new RandomStream(seed, 'shapes'), new RandomStream(seed + 1000, 'shapes')];
  const tiles = Array.from({ length: 64 }, () => stream.integer(200));
  return Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % 16, Math.floor(at / 48)];
    return tiles[(y >> 1) * 8 + (x >> 1)]! + (noise === 0 ? 0 : other.integer(noise));
  });
}

const pictures = (
  train: readonly Uint8Array[],
  evaluation: readonly Uint8Array[],
  classOf: (part: string, i: number) => number = (_, i) => i % 2,
) => {
  const samples = (part: string, list: readonly Uint8Array[]) => ({
    inputs: Uint8Array.from(list.flatMap((bytes) => [...bytes])),
    targets: Int32Array.from(list, (_, i) => classOf(part, i)),
  });
  return fromArrays({
    ...{ name: 'mine', shape: [3, 16, 16], classes: ['a', 'b'] },
    ...{ train: samples('train', train), eval: samples('eval', evaluation) },
  });
};
const several = (first: number, count: number) => inOrder(count).map((i) => picture(first + i));

describe('data are looked at', () => {
  it('and counted by part and class', async () => {
    const { parts, findings } = await audit(shapes({ type: 'shapes', trainSize: 40, evalSize: 20 }));
    expect(parts.map(({ part, records }) => [part, records])).toEqual([
      ['train', 40],
      ['test', 20],
    ]);
    expect(parts[0]!.classes).toHaveLength(10);
    expect(parts[0]!.classes!.reduce((sum, { count }) => sum + count, 0)).toBe(40);
    expect(findings).toEqual([]);
  });

  it('and pictures in several parts are found, with both places', async () => {
    const train = several(0, 6);
    const { findings } = await audit(
      pictures(train, [train[3]!, ...several(50, 3)], (part, i) => (part === 'eval' ? (i + 1) % 2 : i % 2)),
    );
    expect(kinds(findings)).toEqual(['error duplicates_across_parts']);
    expect(findings[0]).toMatchObject({ count: 1, places: ['train image 3 and test image 0'] });
  });

  it('and pictures that only look the same, but not those that do not', async () => {
    const train = several(0, 6);
    const { findings } = await audit(pictures(train, [picture(2, 6), picture(3, 120), ...several(50, 2)]));
    expect(kinds(findings)).toEqual(['warning near_duplicates_across_parts']);
    expect(findings[0]).toMatchObject({ count: 1, places: ['train image 2 and test image 0'] });
  });

  it('and the same picture with two labels, and copies within a part', async () => {
    const train = several(0, 6);
    const { findings } = await audit(pictures([...train, train[2]!, train[0]!], several(50, 4)));
    expect(kinds(findings)).toEqual(['warning different_labels', 'warning duplicates']);
    expect(findings[0]!.places).toEqual(['train image 0 (a) and train image 7 (b)']);
    expect(findings[1]!.places).toEqual(['train image 2 and train image 6']);
  });

  it('and classes that a part has not', async () => {
    const never = await audit(pictures(several(0, 4), several(50, 4), (part) => (part === 'train' ? 0 : 1)));
    expect(kinds(never.findings)).toEqual(['error missing_class', 'warning missing_class']);
    expect(never.findings.map(({ places }) => places)).toEqual([['b'], ['a']]);
  });

  it('and classes with very different numbers of samples, from more than ten times on', async () => {
    const uneven = async (rare: number) =>
      kinds(
        (
          await audit(
            pictures(several(0, 24), several(50, 4), (part, i) =>
              part === 'train' && i >= rare ? 1 : i % 2 === 0 ? 0 : part === 'train' ? 0 : 1,
            ),
          )
        ).findings,
      );
    expect(await uneven(2)).toEqual(['warning imbalance']);
    expect(await uneven(3)).toEqual([]);
  });
});

describe('a table is looked at', () => {
  const rows = (line: (i: number) => string, count = 60) => inOrder(count).map(line).join('\n');
  const findings = async (text: string, options = {}) =>
    (
      await audit(
        tableOf(text, {
          split: { val: 0.2, test: 0, by: 'random', seed: 0, stratify: false, column: null, group: null },
          ...options,
        }),
      )
    ).findings;
  const mixed = (i: number) => (i * 37) % 61;

  it.each<[string, string, string[], string]>([
    ['a constant', rows((i) => `${mixed(i)},7,${i % 2 ? 'p' : 'q'}`), ['constant_column'], 'b'],
    ['numbers of rows', rows((i) => `${mixed(i)},${i + 1},${i % 2 ? 'p' : 'q'}`), ['numbering_column'], 'b'],
    [
      'a number that tells the class',
      rows((i) => `${mixed(i)},${i % 2 ? mixed(i) : mixed(i) + 100},${i % 2 ? 'p' : 'q'}`),
      ['giveaway_column'],
      'b',
    ],
    [
      'a text that tells the class',
      rows((i) => `${mixed(i)},${['x', 'y', 'z'][i % 3]},${i % 3 ? 'p' : 'q'}`),
      ['giveaway_column'],
      'b',
    ],
    [
      'a number that is the target in another unit',
      rows((i) => `${i % 7},${mixed(i) * 2.54 + 1},${mixed(i) / 3}`),
      ['giveaway_column'],
      'b',
    ],
  ])('and %s is found', async (_, body, expected, column) => {
    const found = (await findings(`a,b,y\n${body}\n`)).filter(({ kind }) => kind.endsWith('_column'));
    expect(found.map(({ kind }) => kind)).toEqual(expected);
    expect(found[0]!.places[0]).toMatch(new RegExp(`t\\.csv, column \`${column}\`$`));
    expect(found[0]!.remedy).toContain(`columns: { ${column}: ignore }`);
  });

  it('and nothing is found where there is nothing', async () => {
    expect(
      await findings(`a,b,y\n${rows((i) => `${mixed(i)},${(i * i) % 53},${i % 2 ? 'p' : 'q'}`)}\n`),
    ).toEqual([]);
  });

  it('and rows are named by their lines, after rows that were left out', async () => {
    const text = `a,y\n1,p\n,q\n3,p\n4,q\n1,q\n${rows((i) => `${10 + i},${i % 2 ? 'p' : 'q'}`, 9)}\n`;
    const [found] = await findings(text, {
      missing: 'drop',
      split: { val: 0.2, test: 0, by: 'hash', seed: 1, stratify: false, column: null, group: null },
    });
    expect(found!.places.map((place) => place.replace(/\/\S*\//g, ''))).toEqual([
      't.csv:2 (p) and t.csv:6 (q)',
    ]);
  });
});
