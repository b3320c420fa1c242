/** What a word may become. One that ends in `=`, `.` or `/` goes on: shells put no blank behind it. */
export interface Candidate {
  readonly value: string;
  /** What it is, for shells that show it. */
  readonly text?: string | undefined;
}
