import { InvalidArgumentError, Option } from 'commander';
import { nearest } from '../../config/validate/spelling.js';

/**
 * An option that is one of some words; of a slip it is told which was meant.
 *
 * @param flags as commander has them, such as `--format <format>`
 * @param description for the help
 * @param words that are allowed
 * @returns the option, with these words in its help
 */
export function choice(flags: string, description: string, words: readonly string[]): Option {
  return new Option(flags, description).choices(words).argParser((word: string) => {
    if (words.includes(word)) return word;
    const meant = nearest(word, words);
    const guess = meant === undefined ? '' : ` Did you mean ${meant}?`;
    throw new InvalidArgumentError(`Allowed choices are ${words.join(', ')}.${guess}`);
  });
}
