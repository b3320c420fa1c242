/** A text that values come from. Its `text` is what code frames quote and what spans count in. */
export type Source =
  | { readonly kind: 'file'; readonly file: string; readonly text: string }
  | { readonly kind: 'env'; readonly variable: string; readonly text: string }
  | { readonly kind: 'argument'; readonly text: string; readonly index: number }
  | { readonly kind: 'default'; readonly text: string };

/** A stretch of a source, in UTF-16 units from its start; `end` is excluded. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** Where to look for a problem: a source, mostly with a span, which is quoted unless `frame` is false. */
export interface Place {
  readonly source: Source;
  readonly span?: Span;
  readonly frame?: false;
}

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Dotted path of the key, such as `model.0.kernel_size`; empty when the file as a whole is meant. */
  readonly path: string;
  /** One sentence: what was received and what is allowed. */
  readonly message: string;
  /** What to do about it, each a line of its own. */
  readonly help: readonly string[];
  /** Lines to show as they are, such as a table; after the code frame. */
  readonly details?: string;
  readonly place: Place;
}

/** Line and column of an offset, both from 1, counted as editors do: columns are UTF-16 units. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let at = before.indexOf('\n'); at !== -1; at = before.indexOf('\n', at + 1)) line++;
  return { line, column: offset - lineStart + 1 };
}

/** The place of a span. */
export function placeOf(span: Span): Place {
  return { source: span.source, span };
}
