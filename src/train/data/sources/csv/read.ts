import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { DataSpec, Dataset, Split } from '../../dataset.js';
import { type Encoded, encodeTable, type Layout, refuseMissing } from './encode.js';
import { partOf } from './features.js';
import { type Fitted, fitColumns } from './fit.js';
import { inspectTable } from './inspect.js';
import { featuresOf } from './kinds.js';
import type { CsvOptions } from './options.js';
import { splitRows } from './split.js';
import { openTable, type Table } from './table.js';
import { quoted, some, TableError } from './table-error.js';
import { type TableTarget, targetColumns, targetOf } from './target.js';
import { inOrder, numberOf } from './values.js';

/** A table, read and made into what is trained and evaluated on. */
export interface ReadTable {
  readonly spec: DataSpec;
  readonly train: Dataset;
  readonly eval: Dataset;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Reads a table: finds out what its columns are, holds out rows, fits on the others, and encodes both.
 *
 * @param options the table
 * @returns its two parts
 * @throws TableError with what is wrong and where
 */
export function readTable(options: CsvOptions): ReadTable {
  const { path, evalPath, split, missing } = options;
  const table = openTable(path, 'path', options);
  const { file } = table;
  const at = targetColumns(table.names, options.target, file);
  const isTold = (name: string) =>
    options.columns[name] === 'category' || at.includes(table.names.indexOf(name));
  const inspection = inspectTable(table, options, isTold);
  const { mark, columns } = inspection;
  const target = targetOf(columns, at, options, { file, mark });
  const features = featuresOf(columns, at, options, { file, unnamed: table.unnamed, mark });
  const texts = features.map(({ kind, at: own }) =>
    kind === 'category' ? inOrder(columns[own]!.distinct.keys()) : [],
  );
  const layout: Layout = { features, texts, target, mark };
  refuseMissing(table, inspection, layout, missing);

  const seed = evalPath === null && split.by === 'hash' ? split.seed : null;
  const encoded = encodeTable(table, layout, { ...options, seed });
  const classes = target.kind === 'class' ? Int32Array.from(encoded.targets[0]!) : null;
  const all = (rows: number) => Uint32Array.from({ length: rows }, (_, row) => row);
  const parts = evalPath === null ? splitRows({ ...encoded, classes }, split, file) : null;
  const other = evalPath === null ? null : encodeOther(evalPath, table, layout, options);

  const trainRows = parts?.train ?? all(encoded.rows);
  const evalRows = parts?.val ?? all(other!.rows);
  const fitted = fitColumns(encoded, trainRows, layout, options);
  const about = {
    areStandardized: options.standardize === true,
    targetNames: at.map((position) => table.names[position]!),
  };
  const make = (own: Encoded, rows: Uint32Array) => partOf(own, rows, layout, fitted, about);
  const train = make(encoded, trainRows);
  const evaluation = make(other ?? encoded, evalRows);
  const spec = specOf(options, table, target, fitted);
  const told = describeColumns(layout, table, fitted);
  return {
    spec,
    train: datasetOf(spec, 'train', path, { ...train, told }),
    eval: datasetOf(spec, evalPath === null ? 'val' : 'test', evalPath ?? path, { ...evaluation, told }),
    notes: notesOn(layout, table, told, { encoded, other }, trainRows.length),
    warnings: [
      ...oddHeader(table, options),
      ...warningsOn(target, { train, evaluation }, other?.file ?? file),
    ],
  };
}

/** The file to evaluate on, with its columns where those of the other are. */
function encodeOther(path: string, first: Table, layout: Layout, options: CsvOptions): Encoded {
  const opened = openTable(path, 'evalPath', { ...options, columnsFrom: null });
  const absent = first.names.filter((name) => !opened.names.includes(name));
  if (absent.length > 0) {
    throw new TableError('evalPath', `${path} lacks columns of ${first.file}: ${some(absent.map(quoted))}`, [
      'both files must have the same columns; their order does not matter',
    ]);
  }
  const from = first.names.map((name) => opened.names.indexOf(name));
  const table: Table = {
    ...opened,
    names: first.names,
    each: (visit) =>
      opened.each((fields, line) =>
        visit(
          from.map((at) => fields[at]!),
          line,
        ),
      ),
  };
  const inspection = inspectTable(table, { ...options, decimal: layout.mark }, () => false);
  const numbers = [
    ...layout.features.filter(({ kind }) => kind === 'number').map(({ at }) => at),
    ...(layout.target.kind === 'value' ? layout.target.at : []),
  ];
  for (const at of numbers) {
    const { name, firstText } = inspection.columns[at]!;
    if (firstText === null) continue;
    throw new TableError(
      'evalPath',
      `${path}:${firstText.line}: column ${quoted(name)} is a number in ${first.file}, and here has ${quoted(firstText.text)}`,
      ['if it stands for a missing value, add it to missing_values'],
    );
  }
  refuseMissing(table, inspection, layout, options.missing);
  return encodeTable(table, layout, { ...options, seed: null });
}

function specOf(
  { path, standardize }: CsvOptions,
  { names }: Table,
  target: TableTarget,
  fitted: Fitted,
): DataSpec {
  return {
    name: basename(path),
    input: { kind: 'features', features: fitted.width },
    target:
      target.kind === 'class'
        ? { kind: 'class', names: target.classes }
        : {
            kind: 'value',
            names: target.at.map((at) => names[at]!),
            mean: fitted.targets.mean,
            std: standardize === true ? fitted.targets.std : null,
          },
  };
}

interface Made {
  readonly inputs: Float32Array;
  readonly targets: Int32Array | Float32Array;
  readonly told: readonly string[];
}

function datasetOf(spec: DataSpec, split: Split, source: string, { inputs, targets, told }: Made): Dataset {
  const records = spec.target.kind === 'value' ? targets.length / spec.target.names.length : targets.length;
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  const hash = createHash('sha256').update(JSON.stringify([told, spec.target]));
  const sha256 = hash.update(bytes(inputs)).update(bytes(targets)).digest('hex');
  return {
    identity: { name: spec.name, split, source, records, sha256, columns: told },
    spec,
    inputs,
    targets,
  };
}

/** What each column was taken for, the targets last. */
function describeColumns(
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

function notesOn(
  { features, target, mark }: Layout,
  { file, delimiter }: Table,
  told: readonly string[],
  { encoded, other }: { readonly encoded: Encoded; readonly other: Encoded | null },
  train: number,
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
  const rest = other === null ? `, ${encoded.rows - train} held out` : '';
  const dropped = [encoded, ...(other ? [other] : [])].flatMap(({ file: own, dropped: count, rows }) =>
    count === 0 ? [] : [`${own}: ${count} of ${count + rows} rows lack something and are left out`],
  );
  return [
    `${file}${how}, ${train} rows to train on${rest}; ${isInferred ? 'taken for' : 'as told'}: ${list}`,
    ...dropped,
  ];
}

/** A first line that only looks like a header. */
function oddHeader({ file, names, unnamed }: Table, { header }: CsvOptions): string[] {
  const numbers = header
    ? names.filter((name) => !unnamed.has(name) && !Number.isNaN(numberOf(name, 'point')))
    : [];
  if (numbers.length === 0) return [];
  return [
    `${file}: the header names columns by numbers: ${some(numbers.map(quoted))}. If that line is no header: header: false, skip_lines: 1.`,
  ];
}

function warningsOn(
  target: TableTarget,
  {
    train,
    evaluation,
  }: { readonly train: Pick<Made, 'targets'>; readonly evaluation: ReturnType<typeof partOf> },
  file: string,
): string[] {
  const unseen = [...evaluation.unseen].map(
    ([name, texts]) =>
      `${file}: column ${quoted(name)} has categories to evaluate on that no training row has: ${some(texts.map(quoted))}. Their inputs are all 0.`,
  );
  if (target.kind === 'value') return unseen;
  const seen = new Set(train.targets);
  const never = target.classes.filter((_, i) => !seen.has(i)).map(quoted);
  return never.length === 0 ? unseen : [...unseen, `${file}: no training row is of class ${some(never)}.`];
}
