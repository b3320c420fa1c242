/** A text, to tell each next character of. */
export interface TextOptions {
  readonly type: 'text';
  /** A file; null: lines of brackets that are generated. */
  readonly path: string | null;
  /** Of a generated text: how many characters. */
  readonly size: number;
  /** Of a generated text, apart from the seed of the run. */
  readonly seed: number;
  /** What a token is: a character of UTF-8 text, or a byte of any file. */
  readonly level: 'char' | 'byte';
  /** How many tokens the model sees to tell the next one. */
  readonly context: number;
  /** What is to be told: the token after those, or at each of them the one that comes after it. */
  readonly positions: 'last' | 'all';
  /** After how many tokens the next sample begins; null: see `strideOf`. */
  readonly stride: number | null;
  /** Shares of the text: its last part is left for the end, the one before chooses. */
  readonly split: { readonly val: number; readonly test: number };
}

/**
 * @param options of a text
 * @returns after how many tokens the next sample begins: where nothing else is said each token is told once in an epoch
 */
export function strideOf({
  stride,
  context,
  positions,
}: Pick<TextOptions, 'stride' | 'context' | 'positions'>): number {
  return stride ?? (positions === 'all' ? context : 1);
}
