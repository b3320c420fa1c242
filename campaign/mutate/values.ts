import type { Random } from '../random.js';

/** Names that mean something to JavaScript, and what a terminal or a report would obey. */
export const STRANGE_TEXTS: readonly string[] = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  '../../escape',
  '/',
  '.',
  'a\u0000b',
  '\u001b[31mred\u001b[2J',
  '\u001b]0;title\u0007',
  'line\nbreak',
  '\r',
  '\u202eright to left',
  '\ufeffmark',
  '\ud800',
  '👩‍👩‍👧 e\u0301 漢字',
  '<script>alert(1)</script>',
  '"quoted"',
  '$HOME',
  '%s%d%o',
  'x'.repeat(5000),
];

const STRANGE_NUMBERS: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  1e21,
  1e-7,
  1e300,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];

/** A value that hardly anyone would write. */
export function strangeValue(random: Random, depth = 0): unknown {
  switch (random.below(depth > 2 ? 5 : 8)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick(STRANGE_NUMBERS);
    case 3:
      return random.pick(STRANGE_TEXTS);
    case 4:
      return random.between(-10, 1000);
    case 5:
      return Array.from({ length: random.below(4) }, () => strangeValue(random, depth + 1));
    case 6:
      return Object.fromEntries([[random.pick(STRANGE_TEXTS), strangeValue(random, depth + 1)]]);
    default:
      return {};
  }
}

type Container = Record<string, unknown> | unknown[];

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** Every place within a value: what holds it, and under which key. */
export function placesIn(value: unknown): { holder: Container; key: string }[] {
  if (!isContainer(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [{ holder: value, key }, ...placesIn(inner)]);
}

/**
 * Changes a copy of plain data in one place: another value, another key, one more or one less.
 *
 * @param data what JSON or YAML can hold
 * @param random decides where and how
 */
export function mutateData<T>(data: T, random: Random): T {
  const copy = structuredClone(data);
  const places = placesIn(copy);
  if (places.length === 0) return strangeValue(random) as T;
  const { holder, key } = random.pick(places);
  const put = (at: string, value: unknown): void => {
    // Not by assignment: `__proto__` would be no key then.
    Object.defineProperty(holder, at, { value, enumerable: true, configurable: true, writable: true });
  };
  const current = (holder as Record<string, unknown>)[key];
  switch (random.below(8)) {
    case 0:
    case 1:
      put(key, strangeValue(random));
      break;
    case 2:
      put(key, nudged(current, random));
      break;
    case 3:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 4:
      if (Array.isArray(holder)) holder.splice(Number(key), 0, structuredClone(current));
      else put(random.pick(STRANGE_TEXTS), current);
      break;
    case 5: {
      const other = random.pick(places);
      put(key, structuredClone((other.holder as Record<string, unknown>)[other.key]));
      break;
    }
    case 6:
      if (!Array.isArray(holder)) {
        delete holder[key];
        put(misspelt(key, random), current);
      } else holder.reverse();
      break;
    default:
      put(key, [current]);
  }
  return copy;
}

/** A value of the same type that is not the same. */
function nudged(value: unknown, random: Random): unknown {
  if (typeof value === 'number') {
    return random.pick([-value, value + 1, value - 1, value * 2, value / 3, value * 1e6, value + 0.5]);
  }
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return misspelt(value, random);
  return strangeValue(random);
}

function misspelt(word: string, random: Random): string {
  const at = random.below(word.length + 1);
  return random.pick([
    word.slice(0, at) + word.slice(at + 1),
    word.slice(0, at) + random.pick(['x', '_', 'é', ' ', '-', '.', '\u0007']) + word.slice(at),
    word.toUpperCase(),
    word.repeat(2),
  ]);
}
