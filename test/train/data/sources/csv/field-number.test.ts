import { describe, expect, it } from 'vitest';
import {
  COMMA,
  NONE,
  POINT,
  readNumber,
  WHOLE,
} from '../../../../../src/train/data/sources/csv/field-number.js';
import { RandomStream } from '../../../../../src/train/random.js';

const read = (text: string) => {
  const [bytes, to] = [Buffer.from(text), new Float64Array(1)];
  const kind = readNumber(bytes, 0, bytes.length, to, 0);
  return { kind, value: to[0]! };
};

describe('a field is read as a number', () => {
  it.each<[string, number, number]>([
    ['0', WHOLE, 0],
    ['-0', WHOLE, -0],
    ['+7', WHOLE, 7],
    ['5.', POINT, 5],
    ['.5', POINT, 0.5],
    ['1,25', COMMA, 1.25],
    ['1e3', WHOLE, 1000],
    ['-1.5E-3', POINT, -0.0015],
    ['2,5e+1', COMMA, 25],
    ['123456789012345678901234567890', WHOLE, 1.2345678901234568e29],
    ['9007199254740993', WHOLE, 9007199254740992],
    ['1e400', WHOLE, Number.POSITIVE_INFINITY],
    ['1e-400', WHOLE, 0],
    ['4.9e-324', POINT, 5e-324],
    ['0.000000000000000000000000000001', POINT, 1e-30],
  ])('%s', (text, kind, value) => {
    expect(read(text)).toEqual({ kind, value });
  });

  it.each([
    '',
    '-',
    '.',
    ',',
    '+.',
    'e5',
    '1e',
    '1e+',
    '1.2.3',
    '1,2.3',
    '1 2',
    '1_0',
    '0x1F',
    'inf',
    'NaN',
    '--1',
    '1-',
    '٣',
  ])('or as none: "%s"', (text) => {
    expect(read(text)).toEqual({ kind: NONE, value: Number.NaN });
  });

  it('and is the nearest that there is, as Number has it', () => {
    const random = new RandomStream(3, 'text');
    const digits = (count: number) => Array.from({ length: count }, () => random.integer(10)).join('');
    const texts = Array.from({ length: 40_000 }, (_, i) => {
      const size = random.uniform(-1, 1) * 10 ** random.integer(30) * 10 ** -random.integer(30);
      if (i % 4 === 0) return String(size);
      if (i % 4 === 1) return size.toExponential(18);
      return `${digits(random.integer(18))}1.${digits(random.integer(25))}`;
    });
    // Between two numbers, and a little to either side.
    for (let i = 0; i < 2000; i++) {
      const odd = 2n ** 53n + 2n * BigInt(random.integer(2 ** 30)) + 1n;
      texts.push(`${odd}`, `${odd}.0`, `${odd}.0000001`, `${odd - 1n}.9999999`);
      texts.push(`${odd * 10n ** 4n}e-4`, `${odd * 5n ** 3n}e-3`);
    }
    const wrong = texts.filter((text) => !Object.is(read(text).value, Number(text)));
    expect(wrong).toEqual([]);
  });
});
