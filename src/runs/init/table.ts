import { plural } from '../../base/format.js';
import { csv } from '../../train/data/sources/csv/index.js';
import { type SketchedColumn, sketchTable, type TableSketch } from '../../train/data/sources/csv/sketch.js';
import { perceptron, widthFor } from './network.js';
import { byHashOrLot, header, lines, type Sketch, schedule, shareOf, training, value } from './text.js';

/** How a table is read where that cannot be found out. */
export interface TableHints {
  /** The column to be told: its name, or its position. */
  readonly target?: string | undefined;
  /** Whether the first line names the columns. Default: yes. */
  readonly header?: boolean | undefined;
  /** Lines to leave out before that. Default: 0. */
  readonly skipLines?: number | undefined;
}

const MISSING_VALUES = ['NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', 'None', '#N/A', '<NA>', '?'];

/**
 * Writes a configuration for a table: what each column is taken for, a small network, and how it is trained.
 *
 * @param path the table
 * @param hints what the user says of it
 * @param file where the configuration will be, for its header
 * @returns its text
 * @throws DataError when the table cannot be read, or no target is named
 */
export function configForTable(path: string, hints: TableHints, file: string): Sketch {
  const { target, header: hasHeader = true, skipLines = 0 } = hints;
  const how = { delimiter: 'auto', decimal: 'auto', missingValues: MISSING_VALUES } as const;
  const sketch = sketchTable(path, target, { ...how, header: hasHeader, skipLines });
  const missing = missingOf(sketch);
  const share = shareOf(sketch.rows);
  const { spec, by } = byHashOrLot((by) => {
    const source = csv({
      ...{ type: 'csv', path, columnsFrom: null, evalPath: null, testPath: null, ...how },
      ...{ header: hasHeader, skipLines, missing: missing ?? 'error', fill: 0, standardize: true },
      columns: Object.fromEntries(sketch.columns.map(({ name, kind }) => [name, kind])),
      target: { column: sketch.target.name, type: sketch.target.type },
      split: { val: share, test: share, by, seed: 0, stratify: false, column: null, group: null },
    });
    return { spec: source.spec, by };
  });
  const { input, target: told } = spec;
  const inputs = input.kind === 'features' ? input.features : 0;
  const isClass = told.kind === 'class';
  const outputs = told.names.length;
  const { batchSize, epochs } = training(sketch.rows);
  const text = lines(
    header(
      file,
      `${path}: ${plural(sketch.rows, 'row')}, ${plural(inputs, 'input')}; to be told is ${typeof sketch.target.name === 'number' ? `column ${sketch.target.name}` : sketch.target.name}.`,
    ),
    `epochs: ${epochs}`,
    '',
    'dataset:',
    '  type: csv',
    `  path: ${value(path)}`,
    ...(hasHeader ? [] : ['  header: false']),
    ...(skipLines === 0 ? [] : [`  skip_lines: ${skipLines}`]),
    `  target: { column: ${value(sketch.target.name)}, type: ${sketch.target.type} } # ${sketch.target.why}`,
    '  columns: # number, boolean, category or ignore: as its values look, check it',
    ...sketch.columns.map(columnLine),
    ...(missing === null
      ? []
      : [`  missing: ${missing} # ${missingText(sketch)}; or drop, mean, median, constant`]),
    `  split: { val: ${share}, test: ${share}, by: ${by} } # to choose the best epoch with, and for the end`,
    '',
    `loader: { batch_size: ${batchSize} }`,
    '',
    'model:',
    ...perceptron(plural(inputs, 'input'), widthFor(inputs, sketch.rows), {
      count: outputs,
      are: isClass ? 'one for each class' : 'the number',
    }),
    '',
    `loss: { type: ${isClass ? 'cross_entropy' : 'mse'} }`,
    ...schedule(0.001, isClass ? 'eval_loss' : 'eval_rmse'),
  );
  return {
    text,
    told: `${plural(sketch.rows, 'row')}, ${plural(inputs, 'input')}, ${isClass ? `${outputs} classes` : 'a number'} to tell`,
  };
}

function columnLine({ name, kind, why }: SketchedColumn): string {
  return `    ${value(name)}: ${kind}${why === null ? '' : ` # ${why.replace(/\s+/g, ' ')}`}`;
}

/** How what is missing is best dealt with: nothing can be filled in for a target. */
function missingOf({ missing, isTargetMissing }: TableSketch): 'drop' | 'median' | null {
  if (isTargetMissing) return 'drop';
  return missing.length > 0 ? 'median' : null;
}

function missingText({ missing, isTargetMissing, target }: TableSketch): string {
  const counts = missing.slice(0, 3).map(({ name, count }) => `${name} lacks ${count}`);
  const more = missing.length > 3 ? [`${missing.length - 3} more columns lack some`] : [];
  return [...(isTargetMissing ? [`${target.name} is not always there`] : []), ...counts, ...more].join(', ');
}
