/** A JPEG that is decoded without a conversion of its colours, and not turned. */
export interface PlainJpeg {
  readonly width: number;
  readonly height: number;
  /** Of brightness alone. */
  readonly isGrey: boolean;
}

/** Where the frame begins that is decoded, of 8 bits: baseline, extended, progressive. */
const FRAMES = [0xc0, 0xc1, 0xc2];
const SCAN = 0xda;
const EXIF = 'Exif\0\0';
const ORIENTATION = 0x0112;

/**
 * Reads what stands before the pixels of a JPEG.
 *
 * @param bytes of the file
 * @returns its size; null where there is anything special about it: four colours, 12 bits, a colour profile, a mark of Adobe's on how
 * colours are kept, an orientation other than upright, or what is not as it should be
 */
export function plainJpeg(bytes: Buffer): PlainJpeg | null {
  let frame: PlainJpeg | null = null;
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    const length = bytes.readUInt16BE(at + 2);
    const content = bytes.subarray(at + 4, at + 2 + length);
    if (marker === SCAN) return frame;
    if (length < 2 || marker === 0xff || marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd9)) return null;
    if (FRAMES.includes(marker)) {
      if (frame !== null || content.length < 6) return null;
      const [height, width, colours] = [content.readUInt16BE(1), content.readUInt16BE(3), content[5]];
      if (content[0] !== 8 || height === 0 || width === 0 || (colours !== 1 && colours !== 3)) return null;
      frame = { width, height, isGrey: colours === 1 };
    } else if (isSpecial(marker, content)) return null;
    at += 2 + length;
  }
  return null;
}

function isSpecial(marker: number, content: Buffer): boolean {
  const starts = (text: string) => content.toString('latin1', 0, text.length) === text;
  // Other ways to compress.
  if (marker >= 0xc3 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return true;
  if (marker === 0xe1 && starts(EXIF)) return !isUpright(content.subarray(EXIF.length));
  return (marker === 0xe2 && starts('ICC_PROFILE')) || (marker === 0xee && starts('Adobe'));
}

/** Whether EXIF says nothing of an orientation, or says that it is upright. What cannot be read is not known to. */
function isUpright(tiff: Buffer): boolean {
  const order = tiff.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return false;
  const u16 = (at: number) => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const u32 = (at: number) => (order === 'II' ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  try {
    const start = u32(4);
    for (let entry = 0; entry < u16(start); entry++) {
      const at = start + 2 + 12 * entry;
      if (u16(at) === ORIENTATION) return u16(at + 8) === 1;
    }
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
