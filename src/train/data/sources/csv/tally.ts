import { COMMA, type NumberKind, POINT, WHOLE } from './field-number.js';
import { type DecimalMark, losesDigits, numberOf } from './values.js';

/** A field with a text, and where it is first. */
export interface Found {
  readonly text: string;
  readonly line: number;
}

/** Counts what the fields of a column are. */
export class Tally {
  missing = 0;
  /** With a point, or with a comma, before their decimals; whole numbers are both. */
  points = 0;
  commas = 0;
  wholes = 0;
  readonly firstText: Record<DecimalMark, Found | null> = { point: null, comma: null };
  firstHuge: Found | null = null;

  /**
   * @param text of a field, none that is missing
   * @param line that it is on, before that of any other of this text
   * @param times how often it occurs
   * @returns the number that it is with a point, or else with a comma; NaN when it is none
   */
  see(text: string, line: number, times: number): number {
    const point = numberOf(text, 'point');
    const comma = Number.isNaN(point) && text.includes(',') ? numberOf(text, 'comma') : Number.NaN;
    if (!Number.isNaN(point))
      this.seeNumber(text.includes('.') ? POINT : WHOLE, Number.isInteger(point), times);
    else if (!Number.isNaN(comma)) this.seeNumber(COMMA, Number.isInteger(comma), times);
    const found = { text, line };
    if (Number.isNaN(point)) this.firstText.point ??= found;
    else if (losesDigits(text, point)) this.firstHuge ??= found;
    if (Number.isNaN(comma) && (Number.isNaN(point) || text.includes('.'))) this.firstText.comma ??= found;
    return Number.isNaN(point) ? comma : point;
  }

  /** The same of a number, unless it is the first of its kind or too large to keep its digits. */
  seeNumber(kind: NumberKind, isWhole: boolean, times: number): void {
    if (kind !== COMMA) this.points += times;
    if (kind !== POINT) this.commas += times;
    if (isWhole) this.wholes += times;
  }
}
