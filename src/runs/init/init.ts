import { extname } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { writeFileAtomically } from '../../base/files.js';
import { exists, kindOf } from '../../base/read.js';
import { loadConfig, planRun } from '../../config/index.js';
import { nearest } from '../../config/validate/spelling.js';
import { DataError, some } from '../../train/data/data-error.js';
import { configForTable, type TableHints } from './table.js';
import type { Sketch } from './text.js';

export interface InitOptions extends TableHints {
  /** The configuration to write. Default: named after the data, in the working folder. */
  readonly output?: string | undefined;
  /** Replace one that is there. Default: refuse. */
  readonly force?: boolean | undefined;
}

/** What was written. */
export interface Initialised {
  readonly file: string;
  /** What the data are, in a few words. */
  readonly told: string;
  readonly parameters: number;
}

/**
 * Writes a first configuration for data of one's own: what they are taken for, a model that fits them, and how it is trained. It
 * is checked as every configuration is.
 *
 * @param data a table
 * @param options what cannot be found out, and where to write
 * @returns what was written
 * @throws UsageError when there is no such file, or a configuration is there already; DataError when the data cannot be used
 */
export function initConfig(data: string, options: InitOptions = {}): Initialised {
  const kind = kindOf(data);
  if (kind === null) {
    throw new UsageError('LOSSNET_USAGE', `There is no file or folder ${data}.`, 'Name a table.');
  }
  const file = options.output ?? `${nameOf(data)}.yaml`;
  if (exists(file) && !options.force) {
    throw new UsageError(
      'LOSSNET_INIT_EXISTS',
      `${file} is there already.`,
      'Add --force to replace it, or name another file with --output.',
    );
  }
  const { text, told } = sketched(() => configForTable(data, options, file));
  writeFileAtomically(file, text);
  const { model } = planRun(loadConfig({ file }));
  return { file, told, parameters: model.parameterCount };
}

/** What a configuration would say is here said by options. */
function sketched(sketch: () => Sketch): Sketch {
  try {
    return sketch();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const remedy = error.remedy
      ?.replace(/(set )?header: false/g, '--no-header')
      .replace(/skip_lines: (\d+)/g, '--skip-lines $1');
    const { choice } = error;
    const meant = choice && nearest(choice.received, choice.known);
    const help = [
      ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
      ...(choice === undefined ? [] : [`${choice.what}: ${some(choice.known, choice.known.length, 20)}`]),
      ...(remedy === undefined ? [] : [remedy]),
    ];
    throw new UsageError('LOSSNET_DATA_UNUSABLE', error.message, help.join('\n') || undefined);
  }
}

/** `flowers` for `data/flowers.csv.gz`. */
function nameOf(path: string): string {
  const base = path
    .replace(/[/\\]+$/, '')
    .split(/[/\\]/)
    .at(-1)!
    .replace(/\.gz$/i, '');
  const name = base.slice(0, base.length - extname(base).length) || base;
  return name.replace(/[^\w.-]+/g, '-');
}
