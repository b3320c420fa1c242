/** Columns beyond which a line is hard to read. */
const WIDEST = 100;
/** Where nobody says how wide it is, as in a pipe, or on a terminal that claims to have no columns. */
const USUAL = 80;

/** How many columns text and charts may take on a stream. */
export function textWidth({ columns }: { readonly columns?: number }): number {
  return Math.min(columns || USUAL, WIDEST);
}
