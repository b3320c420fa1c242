/** One thing that was looked at. */
export interface Check {
  /** `node`, `memory`, `folder runs`, … */
  readonly name: string;
  /** problem: training would fail; note: it would not, and something else may. */
  readonly level: 'ok' | 'note' | 'problem';
  /** What was found, on one line. */
  readonly text: string;
  /** What to do about it, a line each. */
  readonly help: readonly string[];
}

/** @param help what to do about it, if anything */
export const ok = (name: string, text: string, ...help: string[]): Check => ({
  name,
  level: 'ok',
  text,
  help,
});
export const note = (name: string, text: string, ...help: string[]): Check => ({
  name,
  level: 'note',
  text,
  help,
});
export const problem = (name: string, text: string, ...help: string[]): Check => ({
  name,
  level: 'problem',
  text,
  help,
});
