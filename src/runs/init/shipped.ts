import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { makeFolder, writeFileAtomically } from '../../base/files.js';
import { PACKAGE_ROOT } from '../../base/package.js';
import { foldersIn, kindOf, namesIn, readBytes } from '../../base/read.js';
import { some } from '../../train/data/data-error.js';

/** Where they lie in the package. */
const SHIPPED = `${PACKAGE_ROOT}configs/`;
/** What no YAML value, path or command has to quote. */
const PLAIN = /^[\w./-]+$/;

/** A configuration that teaches. */
export interface ShippedConfig {
  readonly file: string;
  /** What it is about, by its own first sentence. */
  readonly about: string;
}

/** What was brought. */
export interface Brought {
  readonly folder: string;
  readonly configs: readonly ShippedConfig[];
  /** Files that were written, data and the schema for editors among them; the others were there as they are. */
  readonly written: readonly string[];
}

/**
 * Brings the configurations that come with lossnet to a folder of one's own, with the data that they train on and the schema for
 * editors. Paths in them follow. A file that is there already and is another one is kept, and nothing is written then.
 *
 * @param folder where to write them; made where it is not there
 * @param options force: replace files that are others
 * @returns what was written; again, what is missing
 * @throws UsageError naming every file that would be replaced; LossnetError when something cannot be written
 */
export function bringConfigs(folder: string, { force = false }: { readonly force?: boolean } = {}): Brought {
  const prefix = prefixOf(folder);
  const files = filesIn(SHIPPED).map((name) => ({
    name,
    path: join(folder, name),
    content: contentOf(name, prefix),
  }));
  const standing = files.map((file) => ({ ...file, is: kindOf(file.path) }));
  const others = standing.filter(({ path, content, is }) => is !== null && !isSame(path, is, content));
  if (others.length > 0 && !force) {
    throw new UsageError(
      'LOSSNET_INIT_EXISTS',
      `${others.length === 1 ? 'This file is' : 'These files are'} there already, and not as lossnet brings them: ${some(others.map(({ path }) => path))}.`,
      'Add --force to replace them, or name another folder: lossnet init --configs mine',
    );
  }
  const due = standing.filter((file) => file.is === null || others.includes(file));
  for (const parent of new Set(due.map(({ path }) => dirname(path)))) makeFolder(parent);
  for (const { path, content } of due) writeFileAtomically(path, content);
  const configs = files.filter(({ name }) => name.endsWith('.yaml'));
  return {
    folder,
    configs: configs.map(({ path, content }) => ({ file: path, about: aboutOf(content.toString()) })),
    written: due.map(({ path }) => path),
  };
}

/** What stands for `configs/` in them. */
function prefixOf(folder: string): string {
  const way = join(folder, '.');
  if (!PLAIN.test(way)) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `--configs ${folder}: expected a folder of letters, digits, dots, dashes and underscores, since configurations name it.`,
      'Name another folder, or change to it and bring them here: lossnet init --configs .',
    );
  }
  return relative('.', way) === '' ? '' : `${way.replace(/\/$/, '')}/`;
}

function filesIn(folder: string): string[] {
  const folders = foldersIn(folder);
  return namesIn(folder)
    .sort(new Intl.Collator('en', { numeric: true }).compare)
    .flatMap((name) =>
      folders.includes(name) ? filesIn(join(folder, name)).map((inner) => join(name, inner)) : [name],
    );
}

function contentOf(name: string, prefix: string): Buffer {
  const bytes = readFileSync(join(SHIPPED, name));
  if (!name.endsWith('.yaml')) return bytes;
  return Buffer.from(bytes.toString('utf8').replace(/(?<![\w./-])configs\//g, prefix));
}

const isSame = (path: string, is: string, content: Buffer) =>
  is === 'file' && readBytes(path).equals(content);

/** The first sentence of a header, which says what a configuration is for. */
function aboutOf(text: string): string {
  const comment = text
    .split('\n')
    .filter((line) => line.startsWith('#') && !line.includes('yaml-language-server'))
    .map((line) => line.replace(/^# ?/, ''));
  const begin = comment.findIndex((line) => line.trim() !== '');
  const end = comment.findIndex((line, i) => i > begin && line.trim() === '');
  const paragraph = comment.slice(begin, end < 0 ? undefined : end).join(' ');
  return /^.*?[.:](?=\s|$)/.exec(paragraph)?.[0].replace(/:$/, '.') ?? basename(paragraph);
}
