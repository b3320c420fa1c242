import type { TokensShape } from '../../model/shape.js';
import { type Dataset, sampleNoun, targetsOf } from '../dataset.js';

/** The parts of a data set, each with its samples. */
export interface PartsOfData {
  readonly train: Dataset;
  readonly eval: Dataset;
  readonly test?: Dataset | undefined;
}

/** A sample of one of the parts. */
export interface Sample {
  readonly part: string;
  readonly dataset: Dataset;
  readonly record: number;
}

/** The parts, each once: what is evaluated may be what is trained on. */
export function distinctParts({ train, eval: evaluation, test }: PartsOfData): Dataset[] {
  return [...new Set([train, evaluation, ...(test ? [test] : [])])];
}

/** All samples of all parts. */
export function* samplesOf(parts: PartsOfData): Generator<Sample> {
  for (const dataset of distinctParts(parts)) {
    const { split, records } = dataset.identity;
    for (let record = 0; record < records; record++) yield { part: split, dataset, record };
  }
}

/** What the model sees of a sample, as bytes. */
export function inputBytes({ inputs, identity, spec }: Dataset, record: number): Uint8Array {
  if ('read' in inputs) return inputs.read(record).slice();
  if ('tokens' in inputs) {
    const { length } = spec.input as TokensShape;
    const own = inputs.tokens.subarray(record * inputs.stride, record * inputs.stride + length);
    return new Uint8Array(own.buffer, own.byteOffset, own.byteLength);
  }
  const each = inputs.length / identity.records;
  const own = inputs.subarray(record * each, (record + 1) * each);
  return new Uint8Array(own.buffer, own.byteOffset, own.byteLength);
}

/** What is to be told of a sample, so that samples of which the same is to be told have the same text. */
export function targetText(dataset: Dataset, record: number): string {
  const { target } = dataset.spec;
  const own = targetsOf(dataset, record);
  // Of a text what comes before the last one follows from what is seen.
  return target.kind === 'class' ? target.names[own.at(-1)!]! : own.join(', ');
}

/** What a sample is called: its file, its row, or its place in its part. */
export function nameOf({ part, dataset, record }: Sample): string {
  return dataset.nameOf?.(record) ?? `${part} ${sampleNoun(dataset.spec)} ${record}`;
}
