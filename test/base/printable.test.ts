import { describe, expect, it } from 'vitest';
import {
  jsonLine,
  printable,
  printableLines,
  printableName,
  printableStyled,
} from '../../src/base/printable.js';

const EVIL = 'a\u001b[2J\u009b1m\u0007\u202e\u2028\ud800b';

describe('what is printed of text that others wrote', () => {
  it('is free of what steers a terminal', () => {
    expect(printable(EVIL)).toBe('a\ufffd[2J\ufffd1m\ufffd\ufffd\ufffd\ufffdb');
    expect(printable('Grüße, 世界 👩‍💻\ttab')).toBe('Grüße, 世界 👩‍💻  tab');
  });

  it('keeps its lines where it has some', () => {
    expect(printable('one\ntwo')).toBe('one\ufffdtwo');
    expect(printableLines('one\n\u001b[31mtwo\r\n')).toBe('one\n\ufffd[31mtwo\ufffd\n');
  });

  it('is cut where a name is endless', () => {
    expect(printableName('x'.repeat(120))).toBe('x'.repeat(120));
    expect(printableName('x'.repeat(121))).toBe(`${'x'.repeat(120)}…`);
  });

  it('keeps colours that are ours', () => {
    const bold = `\u001b[1m${'ok'}\u001b[22m`;
    expect(printableStyled(`${bold}\n\u001b[2J\u001b]0;title\u0007`)).toBe(
      `${bold}\n\ufffd[2J\ufffd]0;title\ufffd`,
    );
  });

  it('stays the same value as JSON', () => {
    const line = jsonLine({ name: EVIL });
    expect(line).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(line)).toEqual({ name: EVIL });
  });
});
