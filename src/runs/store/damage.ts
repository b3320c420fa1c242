import type { z } from 'zod';
import { LossnetError } from '../../base/errors.js';
import { printableName } from '../../base/printable.js';

/** JSON from a disk is not what it should be. The message says what is wrong where, without a full stop. */
export class Damage extends Error {}

/**
 * Checks JSON that any other program may have changed. Keys that the schema does not name, such as those of newer versions,
 * are left out.
 *
 * @param value what was parsed
 * @param schema of what is read of it
 * @throws Damage naming the first key that is missing or has the wrong type
 */
export function checked<T extends z.ZodType>(value: unknown, schema: T): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Damage(describe(parsed.error.issues[0]!, value));
}

/** What JSON says. @throws Damage when it is none */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Damage(`it is no JSON: ${printableName((error as Error).message)}`);
  }
}

function describe({ path, ...issue }: z.core.$ZodIssue, whole: unknown): string {
  const what = path.length === 0 ? 'it' : printableName(path.join('.'));
  const received = path.reduce((value, key) => (value as Record<PropertyKey, unknown>)?.[key], whole);
  if (received === undefined) return `${what} is missing`;
  return `${what} is ${printableName(JSON.stringify(received))}; expected ${expectation(issue)}`;
}

const KINDS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function expectation(issue: Omit<z.core.$ZodIssue, 'path'>): string {
  switch (issue.code) {
    case 'invalid_type': {
      const { expected } = issue as z.core.$ZodIssueInvalidType;
      return KINDS[expected] ?? expected;
    }
    case 'invalid_value':
      return (issue as z.core.$ZodIssueInvalidValue).values.join(' or ');
    case 'too_small':
      return `${(issue as z.core.$ZodIssueTooSmall).minimum} or more`;
    case 'too_big':
      return `${(issue as z.core.$ZodIssueTooBig).maximum} or less`;
    default:
      return 'something else';
  }
}

/**
 * @param place the file, with the line where it has lines
 * @param damage what is wrong there
 * @param remedy what to do about it
 */
export function damaged(place: string, damage: unknown, remedy: string): LossnetError {
  if (!(damage instanceof Damage)) throw damage;
  return new LossnetError('LOSSNET_RUN_DAMAGED', `${place} is damaged: ${damage.message}.`, remedy, {
    cause: damage,
  });
}
