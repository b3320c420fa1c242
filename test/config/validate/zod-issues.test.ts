import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseYaml } from '../../../src/config/sources/parse-yaml.js';
import { validate } from '../../../src/config/validate/validate.js';

/** What the configuration's schema does not use yet must be explained as well on the day it does. */
describe('every kind of issue that zod knows', () => {
  const text = z.string().min(2).max(3);
  it.each<[string, z.ZodType, string]>([
    [
      'not_multiple_of',
      z.object({ a: z.number().multipleOf(8) }),
      'a: expected number, a multiple of 8; received 9',
    ],
    ['too_big text', z.object({ a: text }), 'a: expected text of 2 to 3 characters; received text "long"'],
    [
      'too_small text',
      z.object({ a: z.string().min(9) }),
      'a: expected text of at least 9 characters; received text "long"',
    ],
    [
      'too_big list',
      z.object({ a: z.array(z.int()).max(1) }),
      'a: expected a list with at most 1 entry, each integer; received the list [1, 2]',
    ],
    [
      'too_small list',
      z.object({ a: z.array(z.int()).min(3) }),
      'a: expected a list with at least 3 entries, each integer; received the list [1, 2]',
    ],
    ['less than', z.object({ a: z.number().lt(0) }), 'a: expected number < 0; received 9'],
    [
      'invalid_format',
      z.object({ a: z.email() }),
      'a: expected text of the form email; received text "long"',
    ],
    [
      'regex without words',
      z.object({ a: z.string().regex(/^x/) }),
      'a: expected text of the form ^x; received text "long"',
    ],
    [
      'invalid_value',
      z.object({ a: z.literal(['p', 'q']) }),
      'a: expected one of p, q; received text "long"',
    ],
    ['record key', z.object({ a: z.record(z.enum(['x']), z.int()) }), 'a.y: unknown key `y`'],
  ])('%s', (kind, schema, expected) => {
    const value = /list/.test(kind)
      ? '[1, 2]'
      : /multiple|less/.test(kind)
        ? '9'
        : /record/.test(kind)
          ? '{ y: 1 }'
          : 'long';
    const { tree } = parseYaml({ kind: 'argument', text: `a: ${value}`, index: 0 });
    if (tree?.kind !== 'block') throw new Error('expected a block');
    const problems = validate(schema, tree).problems.map(({ path, message }) => `${path}: ${message}`);
    expect(problems.join('\n')).toContain(expected);
  });
});
