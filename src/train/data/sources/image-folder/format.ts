/** What a file holds, by its first bytes: names may say anything. */
type Format =
  | { readonly isRead: true; readonly name: string }
  | { readonly isRead: false; readonly problem: string };

const READ: readonly (readonly [start: RegExp, name: string])[] = [
  [/^\x89PNG\r\n.\n/s, 'PNG'],
  [/^\xff\xd8\xff/, 'JPEG'],
  [/^GIF8[79]a/, 'GIF'],
  [/^RIFF.{4}WEBP/s, 'WebP'],
  [/^(?:II[*+]\0|MM\0[*+])/, 'TIFF'],
];

const OTHERS: readonly (readonly [start: RegExp, name: string])[] = [
  [/^.{4}ftyp(?:hei|hev|mif1|msf1)/s, 'a HEIC picture'],
  [/^.{4}ftypavi/s, 'an AVIF picture'],
  [/^BM.{4}\0\0\0\0/s, 'a BMP picture'],
  [/^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<svg/s, 'an SVG drawing'],
  [/^%PDF-/, 'a PDF document'],
  [/^PK[^ -~]{2}/, 'a ZIP archive'],
  [/^\s*<(?:!doctype|html)/i, 'a web page'],
  [/^version https:\/\/git-lfs/, 'a Git LFS pointer: its content was not fetched'],
];

/**
 * @param bytes of a file
 * @returns its format; of one that is not read, why
 */
export function formatOf(bytes: Uint8Array): Format {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 512)).toString('latin1');
  const [, name] = READ.find(([pattern]) => pattern.test(start)) ?? [];
  if (name !== undefined) return { isRead: true, name };
  const [, other] = OTHERS.find(([pattern]) => pattern.test(start)) ?? [];
  const problem = `is ${other ?? 'no picture'}; PNG, JPEG, WebP, GIF and TIFF are read`;
  return { isRead: false, problem };
}
