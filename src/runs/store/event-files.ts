import { join } from 'node:path';
import { remove, writeFileAtomically } from '../../base/files.js';
import { namesIn, readBytes } from '../../base/read.js';
import { METRIC_NAMES } from '../../train/task/index.js';

const EVENT_FILE = /^events\.out\.tfevents\./;
/** Figures of an epoch, beside those of its last step. */
const OF_EPOCH = new Set(
  ['loss', ...METRIC_NAMES].flatMap((name) => (['train', 'eval'] as const).map((part) => `${part}/${name}`)),
);

/** Where a run stands. */
interface Position {
  readonly step: number;
  /** Batches done in an epoch that has not ended. */
  readonly batch: number;
}

/** What is to be done about files, all of them read. */
interface CutBack {
  readonly writes: readonly (() => void)[];
  /** What was lost, in words; nothing in the ordinary case. */
  readonly notices: readonly string[];
}

/**
 * Finds out how TensorBoard's files are cut back to a checkpoint: what was written after it will be written again, into another
 * file.
 *
 * @param folder the run's folder
 * @param position where the checkpoint stands
 * @returns what does it, and what was lost
 */
export function cutBackEvents(folder: string, position: Position): CutBack {
  const files = namesIn(folder)
    .filter((name) => EVENT_FILE.test(name))
    .map((name) => cutBackFile(join(folder, name), position));
  return {
    writes: files.flatMap(({ writes }) => writes),
    notices: files.flatMap(({ notices }) => notices),
  };
}

function cutBackFile(file: string, position: Position): CutBack {
  const bytes = readBytes(file);
  const { records, damagedAt } = readRecords(bytes);
  const kept = records.filter(({ data }) => isBefore(data, position));
  const writes: (() => void)[] = [];
  if (!kept.some(({ data }) => isSummary(data))) writes.push(() => remove(file));
  else if (kept.length < records.length || records.at(-1)!.end < bytes.length) {
    const left = Buffer.concat(kept.map(({ begin, end }) => bytes.subarray(begin, end)));
    writes.push(() => writeFileAtomically(file, left));
  }
  const damage = `${file} is damaged from byte ${damagedAt} on: what followed is lost`;
  return { writes, notices: damagedAt === null ? [] : [damage] };
}

function isBefore(event: Buffer, { step, batch }: Position): boolean {
  const at = stepOf(event);
  if (at !== step || batch === 0) return at <= step;
  // The epoch whose last step this is has not ended yet.
  return !tagsOf(event).some((tag) => OF_EPOCH.has(tag));
}

interface TfRecord {
  readonly begin: number;
  readonly end: number;
  readonly data: Buffer;
}

/**
 * The records of a file as TensorFlow frames them: length (8 bytes), its checksum (4), data, their checksum (4).
 *
 * @returns the whole ones from the front on; damagedAt: where the first one begins that is not, unless a kill cut it short
 * @source https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
function readRecords(bytes: Buffer): { records: TfRecord[]; damagedAt: number | null } {
  const records: TfRecord[] = [];
  let begin = 0;
  while (begin + 12 <= bytes.length) {
    const length = Number(bytes.readBigUInt64LE(begin));
    if (bytes.readUInt32LE(begin + 8) !== maskedCrc(bytes.subarray(begin, begin + 8))) {
      return { records, damagedAt: begin };
    }
    const end = begin + 12 + length + 4;
    if (end > bytes.length) break;
    const data = bytes.subarray(begin + 12, end - 4);
    if (bytes.readUInt32LE(end - 4) !== maskedCrc(data)) return { records, damagedAt: begin };
    records.push({ begin, end, data });
    begin = end;
  }
  return { records, damagedAt: null };
}

/** CRC-32C (Castagnoli), bits reflected. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

function maskedCrc(data: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Fields of TensorFlow's Event, of its Summary, and of a value there. */
const FIELD = { step: 2, summary: 5, value: 1, tag: 1 } as const;

function stepOf(event: Buffer): number {
  for (const { field, value } of fieldsOf(event)) {
    if (field === FIELD.step && typeof value === 'bigint') return Number(BigInt.asIntN(64, value));
  }
  return 0;
}

const isSummary = (event: Buffer) => blocksOf(event, FIELD.summary).length > 0;

function tagsOf(event: Buffer): string[] {
  return blocksOf(event, FIELD.summary)
    .flatMap((summary) => blocksOf(summary, FIELD.value))
    .flatMap((value) => blocksOf(value, FIELD.tag))
    .map(String);
}

function blocksOf(message: Buffer, wanted: number): Buffer[] {
  return [...fieldsOf(message)].flatMap(({ field, value }) =>
    field === wanted && typeof value !== 'bigint' ? value : [],
  );
}

/** The fields of a protocol buffer: numbers of any kind as a bigint, all else as its bytes. */
function* fieldsOf(message: Buffer): Generator<{ field: number; value: bigint | Buffer }> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; at < message.length; shift += 7n) {
      const byte = message[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < message.length) {
    const key = Number(varint());
    const field = key >>> 3;
    const kind = key & 7;
    if (kind === 0) {
      yield { field, value: varint() };
      continue;
    }
    const length = kind === 2 ? Number(varint()) : kind === 1 ? 8 : 4;
    yield { field, value: message.subarray(at, at + length) };
    at += length;
  }
}
