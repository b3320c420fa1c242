/** Loops: of millions of rows, a callback for each takes longer than all else that is done with them. */

/** The values of some rows. */
export function valuesAt(values: Float64Array, rows: Uint32Array): Float64Array {
  const own = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) own[i] = values[rows[i]!]!;
  return own;
}

/** The first so many rows. */
export function upTo(count: number): Uint32Array {
  const rows = new Uint32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  return rows;
}
