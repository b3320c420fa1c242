/**
 * The colours of the report, for light and dark surroundings. Those of lines have a contrast of 4.5:1 or more with the
 * paper, since labels are written in them, and are told apart by lightness and hue in all common kinds of colour
 * blindness as far as eight can be; the marker of each line says the same without colour.
 */
export const THEME = {
  paper: { light: '#ffffff', dark: '#14171c' },
  raised: { light: '#f4f6f8', dark: '#1d2128' },
  ink: { light: '#1b1f24', dark: '#e6e9ed' },
  muted: { light: '#57606a', dark: '#a0a9b4' },
  rule: { light: '#d5dae0', dark: '#353c46' },
  accent: { light: '#0b57b0', dark: '#86b7ff' },
  good: { light: '#0b57b0', dark: '#5c9dff' },
  bad: { light: '#b23b00', dark: '#ff8a4c' },
} as const;

export type ThemeColor = keyof typeof THEME;

/** Lines take these in turn. */
export const LINES: readonly { readonly light: string; readonly dark: string }[] = [
  { light: '#1d5fc4', dark: '#7cb0ff' },
  { light: '#b54708', dark: '#ffa25f' },
  { light: '#00735c', dark: '#45d6ad' },
  { light: '#8e3bb0', dark: '#dc9dfa' },
  { light: '#7a5d00', dark: '#ecd05a' },
  { light: '#c01f5f', dark: '#ff8db5' },
  { light: '#4b5663', dark: '#bcc6d1' },
  { light: '#6d4127', dark: '#d8ad89' },
];

/** Shapes of markers in a box from -10 to 10, as SVG paths. */
const MARKERS: readonly string[] = [
  'M-8 0A8 8 0 1 0 8 0A8 8 0 1 0 -8 0Z', // circle
  'M-7.5 -7.5H7.5V7.5H-7.5Z', // square
  'M0 -9L9 7.5H-9Z', // triangle
  'M0 -10L8 0L0 10L-8 0Z', // diamond
  'M0 9L9 -7.5H-9Z', // triangle, upside down
  'M-3 -9H3V-3H9V3H3V9H-3V3H-9V-3H-3Z', // plus
  'M0 -10L2.9 -3.2L10 -2.7L4.6 2.1L6.3 9.2L0 5.4L-6.3 9.2L-4.6 2.1L-10 -2.7L-2.9 -3.2Z', // star
  'M-5 -8.7H5L10 0L5 8.7H-5L-10 0Z', // hexagon
];

/** The n-th colour of lines: an index that goes on beyond the last starts again. */
export function colorIndex(line: number): number {
  return line % LINES.length;
}

/** The marker of the n-th line; lines that share a colour differ in it. */
export function markerPath(line: number): string {
  return MARKERS[(line + Math.floor(line / LINES.length)) % MARKERS.length]!;
}
