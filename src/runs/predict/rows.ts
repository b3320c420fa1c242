import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { LossnetError } from '../../base/errors.js';
import { kindOf } from '../../base/read.js';
import { systemCode, systemReason } from '../../base/system-errors.js';
import { DataError, quoted, some } from '../../train/data/data-error.js';
import type { Preprocessing } from '../../train/data/preprocessing.js';
import type { CsvOptions } from '../../train/data/sources/csv/index.js';
import { type EncodedRow, rowEncoder } from '../../train/data/sources/csv/row-encoder.js';
import { delimiterOf, eachRow } from '../../train/data/sources/csv/rows.js';
import type { Delimiter } from '../../train/data/sources/csv/scan.js';
import type { Chunks, PredictOptions } from './result.js';
import { errorText, type Sample, type SampleStream } from './samples.js';
import { nothingCame, STDIN, streamOf } from './stdin.js';

/**
 * Rows of tables, in files or `-`, as they come: nothing waits for the end of a table.
 *
 * @param inputs as they were named
 * @param options of the table that was trained on
 * @param preprocessing of the run
 * @param about stdin
 * @returns yields rows encoded; a table that lacks columns or cannot be read is told of, and left out
 */
export async function* rows(
  inputs: readonly string[],
  options: CsvOptions,
  preprocessing: Preprocessing,
  { stdin }: Pick<PredictOptions, 'stdin'>,
): SampleStream {
  for (const input of inputs) {
    try {
      yield* rowsOf(input, new RowReader(input, options, preprocessing), stdin);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      yield [{ input, error: errorText(error) }];
    }
  }
}

async function* rowsOf(input: string, reader: RowReader, stdin: Chunks | undefined): SampleStream {
  let isEmpty = true;
  for await (const block of blocksOf(await textOf(input, stdin), reader)) {
    isEmpty = false;
    const samples = reader.read(block);
    if (samples.length > 0) yield samples;
  }
  if (isEmpty && input === STDIN) throw nothingCame();
  if (reader.rows === 0) throw new DataError('path', `${nameOf(input)} has no rows`);
}

const nameOf = (input: string) => (input === STDIN ? 'standard input' : input);

class RowReader {
  rows = 0;
  #line = 1;
  #delimiter: Delimiter | null = null;
  #encode: ((fields: readonly string[]) => EncodedRow) | null = null;
  #width = 0;

  constructor(
    private readonly input: string,
    private readonly options: CsvOptions,
    private readonly preprocessing: Preprocessing,
  ) {}

  /** Lines to leave out before the first row. */
  get skipped(): number {
    return this.options.skipLines;
  }

  /** Whether a character may stand between two fields: before that is known, any that could. */
  isBetween(character: string): boolean {
    const known = this.#delimiter;
    if (known === null) return /[,;\t| ]/.test(character);
    return known === 'blank' ? BLANK.test(character) : character === known;
  }

  /** @param block whole rows */
  read(block: string): Sample[] {
    const { options } = this;
    // Lines to leave out may come in several blocks.
    const skipLines = Math.max(0, options.skipLines - (this.#line - 1));
    const count = block.split('\n').length - (block.endsWith('\n') ? 1 : 0);
    if (count <= skipLines) {
      this.#line += count;
      return [];
    }
    const above = this.#line - 1;
    const lines = { file: nameOf(this.input), key: 'path', bytes: Buffer.from(block), skipLines, above };
    this.#delimiter ??= delimiterOf(lines, options.delimiter);
    const samples: Sample[] = [];
    eachRow(lines, this.#delimiter, (fields, line) => {
      const sample = this.#row(fields, above + line);
      if (sample !== null) samples.push(sample);
    });
    for (let at = block.indexOf('\n'); at >= 0; at = block.indexOf('\n', at + 1)) this.#line += 1;
    return samples;
  }

  #row(fields: readonly string[], line: number): Sample | null {
    if (this.#encode === null) {
      this.#open(fields);
      if (this.options.header) return null;
    }
    this.rows += 1;
    const place = { input: this.input, line };
    if (fields.length !== this.#width) {
      return { ...place, error: `has ${fields.length} fields, and the table ${this.#width} columns` };
    }
    const row = this.#encode!(fields);
    if ('problems' in row) return { ...place, error: row.problems.join('; ') };
    const { inputs, unseen } = row;
    return { ...place, inputs, ...(Object.keys(unseen).length > 0 && { unseen }) };
  }

  #open(fields: readonly string[]): void {
    this.#width = fields.length;
    const names = this.options.header
      ? fields.map((name, i) => name || `${i + 1}`)
      : fields.map((_, i) => `${i + 1}`);
    const lacking = (columns: readonly string[]) =>
      new DataError(
        'path',
        `${nameOf(this.input)} lacks columns that the model was trained with: ${some(columns.map(quoted))}`,
        [
          this.options.header
            ? `its first line names ${some(names.map(quoted))}; the order of columns does not matter, and further ones are left out`
            : `it has ${fields.length} columns, and they are named by their positions (dataset.header: false)`,
        ],
      );
    const about = { isTargetWanted: false, lacking };
    this.#encode = rowEncoder(this.preprocessing, this.options, [...names], about);
  }
}

/** The text of a file or of standard input, unpacked where it is gzipped. */
async function textOf(input: string, stdin: Chunks | undefined): Promise<AsyncIterable<string>> {
  if (input !== STDIN) {
    const kind = kindOf(input);
    if (kind === null) throw new DataError('path', `there is no file ${input}`);
    if (kind === 'folder') throw new DataError('path', `${input} is a folder`, ['name tables']);
  }
  return decoded(input, input === STDIN ? streamOf(stdin) : createReadStream(input));
}

async function* decoded(input: string, stream: Chunks): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of unpacked(stream)) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (error instanceof LossnetError) throw error;
    if (error instanceof TypeError) {
      throw new DataError('path', `${nameOf(input)} is not UTF-8 text`, [
        'save it as UTF-8, or convert it: iconv -f latin1 -t utf-8',
      ]);
    }
    const { code } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_')) {
      throw new DataError('path', `${nameOf(input)} is damaged: it cannot be unpacked as gzip`);
    }
    if (systemCode(error) === undefined) throw error;
    throw new DataError('path', `${nameOf(input)} cannot be read: ${systemReason(error)}`);
  }
}

async function* unpacked(stream: Chunks): AsyncGenerator<Buffer> {
  const chunks = stream[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return;
  const start = Buffer.from(first.value);
  async function* all(): AsyncGenerator<Buffer> {
    yield start;
    for (let next = await chunks.next(); !next.done; next = await chunks.next())
      yield Buffer.from(next.value);
  }
  if (!(start[0] === 0x1f && start[1] === 0x8b)) {
    yield* all();
    return;
  }
  const { Readable: Stream } = await import('node:stream');
  const source = Stream.from(all());
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  for await (const chunk of source.pipe(gunzip)) yield chunk as Buffer;
}

/** Cuts a text after its last whole row, wherever it comes in pieces: a line end in quotes is none. */
async function* blocksOf(pieces: AsyncIterable<string>, reader: RowReader): AsyncGenerator<string> {
  let rest = '';
  let isQuoted = false;
  // A quote elsewhere than at the beginning of a field is a part of its text, as in 5" pipe.
  let isStart = true;
  let hasClosed = false;
  let line = 0;
  let seen = 0;
  let end = 0;
  for await (const piece of pieces) {
    // The two halves of a line end may come apart.
    rest = (rest + piece).replace(/\r\n|\r(?!$)/g, '\n');
    const stop = rest.endsWith('\r') ? rest.length - 1 : rest.length;
    for (; seen < stop; seen++) {
      const code = rest.charCodeAt(seen);
      if (isQuoted) {
        if (code === QUOTE) [isQuoted, hasClosed] = [false, true];
        continue;
      }
      if (code === LINE_END) {
        end = seen + 1;
        line += 1;
      }
      // A quote written twice within quotes closes and opens again.
      if (code === QUOTE && line >= reader.skipped && (isStart || hasClosed)) isQuoted = true;
      hasClosed = false;
      isStart = code === LINE_END || reader.isBetween(rest[seen]!) || (isStart && BLANK.test(rest[seen]!));
    }
    if (end === 0) continue;
    yield rest.slice(0, end).replace(/\r/g, '\n');
    rest = rest.slice(end);
    seen -= end;
    end = 0;
  }
  if (rest !== '') yield rest.replace(/\r/g, '\n');
}

const BLANK = /[ \t]/;
const QUOTE = 34;
const LINE_END = 10;
