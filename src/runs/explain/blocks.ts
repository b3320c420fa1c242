import type { WrittenLine } from '../../train/formula.js';

/** A part of a page: what the loop does there, and what is to be seen of it. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** The line of the loop. */
  readonly code: string;
  readonly blocks: readonly Block[];
}

/** What a page is made of, wherever it is shown. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly name: string; readonly value: string; readonly says: string }
  | { readonly kind: 'formula'; readonly lines: readonly WrittenLine[] }
  | {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
      /** Headings of columns of words. */
      readonly texts: readonly string[];
    }
  | {
      readonly kind: 'picture';
      readonly channels: number;
      readonly height: number;
      readonly width: number;
      /** [height, width, channels], bytes. */
      readonly pixels: readonly number[];
      /** What it is of. */
      readonly says: string;
    }
  /** A text as the model reads it, and what comes next. */
  | { readonly kind: 'reading'; readonly text: string; readonly next: string };

export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  texts: readonly string[] = [],
): Block => ({ kind: 'table', head, rows, texts });
