import { DataError, quoted, some } from '../../data-error.js';
import { hashOf, PART_NAMES, type Parts, type Records, splitRecords } from '../../split.js';
import { columnAt } from './column.js';
import type { CsvOptions } from './options.js';
import { numberOf } from './values.js';

/** What the split needs of the rows, seen one after the other. */
export interface SplitReader {
  /** Positions of the columns that it looks at: they are no inputs. */
  readonly at: readonly number[];
  see(fields: readonly string[], line: number): void;
  /**
   * @param classes of the rows that were seen; null: the target is no class
   * @returns which of them are in which part
   * @throws DataError when a column says something else than a part or a time, or a part would be empty
   */
  parts(classes: Int32Array | null): Parts;
}

/** What a column may say, and the part that it means. */
const WORDS: Readonly<Record<string, (typeof PART_NAMES)[number]>> = {
  ...{ train: 'train', training: 'train' },
  ...{ val: 'val', valid: 'val', validation: 'val', dev: 'val' },
  ...{ test: 'test', testing: 'test' },
};

/**
 * @param names of the columns
 * @param options split: how rows are shared out; testPath: whether another file is for the end
 * @param file for errors
 * @returns what shares the rows out
 * @throws DataError when a column that is needed is not named, or is not there
 */
export function splitReader(
  names: readonly string[],
  { split, testPath }: Pick<CsvOptions, 'split' | 'testPath'>,
  file: string,
): SplitReader {
  const { by, seed, column, group } = split;
  checkColumns(split);
  const position = (name: string | number | null, key: string) =>
    name === null ? null : columnAt(names, name, { file, key });
  const [own, together] = [position(column, 'split.column'), position(group, 'split.group')];
  const [hashes, groups, told, times]: number[][] = [[], [], [], []];
  const ids = new Map<string, number>();
  const odd: string[] = [];
  let count = 0;
  return {
    at: [own, together].flatMap((at) => at ?? []),
    see(fields, line) {
      count += 1;
      if (by === 'hash')
        hashes!.push(hashOf(seed, together === null ? fields.join('\u001f') : fields[together]!));
      if (by === 'random' && together !== null) {
        const text = fields[together]!;
        if (!ids.has(text)) ids.set(text, ids.size);
        groups!.push(ids.get(text)!);
      }
      if (own === null) return;
      const text = fields[own]!;
      const word = WORDS[text.toLowerCase()];
      const value = by === 'time' ? timeOf(text) : word === undefined ? Number.NaN : PART_NAMES.indexOf(word);
      if (Number.isNaN(value)) odd.push(`${quoted(text)} in line ${line}`);
      (by === 'time' ? times : told)!.push(value);
    },
    parts(classes) {
      if (odd.length > 0) {
        const [what, allowed] =
          by === 'time'
            ? ['time', 'a time is a number, or a date such as 2026-01-31 or 2026-01-31T12:00:00Z']
            : ['part', `each row says one of ${Object.keys(WORDS).join(', ')}`];
        const message = `${file}: column ${quoted(names[own!]!)} has texts that are no ${what}: ${some(odd)}`;
        throw new DataError('split.column', message, [allowed]);
      }
      const records: Records = {
        count,
        hashes: by === 'hash' ? Float64Array.from(hashes!) : null,
        groups: by === 'random' && together !== null ? Int32Array.from(groups!) : null,
        told: by === 'column' ? Uint8Array.from(told!) : null,
        times: by === 'time' ? Float64Array.from(times!) : null,
        classes,
      };
      return splitRecords(records, testPath === null ? split : { ...split, test: 0 }, file, 'rows');
    },
  };
}

function checkColumns({ by, column, group }: CsvOptions['split']): void {
  const needsColumn = by === 'column' || by === 'time';
  if (needsColumn && column === null) {
    const says = by === 'time' ? 'has the time of each row' : 'says train, val or test';
    throw new DataError('split.by', `split.by ${by} needs a column that ${says}`, ['name it: split.column']);
  }
  if (!needsColumn && column !== null) {
    throw new DataError('split.column', `split.by ${by} looks at no column`, [
      'set split.by to column or time, or leave split.column out',
    ]);
  }
  if (needsColumn && group !== null) {
    throw new DataError('split.group', `split.by ${by} keeps no groups together`, [
      'set split.by to hash or random, or leave split.group out',
    ]);
  }
}

const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** Of a number itself, of a date its milliseconds, in UTC unless it says otherwise; NaN when it is neither. */
function timeOf(text: string): number {
  if (!DATE.test(text)) return numberOf(text, 'point');
  const iso = text.replace(' ', 'T');
  const isLocal = iso.includes('T') && !/(?:Z|[+-]\d\d:?\d\d)$/.test(iso);
  return Date.parse(isLocal ? `${iso}Z` : iso);
}
