import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Finding } from '../../audit/finding.js';
import type { DataSpec, Dataset, Split } from '../../dataset.js';
import { inOrder } from '../../in-order.js';
import type { Preprocessing } from '../../preprocessing.js';
import { describeColumns, notesOn, oddHeader, type PartOfTable, warningsOn } from './describe.js';
import { type Encoded, encodeTable, type Layout, refuseMissing } from './encode.js';
import { partOf } from './features.js';
import { columnFindings } from './findings.js';
import { type Fitted, fitColumns, fittedInputs } from './fit.js';
import { inspectTable } from './inspect.js';
import { featuresOf } from './kinds.js';
import type { CsvOptions } from './options.js';
import { encodeOther, type OtherKey } from './other-file.js';
import { splitterOf } from './split.js';
import { openTable, type Table } from './table.js';
import { type TableTarget, targetColumns, targetNames, targetOf } from './target.js';
import { upTo } from './values-at.js';

/** A table, read and made into what is trained and evaluated on. */
export interface ReadTable {
  readonly spec: DataSpec;
  readonly train: Dataset;
  readonly eval: Dataset;
  readonly test: Dataset | undefined;
  readonly preprocessing: Preprocessing;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** What is wrong with its columns. */
  readonly findings: () => readonly Finding[];
}

/**
 * Reads a table: finds out what its columns are, holds out rows, fits on the others, and encodes all.
 *
 * @param options the table
 * @returns its parts
 * @throws DataError with what is wrong and where
 */
export function readTable(options: CsvOptions): ReadTable {
  const { path, evalPath, testPath, missing } = options;
  const { column, group } = options.split;
  const told = Object.keys(options.columns).filter((name) => options.columns[name] === 'category');
  const table = openTable(path, 'path', options, {
    all: [column, group],
    many: [...targetNames(options.target), ...told],
  });
  const { file } = table;
  const at = targetColumns(table.names, options.target, file);
  const isTold = (name: string) =>
    options.columns[name] === 'category' || at.includes(table.names.indexOf(name));
  const inspection = inspectTable(table, options, isTold);
  const { mark, columns } = inspection;
  const target = targetOf(columns, at, options, { file, mark });
  // A file of its own to choose with: of the first one all rows are trained on.
  const split = evalPath === null ? splitterOf(table.names, options, file) : null;
  const said = { columns: options.columns, splitBy: split?.at ?? [] };
  const features = featuresOf(columns, at, said, { file, unnamed: table.unnamed, mark });
  const texts = features.map(({ kind, at: own }) =>
    kind === 'category' ? inOrder(columns[own]!.distinct) : [],
  );
  const layout: Layout = { features, texts, target, mark };
  refuseMissing(table, inspection, layout, missing);

  const encoded = encodeTable(table, layout, missing);
  const classes = target.kind === 'class' ? Int32Array.from(encoded.targets[0]!) : null;
  const parts = split?.parts(table, encoded.kept, classes);
  const trainRows = parts?.train ?? all(encoded);
  const fitted = fitColumns(encoded, trainRows, layout, options);
  const about = {
    areStandardized: options.standardize === true,
    targetNames: at.map((position) => table.names[position]!),
  };
  const hasTest = testPath !== null || (parts?.test.length ?? 0) > 0;
  const spec = { ...specOf(options, table, target, fitted), hasTest };
  const columnsTold = describeColumns(layout, table, fitted);
  const make = (own: Encoded, rows: Uint32Array, part: Split, source: string): PartOfTable => {
    const made = partOf(own, rows, layout, fitted, about);
    const nameOf = namesOf(own, rows);
    const dataset = { ...datasetOf(spec, part, source, { ...made, told: columnsTold }), nameOf };
    return { file: own.file, made, dataset };
  };
  const other = (from: string, key: OtherKey, part: Split) => {
    const own = encodeOther(from, key, table, layout, options);
    return { ...make(own, all(own), part, from), own };
  };
  const train = make(encoded, trainRows, 'train', path);
  const test =
    testPath !== null
      ? other(testPath, 'testPath', 'test')
      : parts && parts.test.length > 0
        ? make(encoded, parts.test, 'test', path)
        : undefined;
  const evaluation =
    evalPath !== null
      ? other(evalPath, 'evalPath', test === undefined ? 'test' : 'val')
      : make(encoded, parts!.val, 'val', path);
  const others = [evaluation, ...(test ? [test] : [])];
  const files = [encoded, ...others.flatMap(({ own }) => own ?? [])];
  return {
    ...{ spec, train: train.dataset, eval: evaluation.dataset, test: test?.dataset },
    preprocessing: {
      ...{ spec, inputs: fittedInputs(layout, fitted) },
      ...(layout.mark === 'comma' && { decimal: layout.mark }),
    },
    notes: notesOn(layout, table, columnsTold, files, parts),
    warnings: [...oddHeader(table, options), ...warningsOn(target, train, others)],
    findings: findingsOf(encoded, layout),
  };
}

// Functions that are kept, made here: within the one above they would hold the bytes of the file.
const namesOf =
  ({ file, lines }: Encoded, rows: Uint32Array) =>
  (record: number): string =>
    `${file}:${lines[rows[record]!]}`;
const findingsOf = (encoded: Encoded, layout: Layout) => () => columnFindings(encoded, layout);

const all = ({ rows }: Encoded) => upTo(rows);

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
