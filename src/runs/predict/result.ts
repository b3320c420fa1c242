import type { Surroundings } from '../surroundings.js';
import type { Weights } from '../trained/find.js';

/** Texts or bytes as they come, as streams of Node yield them. */
export type Chunks = AsyncIterable<string | Uint8Array>;

export interface PredictOptions extends Surroundings {
  /** Which checkpoint of a run. Default: the best; of a run without an evaluation the last. */
  readonly weights?: Weights | undefined;
  /** How many classes are told of a sample, the likeliest first. Default 3. */
  readonly top?: number | undefined;
  /** What is read where an input is named `-`: `process.stdin`, or anything else that yields texts or bytes. */
  readonly stdin?: Chunks | undefined;
  /** Of texts: how a text begins that the model goes on with. */
  readonly prompts?: readonly string[] | undefined;
  /** Of texts: how many tokens it adds. Default 200. */
  readonly length?: number | undefined;
  /** Of texts: 0: always the likeliest token; 1: drawn by their probabilities; more: bolder. Default 1. */
  readonly temperature?: number | undefined;
  /** Of what is drawn. Default 0. */
  readonly seed?: number | undefined;
}

/** Where a sample is from. */
export interface Place {
  /** The file as it was named or found, or `-`. */
  readonly input: string;
  /** Of a table: the line of the file that the row begins in. */
  readonly line?: number;
  /** Of an array: which of its samples, from 0. */
  readonly sample?: number;
}

/** A class, and how sure the model is of it; null: its loss makes no probabilities. */
export interface ClassShare {
  readonly class: string;
  readonly probability: number | null;
}

/** What a model says of a sample: classes, the likeliest first; values by name, in their own units; how a text goes on. */
export type Answer =
  | { readonly kind: 'classes'; readonly top: readonly ClassShare[] }
  | { readonly kind: 'values'; readonly values: Readonly<Record<string, number>> }
  | { readonly kind: 'text'; readonly prompt: string; readonly text: string };

/** A sample and what is said of it; or why nothing is. */
export type Prediction = Place &
  (
    | {
        readonly answer: Answer;
        /** Of a table: categories that training has not seen, by column. */
        readonly unseen?: Readonly<Record<string, string>>;
      }
    | { readonly error: string }
  );
