import { RandomStream } from '../../../random.js';

/** A text, and how much there is to know in it. */
export interface Nesting {
  readonly text: string;
  /** What no model can do with less than, however long it remembers. */
  readonly bitsPerChar: number;
}

const ENDS = [...'abcdefgh'];
const INSIDE = [...'xyz'];
const BRACKETS = ['()', '[]', '{}'] as const;
/** The chance of one more group: in a line, in a group of it, and in a group of that. */
const MORE = [0.7, 0.6, 0.4] as const;

/**
 * Makes lines that a model can tell well only if it remembers: a bracket closes what was opened last, and a line ends with the
 * letter that it began with, over all that stands in between.
 *
 *     line  = end group* end newline        end: a to h, twice the same
 *     group = open inside group* close      inside: x, y or z; three kinds of brackets, at most three deep
 *
 *     c[z{y}](y[x])c
 *
 * All that is chosen, is chosen independently with chances that are known, so that the entropy of the text is known too:
 *
 *     bitsPerChar = - sum of log2(chance of each choice) / characters
 *
 * The choices are a function of the seed alone: a longer text begins with a shorter one.
 *
 * @param seed decides the text
 * @param size how many characters, from 1; the last line may be cut off
 * @returns the text, and its entropy
 */
export function generateNesting(seed: number, size: number): Nesting {
  const choices = new Choices(seed);
  const lines: string[] = [];
  let length = 0;
  while (length < size) {
    const end = choices.of(ENDS);
    const line = `${end}${groups(choices, 0)}${end}\n`;
    lines.push(line);
    length += line.length;
  }
  return { text: lines.join('').slice(0, size), bitsPerChar: choices.bits / length };
}

/** Draws, and sums up how much is told by what was drawn. */
class Choices {
  bits = 0;
  readonly #stream: RandomStream;

  constructor(seed: number) {
    this.#stream = new RandomStream(seed, 'text');
  }

  of<T>(list: readonly T[]): T {
    this.bits += Math.log2(list.length);
    return list[this.#stream.integer(list.length)]!;
  }

  /** @param share from above 0 to below 1 */
  happens(share: number): boolean {
    const does = this.#stream.float() < share;
    this.bits -= Math.log2(does ? share : 1 - share);
    return does;
  }
}

function groups(choices: Choices, depth: number): string {
  const chance = MORE[depth];
  let text = '';
  while (chance !== undefined && choices.happens(chance)) {
    const [open, close] = choices.of(BRACKETS);
    text += `${open}${choices.of(INSIDE)}${groups(choices, depth + 1)}${close}`;
  }
  return text;
}
