import { extname } from 'node:path';
import { parse } from 'yaml';
import { UsageError } from '../../base/errors.js';
import { writeFileAtomically } from '../../base/files.js';
import { exists, kindOf } from '../../base/read.js';
import { type ConfigInput, loadConfig, planRun } from '../../config/index.js';
import { nearest } from '../../config/validate/spelling.js';
import { DataError, some } from '../../train/data/data-error.js';
import { type ArrayHints, configForArrays } from './arrays.js';
import { configForText } from './corpus.js';
import { configForPictures } from './pictures.js';
import { configForTable, type TableHints } from './table.js';
import type { Sketch } from './text.js';

export interface InitOptions extends TableHints, ArrayHints {
  /** The configuration to write. Default: named after the data, in the working folder. */
  readonly output?: string | undefined;
  /** Replace one that is there. Default: refuse. */
  readonly force?: boolean | undefined;
}

/**
 * Of several names in the data one is meant, and nobody can tell which but the user.
 */
export class InitQuestion extends UsageError {
  /**
   * @param option that answers it
   * @param choices the names
   */
  constructor(
    message: string,
    remedy: string | undefined,
    readonly option: 'target' | 'inputs',
    readonly choices: readonly string[],
  ) {
    super('LOSSNET_DATA_UNUSABLE', message, remedy);
  }
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
 * @param data a table, a folder of pictures, a file of arrays (`.npy`, `.npz`, `.safetensors`) or a text (`.txt`, `.md`)
 * @param options what cannot be found out, and where to write
 * @returns what was written
 * @throws UsageError when there is no such file, a configuration is there already, or the data cannot be used; InitQuestion when
 * it cannot be told which column or array is meant
 */
export async function initConfig(data: string, options: InitOptions = {}): Promise<Initialised> {
  const kind = kindOf(data);
  if (kind === null) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `There is no file or folder ${data}.`,
      'Name a table, a file of arrays, a text, or a folder with a folder of pictures for each class.',
    );
  }
  const file = options.output ?? `${nameOf(data)}.yaml`;
  if (exists(file) && !options.force) {
    throw new UsageError(
      'LOSSNET_INIT_EXISTS',
      `${file} is there already.`,
      'Add --force to replace it, or name another file with --output.',
    );
  }
  const form = kind === 'folder' ? 'pictures' : formOf(data, options);
  refuseIdle(data, form, options);
  const { text, told } = await sketched(options, () => {
    switch (form) {
      case 'pictures':
        return configForPictures(data, file);
      case 'arrays':
        return configForArrays(data, options, file);
      case 'text':
        return configForText(data, file);
      case 'table':
        return configForTable(data, options, file);
    }
  });
  // Nothing is written that could not be trained with.
  const { model } = planRun(loadConfig({ config: parse(text) as ConfigInput, file }));
  writeFileAtomically(file, text);
  return { file, told, parameters: model.parameterCount };
}

/** What data of one's own can be. */
type Form = 'pictures' | 'arrays' | 'text' | 'table';

/** By its name; a text in whose columns something is to be told is a table. */
function formOf(data: string, { target, header, skipLines }: InitOptions): Form {
  if (/\.(npy|npz|safetensors)$/i.test(data)) return 'arrays';
  const isTable = target !== undefined || header === false || skipLines !== undefined;
  return /\.(txt|text|md)$/i.test(data) && !isTable ? 'text' : 'table';
}

/** What options are about, and which data have that. */
const OPTIONS = [
  { key: 'target', flag: '--target', of: ['table', 'arrays'], what: 'column' },
  { key: 'inputs', flag: '--inputs', of: ['arrays'], what: 'array' },
  { key: 'skipLines', flag: '--skip-lines', of: ['table'], what: 'line' },
  { key: 'header', flag: '--no-header', of: ['table'], what: 'header' },
] as const;

/** An option that would change nothing was meant for other data. */
function refuseIdle(data: string, form: Form, options: InitOptions): void {
  const idle = OPTIONS.find(({ key, of }) => {
    const isGiven = options[key] !== undefined && options[key] !== true;
    return isGiven && !(of as readonly Form[]).includes(form);
  });
  if (idle === undefined) return;
  const are = { pictures: 'a folder', arrays: 'a file of arrays', text: 'a text', table: 'a table' }[form];
  throw new UsageError(
    'LOSSNET_USAGE',
    `${data} is ${are}: there is no ${idle.what} in it.`,
    `Leave ${idle.flag} out.`,
  );
}

/** Shares are no option. */
const MORE_SAMPLES = 'bring more: some are held out, to choose the best epoch with and for the end';

/** What a configuration would say is here said by options. */
async function sketched(options: InitOptions, sketch: () => Sketch | Promise<Sketch>): Promise<Sketch> {
  try {
    return await sketch();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const remedy = (error.key.startsWith('split') ? MORE_SAMPLES : error.remedy)
      ?.replace(/(set )?header: false/g, '--no-header')
      .replace(/skip_lines: (\d+)/g, '--skip-lines $1')
      .replace(/: targets: (\S+)/g, ': --target $1')
      .replace(/: inputs: (\S+)/g, ': --inputs $1');
    const { choice } = error;
    const meant = choice && nearest(choice.received, choice.known);
    const help = [
      ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
      ...(choice === undefined ? [] : [`${choice.what}: ${some(choice.known, choice.known.length, 20)}`]),
      ...(remedy === undefined ? [] : [remedy]),
    ];
    const asked = QUESTIONS[error.key];
    if (choice !== undefined && asked !== undefined && options[asked] === undefined)
      throw new InitQuestion(error.message, help.join('\n'), asked, choice.known);
    throw new UsageError('LOSSNET_DATA_UNUSABLE', error.message, help.join('\n') || undefined);
  }
}

/** The option that answers what is not known of a key. */
const QUESTIONS: Readonly<Record<string, 'target' | 'inputs'>> = {
  target: 'target',
  targets: 'target',
  inputs: 'inputs',
};

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
