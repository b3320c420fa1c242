import type { Block } from '../../runs/explain/blocks.js';
import type { Io } from '../io.js';

type Picture = Extract<Block, { kind: 'picture' }>;
type Color = readonly [red: number, green: number, blue: number];

/** From dark to bright, where there are no colours. */
const SHADES = [...' .:-=+*#%@'];
/** More columns are not needed to see what it is. */
const WIDEST = 64;
const RESET = '\u001b[0m';

/**
 * Draws a picture with characters: two pixels in each, one above the other, where there are colours; else one character of a row
 * of shades for a pixel and the one below it.
 *
 * @param picture the picture
 * @param width columns that there are
 * @param io says whether there are colours, and how many
 * @returns lines
 */
export function pictureLines(
  picture: Picture,
  width: number,
  { style, stdout }: Pick<Io, 'style' | 'stdout'>,
): string[] {
  const columns = Math.min(picture.width, width, WIDEST);
  const rows = Math.max(1, Math.round((picture.height * columns) / picture.width / 2));
  const at = (column: number, half: number) => averageOf(picture, [column, columns], [half, rows * 2]);
  const row = (y: number) =>
    Array.from({ length: columns }, (_, x) => [at(x, 2 * y), at(x, 2 * y + 1)] as const);
  const lines = Array.from({ length: rows }, (_, y) => row(y));
  const depth = stdout.getColorDepth?.() ?? 1;
  if (!style.out.colored || depth < 8) return lines.map((cells) => cells.map(shade).join('').trimEnd());
  const code = depth >= 24 ? trueColor : of256;
  return lines.map(
    (cells) =>
      `${cells.map(([above, below]) => `\u001b[38;${code(above)};48;${code(below)}m▀`).join('')}${RESET}`,
  );
}

/** The mean colour of the pixels that a cell covers. */
function averageOf(
  { width, height, channels, pixels }: Picture,
  [column, columns]: readonly [number, number],
  [half, halves]: readonly [number, number],
): Color {
  const span = (i: number, count: number, size: number) => {
    const from = Math.floor((i * size) / count);
    return [from, Math.max(from + 1, Math.floor(((i + 1) * size) / count))] as const;
  };
  const [left, right] = span(column, columns, width);
  const [top, bottom] = span(half, halves, height);
  const sums = [0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      for (let c = 0; c < 3; c++) sums[c]! += pixels[(y * width + x) * channels + Math.min(c, channels - 1)]!;
    }
  }
  const count = (right - left) * (bottom - top);
  return sums.map((sum) => Math.round(sum / count)) as unknown as Color;
}

function shade([above, below]: readonly [Color, Color]): string {
  const level = (luminance(above) + luminance(below)) / 2 / 256;
  return SHADES[Math.floor(level * SHADES.length)]!;
}

/** As ITU-R BT.601 weighs colours. */
const luminance = ([red, green, blue]: Color) => 0.299 * red + 0.587 * green + 0.114 * blue;

const trueColor = (color: Color) => `2;${color.join(';')}`;

/** The nearest of the 6 x 6 x 6 colours that terminals with 256 have. */
const of256 = (color: Color) => {
  const [red, green, blue] = color.map((value) => Math.round((value / 255) * 5)) as unknown as Color;
  return `5;${16 + 36 * red + 6 * green + blue}`;
};
