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
  /** After how many tokens the next sample begins. */
  readonly stride: number;
  /** Shares of the text: its last part is left for the end, the one before chooses. */
  readonly split: { readonly val: number; readonly test: number };
}
