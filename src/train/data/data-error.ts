import { LossnetError } from '../../base/errors.js';

/** Data that cannot be used as the options ask for. */
export class DataError extends LossnetError {
  /**
   * @param key what of the options it is about, such as `path`, or `split.val`
   * @param message the file, the line, the value received, what is allowed
   * @param remedies what to do, a line each
   * @param choice a name that is not known, those that are, and what these are called
   */
  constructor(
    readonly key: string,
    message: string,
    remedies: readonly string[] = [],
    readonly choice?: {
      readonly received: string;
      readonly known: readonly string[];
      readonly what: string;
    },
  ) {
    super('LOSSNET_DATA_UNUSABLE', message, remedies.length === 0 ? undefined : remedies.join('\n'));
  }
}

const MOST_LISTED = 5;

/** So many of a list, and how many more there are. */
export function some(items: readonly string[], total = items.length, most = MOST_LISTED): string {
  const shown = items.slice(0, most);
  const more = total - shown.length;
  return `${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

/** Text of a file as errors show it: on one line, and not too long. */
export function quoted(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  return `\`${short.replace(/\s+/g, ' ')}\``;
}
