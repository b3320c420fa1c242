import type { Random } from '../random.js';
import { damage } from './bytes.js';
import { mutateText } from './text.js';
import { mutateData } from './values.js';

type Header = Record<string, { dtype?: string; data_offsets?: number[] } & Record<string, string>>;

/**
 * Changes a safetensors file: its bytes, its header with the length made right again, what lossnet keeps in the metadata, or
 * which values stand where.
 *
 * @param bytes of a sound file
 * @param random decides where and how
 */
export function mutateSafetensors(bytes: Buffer, random: Random): Buffer {
  const length = 8 + Number(bytes.readBigUInt64LE(0));
  const text = bytes.subarray(8, length).toString();
  const values = bytes.subarray(length);
  switch (random.below(7)) {
    case 0:
      return damage(bytes, random);
    case 1:
      return Buffer.concat([damage(bytes.subarray(0, length), random), values]);
    case 2:
      return Buffer.concat([bytes.subarray(0, length), damage(values, random)]);
    case 3:
      return encode(mutateText(text, random), values);
    case 4:
      return encode(JSON.stringify(mutateData(JSON.parse(text) as Header, random)), values);
    case 5: {
      const header = JSON.parse(text) as Header;
      const metadata = header.__metadata__!;
      const key = random.pick(Object.keys(metadata).filter((each) => each.startsWith('lossnet')));
      const state = mutateData(JSON.parse(metadata[key]!) as object, random);
      return encode(
        JSON.stringify({ ...header, __metadata__: { ...metadata, [key]: JSON.stringify(state) } }),
        values,
      );
    }
    default:
      return encode(exchangeOffsets(JSON.parse(text) as Header, random), values);
  }
}

/** Gives the values of one tensor to another, or lets two share theirs. */
function exchangeOffsets(header: Header, random: Random): string {
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  const [one, other] = [header[random.pick(names)]!, header[random.pick(names)]!];
  const offsets = one.data_offsets;
  if (random.chance(0.5)) one.data_offsets = other.data_offsets!;
  other.data_offsets = offsets!;
  return JSON.stringify(header);
}

function encode(header: string, values: Buffer): Buffer {
  const json = Buffer.from(header);
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, values]);
}
