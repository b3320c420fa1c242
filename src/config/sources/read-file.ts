import { closeSync, openSync, readSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { kindOf, namesIn } from '../../base/read.js';
import { systemCode, systemReason, systemRemedy } from '../../base/system-errors.js';
import { ConfigError } from '../problems/errors.js';
import { positionOf } from '../problems/problem.js';
import { nearest } from '../validate/spelling.js';

/** Far above any configuration, and small enough that no text of this size takes long to read. */
const MOST_BYTES = 1_000_000;
const MOST_LISTED = 20;

/**
 * Reads the text of a configuration file. A byte order mark at its start is left out.
 *
 * @param file path as the user wrote it, which is how errors name it
 * @throws ConfigError when there is no such file, it cannot be read, or it is not UTF-8 text of at most 1 MB
 */
export function readConfigText(file: string): string {
  const bytes = readBytes(file);
  if (bytes.length > MOST_BYTES) {
    throw fileError(file, `is larger than ${MOST_BYTES / 1e6} MB, which no configuration is`, [
      'give the path of a YAML file',
    ]);
  }
  if (isUtf16(bytes)) {
    throw fileError(file, 'is UTF-16 text; a configuration is UTF-8', [
      'save it as UTF-8 (in PowerShell: Set-Content -Encoding utf8)',
    ]);
  }
  const zero = bytes.indexOf(0);
  if (zero !== -1) {
    throw fileError(file, `is a binary file: byte ${zero} is 0x00`, ['give the path of a YAML file']);
  }
  return decode(file, bytes);
}

/** Reads at most one byte more than is allowed, so that a device or a pipe cannot be read for ever. */
function readBytes(file: string): Buffer {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const buffer = Buffer.alloc(MOST_BYTES + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < buffer.length; length += read) {
        read = readSync(descriptor, buffer, length, buffer.length - length, null);
      }
      return buffer.subarray(0, length);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): ConfigError {
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return missing(file);
    case 'EISDIR':
      return fileError(file, 'is a folder; a configuration is a YAML file', listConfigs(file));
    case 'EACCES':
    case 'EPERM':
      return fileError(file, `cannot be read: ${systemReason(error)}`, [`allow it with: chmod u+r ${file}`]);
    default:
      return fileError(file, `cannot be read: ${systemReason(error)}`, [systemRemedy(error, 'reading')]);
  }
}

function missing(file: string): ConfigError {
  const folder = dirname(file);
  if (kindOf(folder) !== 'folder') {
    return fileError(file, `does not exist: there is no folder ${folder}`, listConfigs('.'));
  }
  const configs = configsNear(folder);
  const guess = nearest(stem(file), configs.map(stem));
  const meant = configs.filter((config) => stem(config) === guess).slice(0, 1);
  return fileError(file, 'does not exist', [
    ...meant.map((config) => `did you mean ${config}?`),
    ...listConfigs(folder),
  ]);
}

/** A line that names the configurations near a folder. */
function listConfigs(folder: string): string[] {
  const names = configsNear(folder);
  if (names.length === 0) return [`there are no YAML files in ${folder}`];
  const more = names.length > MOST_LISTED ? `, and ${names.length - MOST_LISTED} more` : '';
  return [`there are: ${names.slice(0, MOST_LISTED).join(', ')}${more}`];
}

/** Paths of the configurations in a folder, or in its folder `configs` when it holds none itself. */
function configsNear(folder: string): string[] {
  for (const place of [folder, join(folder, 'configs')]) {
    const names = configsIn(place);
    if (names.length > 0) return names.map((name) => join(place, name));
  }
  return [];
}

function configsIn(folder: string): string[] {
  try {
    return namesIn(folder)
      .filter((name) => /\.ya?ml$/i.test(name))
      .sort();
  } catch {
    // A folder that is none, or may not be listed, only costs the suggestion.
    return [];
  }
}

const stem = (name: string) => basename(name, extname(name));

const isUtf16 = (bytes: Buffer) =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

function decode(file: string, bytes: Buffer): string {
  const text = new TextDecoder('utf-8').decode(bytes);
  let offset = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  let index = 0;
  for (const character of text) {
    const written = Buffer.from(character);
    // The decoder puts U+FFFD for what it cannot read; where the bytes are not those of U+FFFD, it did so here.
    if (character === '\ufffd' && !bytes.subarray(offset, offset + 3).equals(written)) {
      const { line, column } = positionOf(text, index);
      const byte = `0x${bytes[offset]?.toString(16).padStart(2, '0')}`;
      throw fileError(
        file,
        `is not UTF-8 text: byte ${offset} is ${byte}, at line ${line}, column ${column}`,
        ['save it as UTF-8'],
      );
    }
    offset += written.length;
    index += character.length;
  }
  return text;
}

function fileError(file: string, what: string, help: readonly string[]): ConfigError {
  const source = { kind: 'file', file, text: '' } as const;
  return new ConfigError([{ path: '', message: `${file} ${what}`, help, place: { source } }]);
}
