import { createHash, hash } from 'node:crypto';
import { RandomStream } from '../random.js';
import { DataError } from './data-error.js';

/** How samples are shared out. */
export interface SplitOptions {
  /** Share that chooses: the best epoch, the schedule. */
  readonly val: number;
  /** Share that is looked at once, at the end; 0: none. */
  readonly test: number;
  /**
   * `hash`: by what a sample is, so that further ones move none; `random`: by lot; `column`: as a column says; `time`: the latest
   * for the test, those before them to choose.
   */
  readonly by: 'hash' | 'random' | 'column' | 'time';
  /** Of hash and random, apart from the seed of the run. */
  readonly seed: number;
  /** With random: the same share of each class. */
  readonly stratify: boolean;
}

/** Positions of samples, in their order. */
export interface Parts {
  readonly train: Uint32Array;
  readonly val: Uint32Array;
  readonly test: Uint32Array;
}

/** What a split looks at: of these only what `by` asks for is needed. */
export interface Records {
  readonly count: number;
  /** For hash: of each sample a number in [0, 1), see `hashOf`. Those that share it stay together. */
  readonly hashes?: Float64Array | null;
  /** For random: of each sample its group. Those of a group stay together. Absent: each is on its own. */
  readonly groups?: Int32Array | null;
  /** For stratify: the class of each sample. */
  readonly classes?: Int32Array | null;
  /** For column: the part of each sample, an index into `PART_NAMES`. */
  readonly told?: Uint8Array | null;
  /** For time. */
  readonly times?: Float64Array | null;
}

/** In the order of `Records.told`. */
export const PART_NAMES = ['train', 'val', 'test'] as const;
const [TRAIN, VAL, TEST] = [0, 1, 2];

/**
 * Shares samples out into those to train on, those to choose with, and those for the end.
 *
 *     hash:    u = hash(seed, what it is); u < val: val; val <= u < val + test: test; else train
 *     random:  in a random order, the first round(val * n) for val, the next round(test * n) for test; of each class if stratify.
 *              With groups a part takes whole ones until it has as many samples
 *     column:  as each sample says
 *     time:    in the order of time, the last round(test * n) for test, round(val * n) before them for val. What is of the same
 *              time as the first of a part is in this part too
 *
 * @param records the samples
 * @param options the shares, and how
 * @param file what the samples are of, for errors
 * @param unit what they are called, `rows`
 * @returns the parts; that for the end is empty where none is asked for
 * @throws DataError when a part that is asked for would be empty, or classes cannot be shared out
 */
export function splitRecords(records: Records, options: SplitOptions, file: string, unit: string): Parts {
  checkStratify(records, options);
  const part = partsBy(records, options);
  const parts = {
    train: positionsOf(TRAIN!, part),
    val: positionsOf(VAL!, part),
    test: positionsOf(TEST!, part),
  };
  refuseEmpty(parts, options, `the ${records.count} ${unit} of ${file}`);
  return parts;
}

/**
 * @param seed of the split
 * @param key what a sample is, or the group that it is of
 * @returns a number that is uniform in [0, 1) over keys: the first 48 bits of their SHA-256
 */
export function hashOf(seed: number, key: string | Uint8Array): number {
  const digest =
    typeof key === 'string'
      ? hash('sha256', `${seed}\n${key}`)
      : createHash('sha256').update(`${seed}\n`).update(key).digest('hex');
  return shareOf(digest);
}

/**
 * The same for many keys of bytes: at once and in hexadecimal digits it takes a third of the time.
 *
 * @param seed of the split
 * @param longest how many bytes a key has at most
 * @returns a function that is given what writes a key into a buffer, at a position, and says where it ends
 */
export function hasherOf(
  seed: number,
  longest: number,
): (write: (to: Buffer, at: number) => number) => number {
  const start = Buffer.from(`${seed}\n`);
  const bytes = Buffer.alloc(start.length + longest);
  start.copy(bytes);
  return (write) => shareOf(hash('sha256', bytes.subarray(0, write(bytes, start.length))));
}

const shareOf = (digest: string): number => Number.parseInt(digest.slice(0, 12), 16) / 2 ** 48;

/** Loops here and below: of millions of samples, a callback for each takes longer than all else that is done with one. */
function positionsOf(wanted: number, part: Uint8Array): Uint32Array {
  const positions = new Uint32Array(part.length);
  let count = 0;
  for (let i = 0; i < part.length; i++) if (part[i] === wanted) positions[count++] = i;
  return positions.slice(0, count);
}

function partsBy(records: Records, options: SplitOptions): Uint8Array {
  const { val, test, by } = options;
  const { hashes, told, times } = records;
  switch (by) {
    case 'hash':
      return byHash(hashes!, val, test);
    case 'random':
      return atRandom(records, options);
    case 'column':
      return told!;
    case 'time':
      return inTime(times!, options);
  }
}

function byHash(hashes: Float64Array, val: number, test: number): Uint8Array {
  const part = new Uint8Array(hashes.length);
  for (let i = 0; i < hashes.length; i++) {
    const u = hashes[i]!;
    part[i] = u < val ? VAL! : u < val + test ? TEST! : TRAIN!;
  }
  return part;
}

function atRandom(
  { count, classes, groups }: Records,
  { val, test, seed, stratify }: SplitOptions,
): Uint8Array {
  const part = new Uint8Array(count);
  const strata = new Map<number, number[]>();
  const members = new Map<number, number[]>();
  for (let i = 0; i < count; i++) push(members, groups?.[i] ?? i, i);
  const ids = [...members.keys()];
  for (const at of new RandomStream(seed, 'split').permutation(ids.length)) {
    const id = ids[at]!;
    push(strata, stratify ? classes![members.get(id)![0]!]! : 0, id);
  }
  for (const stratum of strata.values()) {
    const size = stratum.reduce((sum, id) => sum + members.get(id)!.length, 0);
    const wanted = [
      { own: VAL!, least: Math.round(val * size) },
      { own: TEST!, least: Math.round(test * size) },
    ];
    let next = 0;
    for (const { own, least } of wanted) {
      let taken = 0;
      while (taken < least && next < stratum.length) {
        const group = members.get(stratum[next++]!)!;
        for (const i of group) part[i] = own;
        taken += group.length;
      }
    }
  }
  return part;
}

function push(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function inTime(times: Float64Array, { val, test }: SplitOptions): Uint8Array {
  const sorted = times.slice().sort();
  const n = times.length;
  const [tests, vals] = [Math.round(test * n), Math.round(val * n)];
  const firstTest = tests === 0 ? Number.POSITIVE_INFINITY : sorted[n - tests]!;
  const before = sorted.findIndex((time) => time >= firstTest);
  const rest = before < 0 ? n : before;
  const firstVal = vals === 0 || rest === 0 ? firstTest : sorted[Math.max(0, rest - vals)]!;
  return Uint8Array.from(times, (time) => (time >= firstTest ? TEST! : time >= firstVal ? VAL! : TRAIN!));
}

function checkStratify({ classes, groups }: Records, { stratify, by }: SplitOptions): void {
  if (!stratify) return;
  const off = 'set split.stratify to false';
  if (by !== 'random') {
    const message = `split.stratify shares classes out exactly, and split.by ${by} does not`;
    throw new DataError('split.stratify', message, [`set split.by to random, or split.stratify to false`]);
  }
  if (classes == null) {
    throw new DataError('split.stratify', 'split.stratify is for classes, and the target is a number', [off]);
  }
  if (groups != null) {
    const message =
      'split.stratify and split.group exclude one another: a group may have samples of several classes';
    throw new DataError('split.stratify', message, [off]);
  }
}

function refuseEmpty(parts: Parts, { val, test, by }: SplitOptions, what: string): void {
  const needs = {
    train: 'none to train on',
    val: 'none to choose the best epoch with',
    ...(by !== 'column' && test > 0 && { test: 'none to test on' }),
  };
  const lacks = Object.entries(needs).filter(([name]) => parts[name as keyof Parts].length === 0);
  if (lacks.length === 0) return;
  const texts = lacks.map(([, text]) => text).join(' and ');
  const [message, remedy] =
    by === 'column'
      ? [`of ${what} the column of split.column leaves ${texts}`, 'it must say train, val or test of each']
      : [
          `of ${what} split.val ${val}${test > 0 ? ` and split.test ${test}` : ''} leave${test > 0 ? '' : 's'} ${texts}`,
          `set other shares${by === 'hash' ? ', or split.by to random, which keeps to them exactly' : ''}`,
        ];
  throw new DataError('split', message, [remedy]);
}
