import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateNesting } from '../../../../../src/train/data/sources/text/nesting.js';

const textOf = (seed: number, size: number) => generateNesting(seed, size).text;
/** Of a choice between two. */
const entropy = (p: number) => -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);

describe('generated lines of brackets', () => {
  it('are a function of the seed, and a longer text begins with a shorter one', () => {
    expect(textOf(0, 5000)).toHaveLength(5000);
    expect(textOf(0, 5000).startsWith(textOf(0, 777))).toBe(true);
    expect(textOf(1, 777)).not.toBe(textOf(0, 777));
    expect(createHash('sha256').update(textOf(0, 50_000)).digest('hex').slice(0, 16)).toMatchInlineSnapshot(
      `"72c0235c3f690dd4"`,
    );
  });

  it('close what was opened last, and end as they began', () => {
    const lines = textOf(3, 50_000).split('\n').slice(0, -1);
    expect(lines.length).toBeGreaterThan(1000);
    for (const line of lines) {
      expect([line[0], line.length > 1], line).toEqual([line.at(-1), true]);
      const open: string[] = [];
      for (const character of line) {
        const closing = ')]}'.indexOf(character);
        if ('([{'.includes(character)) open.push(character);
        if (closing >= 0) expect(open.pop(), line).toBe('([{'[closing]);
        expect(open.length).toBeLessThanOrEqual(3);
      }
      expect(open).toEqual([]);
    }
  });

  it('have the entropy that their grammar has', () => {
    // Of groups in a line, in such a group, and in one of these.
    const [a, b, c] = [0.7 / 0.3, 0.6 / 0.4, 0.4 / 0.6];
    const groups = a * (1 + b * (1 + c));
    const decisions = (1 + a) * entropy(0.7) + a * (1 + b) * entropy(0.6) + a * b * (1 + c) * entropy(0.4);
    const bits = 3 + groups * 2 * Math.log2(3) + decisions;
    const characters = 3 + 3 * groups;
    expect(generateNesting(4, 2_000_000).bitsPerChar).toBeCloseTo(bits / characters, 2);
  });
});
