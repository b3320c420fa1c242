import { setImmediate as nextTurn } from 'node:timers/promises';
import { LossnetError, UsageError } from '../../base/errors.js';
import { kindOf, readBytes } from '../../base/read.js';
import type { Preprocessing } from '../../train/data/preprocessing.js';
import { tokensBy, UNKNOWN } from '../../train/data/sources/text/tokens.js';
import type { Probabilities } from '../../train/loss/index.js';
import { RandomStream } from '../../train/random.js';
import { greatest, logShares } from '../../train/task/class-scores.js';
import { isStopped, tell } from '../surroundings.js';
import type { Predictor } from '../trained/predictor.js';
import type { Prediction, PredictOptions } from './result.js';
import { allOf, STDIN, streamOf } from './stdin.js';

/** A prompt is not longer than this: only its end is seen. */
const MOST_BYTES = 100_000_000;
/** Tokens between two looks at whether to stop. */
const HEARD_EVERY = 16;
/** What fills the place in front of a prompt that is shorter than what the model sees, the first that it knows. */
const FILLING = ['\n', ' '];

/** How texts are gone on with. */
export interface TextModel {
  readonly predictor: Predictor;
  readonly preprocessing: Preprocessing;
  /** How the loss makes probabilities of outputs; null: it makes none. */
  readonly probabilities: Probabilities | null;
}

/**
 * Has a model go on with texts: it tells the next token of the last ones that it sees, again and again.
 *
 * @param inputs files, or `-`
 * @param model the model
 * @param options prompts, length, temperature, seed
 * @returns yields each text and what comes after it
 * @throws UsageError where probabilities are asked for and there are none
 */
export async function* continuations(
  inputs: readonly string[],
  model: TextModel,
  options: PredictOptions,
): AsyncGenerator<readonly Prediction[]> {
  const { temperature = 1, prompts = [] } = options;
  if (temperature > 0 && model.probabilities === null) {
    throw new UsageError(
      'LOSSNET_USAGE',
      'The loss of this model makes no probabilities, so that nothing can be drawn by them.',
      'Take the likeliest token each time: --temperature 0',
    );
  }
  let number = 0;
  for (const prompt of prompts) {
    if (isStopped(options)) return;
    yield [{ input: `prompt ${number + 1}`, ...(await goOn(Buffer.from(prompt), number++, model, options)) }];
  }
  for (const input of inputs) {
    if (isStopped(options)) return;
    const bytes = await bytesOf(input, options);
    if (typeof bytes === 'string') yield [{ input, error: bytes }];
    else yield [{ input, ...(await goOn(bytes, number++, model, options)) }];
  }
}

async function bytesOf(input: string, { stdin }: PredictOptions): Promise<Buffer | string> {
  if (input === STDIN) return await allOf(streamOf(stdin), MOST_BYTES);
  try {
    const kind = kindOf(input);
    if (kind !== 'file') return kind === null ? 'there is no such file' : 'is no file of text';
    return readBytes(input);
  } catch (error) {
    if (error instanceof LossnetError) return error.message;
    throw error;
  }
}

async function goOn(
  prompt: Buffer,
  number: number,
  { predictor, preprocessing: { spec, tokens }, probabilities }: TextModel,
  options: PredictOptions,
): Promise<Pick<Extract<Prediction, { answer: unknown }>, 'answer'> | { readonly error: string }> {
  const { length = 200, temperature = 1, seed = 0, signal } = options;
  const vocabulary = tokens?.vocabulary ?? null;
  const isBytes = vocabulary === null;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: !isBytes, ignoreBOM: isBytes }).decode(prompt);
  } catch {
    return { error: 'is not UTF-8 text' };
  }
  const ids = isBytes ? [...prompt] : [...tokensBy(text, vocabulary)];
  if (ids.length === 0) return { error: 'is empty, and the model goes on with a text' };
  const context = spec.input.kind === 'tokens' ? spec.input.length : 0;
  const size = spec.target.names.length;
  const unknown = isBytes ? -1 : vocabulary.length;
  if (ids.slice(-context).includes(unknown)) {
    tell(options, {
      type: 'warning',
      text: `The prompt has characters that training has not: they stand as ${UNKNOWN}.`,
    });
  }
  const known = FILLING.map((one) => (isBytes ? one.charCodeAt(0) : vocabulary.indexOf(one))).find(
    (id) => id >= 0,
  );
  // What tells the next token after each begins with the text: what stands behind is not seen. What tells the one after all that
  // it sees gets something in front of a short text.
  const tellsEach = spec.target.kind === 'class' && spec.target.length !== undefined;
  const from = tellsEach && ids.length < context ? 0 : ids.length - context;
  let end = tellsEach ? Math.min(ids.length, context) : context;
  const filling = known ?? unknown;
  const window = Int32Array.from({ length: context }, (_, i) => ids[from + i] ?? filling);
  const random = new RandomStream(seed, 'generate', number);
  const logs = new Float64Array(size);
  const added: number[] = [];
  while (added.length < length && signal?.aborted !== true) {
    const said = await predictor.outputs(window, 1);
    const outputs = tellsEach ? said.subarray((end - 1) * size, end * size) : said;
    // What stands for other characters has none itself.
    if (unknown >= 0) outputs[unknown] = Number.NEGATIVE_INFINITY;
    const next =
      temperature === 0 || probabilities === null
        ? greatest(outputs)
        : drawn(outputs, probabilities, logs, temperature, random);
    added.push(next);
    if (added.length % HEARD_EVERY === 0) await nextTurn(); // So that a signal is heard.
    if (end === context) window.copyWithin(0, 1);
    else end += 1;
    window[end - 1] = next;
  }
  const more = isBytes ? Buffer.from(added).toString() : added.map((id) => vocabulary[id]!).join('');
  return { answer: { kind: 'text', prompt: text, text: more } };
}

/** By p[i]^(1 / temperature), made to add up to 1. */
function drawn(
  outputs: Float32Array,
  probabilities: Probabilities,
  logs: Float64Array,
  temperature: number,
  random: RandomStream,
): number {
  logShares(outputs, probabilities, logs);
  const most = Math.max(...logs);
  const weights = logs.map((log) => Math.exp((log - most) / temperature));
  let left = random.float() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return i;
  }
  return greatest(outputs);
}
