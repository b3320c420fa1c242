/** Which bit of a braille character is the dot at [row][column]. Unicode block U+2800. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

export const DOTS_ACROSS = 2;
export const DOTS_DOWN = 4;

/** What one line sets: dots in cells of 2 x 4, as braille characters have them. */
export class Canvas {
  readonly #cells: Uint8Array;

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    this.#cells = new Uint8Array(columns * rows);
  }

  /** The dots of a cell as bits, row 0 at the top; 0: none. */
  at(column: number, row: number): number {
    return this.#cells[row * this.columns + column] ?? 0;
  }

  /** Sets a dot; y counts from the bottom. */
  set(x: number, y: number): void {
    const down = this.rows * DOTS_DOWN - 1 - y;
    const row = Math.floor(down / DOTS_DOWN);
    const column = Math.floor(x / DOTS_ACROSS);
    if (column < 0 || column >= this.columns || row < 0 || row >= this.rows) return;
    this.#cells[row * this.columns + column]! |= DOTS[down % DOTS_DOWN]![x % DOTS_ACROSS]!;
  }

  /** Sets the dots from one point to another, both included (Bresenham). */
  line(x0: number, y0: number, x1: number, y1: number): void {
    const dx = Math.abs(x1 - x0);
    const dy = -Math.abs(y1 - y0);
    const stepX = x0 < x1 ? 1 : -1;
    const stepY = y0 < y1 ? 1 : -1;
    let [x, y, error] = [x0, y0, dx + dy];
    for (;;) {
      this.set(x, y);
      if (x === x1 && y === y1) return;
      const twice = 2 * error;
      if (twice >= dy) {
        error += dy;
        x += stepX;
      }
      if (twice <= dx) {
        error += dx;
        y += stepY;
      }
    }
  }

  /** For each column that the line passes, the row in the middle of what it sets there. */
  passes(): { column: number; row: number }[] {
    return Array.from({ length: this.columns }, (_, column) => {
      const rows = Array.from({ length: this.rows }, (_, row) => row).filter((row) => this.at(column, row));
      return { column, row: rows[rows.length >> 1] ?? -1 };
    }).filter(({ row }) => row >= 0);
  }
}

export function braille(dots: number): string {
  return String.fromCodePoint(0x2800 + dots);
}
