import { RandomStream } from '../../../random.js';

/** A text, and how much there is to know in it. */
export interface Sentences {
  readonly text: string;
  /** What no model can do with less than, however long it remembers. */
  readonly bitsPerChar: number;
}

const ADJECTIVES = ['old', 'small', 'red', 'happy'] as const;
const NOUNS = ['dog', 'cat', 'king', 'girl', 'bird', 'horse', 'cook', 'boy'] as const;
const PLACES = ['near', 'with', 'under', 'behind'] as const;
const VERBS = ['see', 'hear', 'know', 'paint'] as const;
const BRACKETS = ['()', '[]', '{}'] as const;
/** Chances of a bracket in a sentence, of one in that, and of one in the innermost. */
const DEEPER = [0.75, 0.5, 0.25] as const;

/**
 * Makes sentences that a model can tell well only if it remembers: the verb and the pronoun agree in number with the subject, over
 * brackets of three kinds that stand in between, hold nouns of their own and may hold brackets.
 *
 *     the old dogs (near the king [with the cats]) see themselves.
 *
 * All that is chosen, is chosen independently with chances that are known, so that the entropy of the text is known too:
 *
 *     bitsPerChar = - sum of log2(chance of each choice) / characters
 *
 * The choices are a function of the seed alone: a longer text begins with a shorter one.
 *
 * @param seed decides the text
 * @param size how many characters, from 1; the last sentence may be cut off
 * @returns the text, and its entropy
 */
export function generateSentences(seed: number, size: number): Sentences {
  const choices = new Choices(seed);
  const parts: string[] = [];
  let length = 0;
  while (length < size) {
    const part = sentence(choices);
    parts.push(part);
    length += part.length;
  }
  return { text: parts.join('').slice(0, size), bitsPerChar: choices.bits / length };
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

function sentence(choices: Choices): string {
  const isPlural = choices.happens(0.5);
  const subject = nounPhrase(choices, isPlural);
  const between = bracket(choices, 0);
  const verb = choices.of(VERBS);
  return `${subject}${between} ${isPlural ? `${verb} themselves` : `${verb}s itself`}.\n`;
}

function nounPhrase(choices: Choices, isPlural: boolean): string {
  const adjective = choices.happens(0.5) ? `${choices.of(ADJECTIVES)} ` : '';
  return `the ${adjective}${choices.of(NOUNS)}${isPlural ? 's' : ''}`;
}

function bracket(choices: Choices, depth: number): string {
  const chance = DEEPER[depth];
  if (chance === undefined || !choices.happens(chance)) return '';
  const [open, close] = choices.of(BRACKETS);
  const inside = `${choices.of(PLACES)} ${nounPhrase(choices, choices.happens(0.5))}`;
  return ` ${open}${inside}${bracket(choices, depth + 1)}${close}`;
}
