import type { DataSpec } from './dataset.js';

/** How a column becomes inputs, as the training part says. */
export type FittedInput =
  | {
      readonly column: string;
      readonly kind: 'number';
      /** In the place of a missing value. */
      readonly fill: number;
      /** (x - mean) / std; 0 and 1 where nothing is standardised. */
      readonly mean: number;
      readonly std: number;
    }
  | { readonly column: string; readonly kind: 'boolean'; readonly fill: number }
  | {
      readonly column: string;
      readonly kind: 'category';
      /** One input for each, in this order; any other text has 0 for all of them. */
      readonly categories: readonly string[];
      /** In the place of a missing value; null: it has 0 for all of them. */
      readonly fill: string | null;
    };

/** How a text becomes tokens, as the training part says. */
export interface FittedTokens {
  readonly level: 'char' | 'byte';
  /** The characters in the order of their numbers; any other has the number after the last. null: numbers are bytes. */
  readonly vocabulary: readonly string[] | null;
}

/**
 * What was learnt from the training part before the first step, kept with the run: what the model takes and gives, and how a row
 * becomes its inputs. With it the model can be used when the data are gone.
 */
export interface Preprocessing {
  readonly spec: DataSpec;
  /** Of a table; null: samples are taken as they are. */
  readonly inputs: readonly FittedInput[] | null;
  /** What stands before the decimals of a table's numbers; absent: a point. */
  readonly decimal?: 'point' | 'comma';
  /** Of a text; absent: samples are none. */
  readonly tokens?: FittedTokens;
}
