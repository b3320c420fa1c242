import { describe, expect, it } from 'vitest';
import { fitted } from '../../../src/cli/ui/fitted.js';

const on = (columns: number) => ({ isTTY: true, columns });
const TEXT = 'done: 3 epochs in 3.2 s; final eval accuracy 10.50 %';

describe('fitted', () => {
  it('breaks between words, and between no figure and its unit', () => {
    expect(fitted(TEXT, on(22))).toBe('done: 3 epochs in\n  3.2 s; final eval\n  accuracy 10.50 %');
    expect(fitted(`  ${TEXT}`, on(30), 0)).toBe('  done: 3 epochs in 3.2 s;\n  final eval accuracy 10.50 %');
  });

  it('leaves what fits, what is one word, and what goes into a pipe', () => {
    expect(fitted(TEXT, on(TEXT.length))).toBe(TEXT);
    expect(fitted(`saved in /${'x'.repeat(40)}`, on(30))).toBe(`saved in\n  /${'x'.repeat(40)}`);
    for (const stream of [{ columns: 22 }, { isTTY: true, columns: 0 }, { isTTY: true }, on(7)])
      expect(fitted(TEXT, stream)).toBe(TEXT);
  });

  it('does not count colours, and counts wide characters twice', () => {
    const bold = (text: string) => `\u001b[1m${text}\u001b[22m`;
    expect(fitted(`${bold('done')}: 3 epochs in all`, on(22))).toBe(`${bold('done')}: 3 epochs in all`);
    expect(fitted('一二三四五 一二三四五', on(20))).toBe('一二三四五\n  一二三四五');
  });

  it('breaks each of several lines on its own', () => {
    expect(fitted('one two three four five\n  six', on(20))).toBe('one two three four\n  five\n  six');
  });
});
