import { readOnce } from '../../read-once.js';
import type { DataSource } from '../../source.js';
import type { TextOptions } from './options.js';
import { type ReadText, readText } from './read.js';

export type { TextOptions } from './options.js';

/** A comparison has hardly more of them. */
const MOST_KEPT = 3;
const readKept = readOnce(readText, ({ path }: TextOptions) => [path], MOST_KEPT);

/**
 * A text, in a file or generated, of which each next character is to be told. Its vocabulary is known only once it was read: that
 * happens once in a process, as soon as its spec is asked for, and again where its file has changed.
 *
 * @param options the text
 * @returns the data set; `spec` and `load` throw DataError `LOSSNET_DATA_UNUSABLE` for what is wrong with it
 */
export function text(options: TextOptions): DataSource {
  let read: ReadText | undefined;
  // The same for as long as this object lives, whatever becomes of the file.
  const whole = () => {
    read ??= readKept(options);
    return read;
  };
  return {
    get spec() {
      return whole().spec;
    },
    load: async () => {
      const { spec: _, findings: __, ...parts } = whole();
      return parts;
    },
    findings: async () => whole().findings,
    known: whole,
    recall: async ({ split }) => {
      const { train, eval: evaluation, test } = whole();
      if (split === 'train') return train;
      return split === 'test' ? (test ?? evaluation) : evaluation;
    },
  };
}
