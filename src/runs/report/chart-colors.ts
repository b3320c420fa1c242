import { colorIndex, LINES, THEME, type ThemeColor } from './palette.js';

/**
 * Colours in a drawn chart are names in the form of colours that occur nowhere else. So a chart is drawn once, and each
 * name becomes a CSS variable in a page, where it follows dark mode, and a colour in a file that stands alone.
 */
const ROLES = Object.keys(THEME) as ThemeColor[];
const ROLE = '#a1e0';
const LINE = '#b2';

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
const role = (name: ThemeColor) => `${ROLE}${hex(ROLES.indexOf(name), 2)}`;

/** What a chart may use. */
export const colors = {
  paper: role('paper'),
  ink: role('ink'),
  muted: role('muted'),
  rule: role('rule'),
  line: (index: number) => `${LINE}${hex(index, 4)}`,
} as const;

const ROLE_PATTERN = new RegExp(`${ROLE}([0-9a-f]{2})`, 'g');
const LINE_PATTERN = new RegExp(`${LINE}([0-9a-f]{4})`, 'g');

/** The drawn chart with colours for a light background. */
export function literalColors(svg: string): string {
  return svg
    .replace(ROLE_PATTERN, (_, index: string) => THEME[ROLES[Number.parseInt(index, 16)]!].light)
    .replace(LINE_PATTERN, (_, index: string) => LINES[colorIndex(Number.parseInt(index, 16))]!.light);
}

/** The drawn chart with CSS variables. @param lineClass class of what belongs to a line, `<lineClass>-<n>`; null: none */
export function variableColors(svg: string, lineClass: string | null): string {
  const classed =
    lineClass === null
      ? svg
      : svg.replace(/<(?:path|text|rect|g)\b[^>]*?#b2([0-9a-f]{4})/g, (start, index: string) =>
          start.replace(/^<\w+/, (tag) => `${tag} class="${lineClass}-${Number.parseInt(index, 16)}"`),
        );
  return classed
    .replace(ROLE_PATTERN, (_, index: string) => `var(--${ROLES[Number.parseInt(index, 16)]})`)
    .replace(LINE_PATTERN, (_, index: string) => `var(--line-${colorIndex(Number.parseInt(index, 16))})`);
}
