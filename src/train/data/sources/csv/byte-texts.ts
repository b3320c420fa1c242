/** Different texts of a column, numbered as they come, found by their bytes: a string is made of each only once. */
export class ByteTexts {
  /** Each once. */
  readonly texts: string[] = [];
  /** How often each occurs, and the line that it does first. */
  readonly counts: number[] = [];
  readonly lines: number[] = [];

  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly hashes: number[] = [];
  private slots = new Int32Array(64).fill(-1);

  /**
   * @param bytes of the table, always the same ones
   * @param start where the field begins
   * @param end where it ends
   * @param line that it is on
   * @returns its number, a new one for a new text
   */
  numberOf(bytes: Buffer, start: number, end: number, line: number): number {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const known = this.slots[slot]!;
      if (known < 0) break;
      if (this.hashes[known] === hash && this.is(known, bytes, start, end)) {
        this.counts[known]! += 1;
        return known;
      }
    }
    const number = this.texts.length;
    this.slots[slot] = number;
    this.texts.push(bytes.toString('utf8', start, end));
    this.counts.push(1);
    this.lines.push(line);
    this.starts.push(start);
    this.ends.push(end);
    this.hashes.push(hash);
    if (number * 2 > mask) this.grow();
    return number;
  }

  private is(known: number, bytes: Buffer, start: number, end: number): boolean {
    const first = this.starts[known]!;
    if (this.ends[known]! - first !== end - start) return false;
    for (let at = start; at < end; at++) if (bytes[at] !== bytes[first + at - start]) return false;
    return true;
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = this.slots.length - 1;
    for (const [number, hash] of this.hashes.entries()) {
      let slot = hash & mask;
      while (this.slots[slot]! >= 0) slot = (slot + 1) & mask;
      this.slots[slot] = number;
    }
  }
}
