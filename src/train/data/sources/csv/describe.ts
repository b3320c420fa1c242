import { quoted, some } from '../../data-error.js';
import type { Dataset } from '../../dataset.js';
import type { Parts } from '../../split.js';
import type { Encoded, Layout } from './encode.js';
import type { Part } from './features.js';
import type { Fitted } from './fit.js';
import type { CsvOptions } from './options.js';
import type { Table } from './table.js';
import type { TableTarget } from './target.js';
import { numberOf } from './values.js';

/** A part of a table, encoded. */
export interface PartOfTable {
  readonly file: string;
  readonly made: Part;
  readonly dataset: Dataset;
  /** Of a file of its own all of its rows. */
  readonly own?: Encoded;
}

/** What each column was taken for, the targets last. */
export function describeColumns(
  { features, texts, target }: Layout,
  { names }: Table,
  { columns }: Fitted,
): string[] {
  const inputs = features.map(({ name, kind }, i) => {
    const fitted = columns[i]!;
    return fitted.kind === 'category'
      ? `${name}: ${kind} of ${fitted.width} (${some(texts[i]!)})`
      : `${name}: ${kind}`;
  });
  const told =
    target.kind === 'class'
      ? [`${names[target.at]}: class of ${target.classes.length} (${some(target.classes)})`]
      : target.at.map((at) => `${names[at]}: target`);
  return [...inputs, ...told];
}

/** More columns than these are summed up by their kinds. */
const MOST_COLUMNS = 12;

/** How a table was taken, and what was left out of it. */
export function notesOn(
  { features, target, mark }: Layout,
  { file, delimiter }: Table,
  told: readonly string[],
  encoded: readonly Encoded[],
  parts: Parts | undefined,
): string[] {
  const isInferred = features.some((feature) => !feature.isTold) || !target.isTold;
  const kinds = (['number', 'boolean', 'category'] as const).flatMap((kind) => {
    const count = features.filter((feature) => feature.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  const targets = told.slice(features.length);
  const list =
    told.length <= MOST_COLUMNS ? told.join('; ') : [`columns: ${kinds.join(', ')}`, ...targets].join('; ');
  const written = [
    ...(delimiter === ','
      ? []
      : [`delimiter ${delimiter === 'blank' ? 'blanks' : JSON.stringify(delimiter)}`]),
    ...(mark === 'comma' ? ['decimal comma'] : []),
  ];
  const how = written.length === 0 ? '' : ` (${written.join(', ')})`;
  const shares = parts
    ? `${parts.train.length} rows to train on, ${parts.val.length} to choose with${parts.test.length > 0 ? `, ${parts.test.length} for the end` : ''}`
    : `${encoded[0]!.rows} rows to train on`;
  const dropped = encoded.flatMap(({ file: own, dropped: count, rows }) =>
    count === 0 ? [] : [`${own}: ${count} of ${count + rows} rows lack something and are left out`],
  );
  return [`${file}${how}, ${shares}; ${isInferred ? 'taken for' : 'as told'}: ${list}`, ...dropped];
}

/** A first line that only looks like a header. */
export function oddHeader({ file, names, unnamed }: Table, { header }: CsvOptions): string[] {
  const numbers = header
    ? names.filter((name) => !unnamed.has(name) && !Number.isNaN(numberOf(name, 'point')))
    : [];
  if (numbers.length === 0) return [];
  return [
    `${file}: the header names columns by numbers: ${some(numbers.map(quoted))}. If that line is no header: header: false, skip_lines: 1.`,
  ];
}

/** What training has not seen. */
export function warningsOn(
  target: TableTarget,
  train: PartOfTable,
  others: readonly PartOfTable[],
): string[] {
  const unseen = others.flatMap(({ file, made }) =>
    [...made.unseen].map(
      ([name, texts]) =>
        `${file}: column ${quoted(name)} has categories to evaluate on that no training row has: ${some(texts.map(quoted))}. Their inputs are all 0.`,
    ),
  );
  const once = [...new Set(unseen)];
  if (target.kind === 'value') return once;
  const seen = new Set(train.made.targets);
  const never = target.classes.filter((_, i) => !seen.has(i)).map(quoted);
  return never.length === 0 ? once : [...once, `${train.file}: no training row is of class ${some(never)}.`];
}
