import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What TensorBoard shows of a run's folder: `step tag value`, sorted. Reads the files by their format alone. */
export function scalarsIn(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => name.startsWith('events.out.tfevents.'));
  return files.flatMap((name) => scalarsOf(readFileSync(join(folder, name)))).sort();
}

function scalarsOf(file: Buffer): string[] {
  const scalars: string[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    const event = fieldsOf(file.subarray(at + 12, at + 12 + length));
    const summary = event.get(5) as Buffer | undefined;
    if (summary) {
      const value = fieldsOf(fieldsOf(summary).get(1) as Buffer);
      scalars.push(`${event.get(2)} ${value.get(1)} ${(value.get(2) as Buffer).readFloatLE()}`);
    }
    at += 12 + length + 4;
  }
  return scalars;
}

/** The fields of a protocol buffer, the last of each: numbers that are varints, all else as bytes. */
function fieldsOf(message: Buffer): Map<number, number | Buffer> {
  const fields = new Map<number, number | Buffer>();
  let at = 0;
  const varint = (): number => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = message[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const kind = key & 7;
    if (kind === 0) fields.set(key >> 3, varint());
    else {
      const length = kind === 2 ? varint() : kind === 1 ? 8 : 4;
      fields.set(key >> 3, message.subarray(at, at + length));
      at += length;
    }
  }
  return fields;
}
