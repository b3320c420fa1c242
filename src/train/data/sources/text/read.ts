import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { formatCount, plural } from '../../../../base/format.js';
import type { Finding } from '../../audit/finding.js';
import { DataError, some } from '../../data-error.js';
import type { DataSpec, Dataset, Split } from '../../dataset.js';
import type { Preprocessing } from '../../preprocessing.js';
import { contentOf } from './content.js';
import { strideOf, type TextOptions } from './options.js';
import {
  countCharacters,
  nameOfCharacter,
  type Tokens,
  tokensOfBytes,
  tokensOfCharacters,
} from './tokens.js';

/** A text, read and made into what is trained and evaluated on. */
export interface ReadText {
  readonly spec: DataSpec;
  readonly train: Dataset;
  readonly eval: Dataset;
  readonly test: Dataset | undefined;
  readonly preprocessing: Preprocessing;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** What is wrong with it. */
  readonly findings: readonly Finding[];
}

/** One part of the text: its first token, and the one after its last. */
interface Stretch {
  readonly split: Split;
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a text, cuts it in time, numbers its tokens, and takes samples of each part: `context` tokens and the next one, or the one
 * after each of them. No sample reaches over a border between parts.
 *
 *     val and test have round(share * n) of the n tokens, train those before; a part of m has floor((m - context - 1) / stride) + 1 samples
 *
 * @param options the text
 * @returns its parts
 * @throws DataError when it cannot be read, or a part is too short for a sample
 */
export function readText(options: TextOptions): ReadText {
  const { path, level, context } = options;
  const { text, source, notes } = contentOf(options);
  const name = path === null ? 'text' : basename(path);
  const count = typeof text === 'string' ? countCharacters(text) : text.length;
  const stretches = cut(count, options, path ?? 'the generated text');
  const tokens = typeof text === 'string' ? tokensOfCharacters(text, stretches[0]!.to) : tokensOfBytes(text);
  const spec: DataSpec = {
    name,
    input: { kind: 'tokens', length: context, vocabulary: tokens.names.length },
    target: {
      ...{ kind: 'class', names: tokens.names, of: 'token' },
      ...(options.positions === 'all' && { length: context }),
    },
    hasTest: stretches.length > 2,
  };
  const [train, evaluation, test] = stretches.map((stretch) =>
    datasetOf(spec, tokens, stretch, { ...options, source }),
  );
  const unknown = typeof text === 'string' ? unknownOf(text, tokens, stretches[0]!.to) : null;
  const told = unknown && tellUnknown(path ?? 'the text', unknown);
  return {
    spec,
    train: train!,
    eval: evaluation!,
    test,
    preprocessing: { spec, inputs: null, tokens: { level, vocabulary: tokens.vocabulary } },
    notes: [...notes, noteOn(name, count, stretches, tokens, options)],
    warnings: told === null ? [] : [told.message],
    findings: told === null ? [] : [told.finding],
  };
}

/** The parts in the order of the text; that for the end only where one is asked for. */
function cut(count: number, options: TextOptions, file: string): Stretch[] {
  const { split, context, level } = options;
  const unit = level === 'char' ? 'character' : 'byte';
  if (count === 0) throw new DataError('path', `${file} is empty`, ['name a file with text']);
  const [val, test] = [Math.round(split.val * count), Math.round(split.test * count)];
  const trained = count - val - test;
  const parts: Stretch[] = [
    { split: 'train', from: 0, to: trained },
    { split: 'val', from: trained, to: trained + val },
    ...(split.test > 0 ? [{ split: 'test' as const, from: trained + val, to: count }] : []),
  ];
  const short = parts.filter(({ from, to }) => to - from <= context);
  if (short.length === 0) return parts;
  const lengths = short.map((part) => `${part.split} part has ${formatCount(part.to - part.from)}`);
  throw new DataError(
    'context',
    `of the ${plural(count, unit)} of ${file} the ${lengths.join(', the ')}: a sample needs ${formatCount(context + 1)}, ${formatCount(context)} and the next one`,
    ['set a smaller context, other shares in split, or take a longer text'],
  );
}

/**
 * The samples of a stretch.
 *
 * @param spec of the data set
 * @param tokens of the whole text
 * @param stretch of it
 * @param options context, positions, stride, level; source: where the text is from
 * @returns the samples
 */
export function datasetOf(
  spec: DataSpec,
  { ids, names }: Pick<Tokens, 'ids' | 'names'>,
  { split, from, to }: Stretch,
  options: Pick<TextOptions, 'context' | 'stride' | 'level' | 'positions'> & { readonly source: string },
): Dataset {
  const { context, level, source, positions: told } = options;
  const stride = strideOf(options);
  const own = ids.subarray(from, to);
  const records = Math.floor((own.length - context - 1) / stride) + 1;
  // As long as there was one kind of targets, nothing was said of it.
  const about = [names, context, stride, ...(told === 'all' ? [told] : [])];
  const hash = createHash('sha256').update(JSON.stringify(about));
  const sha256 = hash.update(new Uint8Array(own.buffer, own.byteOffset, own.byteLength)).digest('hex');
  const unit = level === 'char' ? 'character' : 'byte';
  return {
    identity: { name: spec.name, split, source, records, sha256 },
    spec,
    inputs: { tokens: own, stride },
    ...(told === 'all'
      ? { targets: asTargets(own.subarray(1)), targetStride: stride }
      : { targets: lastTargets(own, records, { context, stride }) }),
    nameOf: (record, target) => {
      const place = (k: number) => formatCount(from + record * stride + k + 2);
      if (told === 'last') return `${unit} ${place(context - 1)} of ${source}`;
      if (target !== undefined) return `${unit} ${place(target)} of ${source}`;
      return `${unit}s ${place(0)} to ${place(context - 1)} of ${source}`;
    },
  };
}

/** What comes after each sample. */
function lastTargets(
  own: Tokens['ids'],
  records: number,
  { context, stride }: { readonly context: number; readonly stride: number },
): Dataset['targets'] {
  const targets = new (own instanceof Uint8Array ? Uint8Array : Int32Array)(records);
  for (let i = 0; i < records; i++) targets[i] = own[i * stride + context]!;
  return targets;
}

/** A large vocabulary has numbers of 16 bits, which targets have not. */
const asTargets = (ids: Tokens['ids']) => (ids instanceof Uint16Array ? Int32Array.from(ids) : ids);

/** What was taken for what, so that nobody has to guess the size of the vocabulary. */
function noteOn(
  name: string,
  count: number,
  stretches: readonly Stretch[],
  { names, vocabulary }: Tokens,
  { level }: TextOptions,
): string {
  const parts = stretches.map(({ split, from, to }) => `${formatCount(to - from)} ${split}`).join(', ');
  const kinds =
    vocabulary === null
      ? `a vocabulary of ${names.length}`
      : `a vocabulary of ${names.length}: ${formatCount(vocabulary.length)} of the train part, and unknown`;
  return `${name}: ${plural(count, level === 'char' ? 'character' : 'byte')}, ${parts}; ${kinds}`;
}

interface Unknown {
  /** How many different characters, in the order of the text. */
  readonly characters: readonly string[];
  readonly times: number;
}

/** Characters behind the part that is trained on which that has not; null: there are none. */
function unknownOf(text: string, { ids, vocabulary }: Tokens, trained: number): Unknown | null {
  const unknown = vocabulary!.length;
  if (!ids.subarray(trained).includes(unknown)) return null;
  const found = new Set<string>();
  let [times, i] = [0, 0];
  for (const character of text) {
    if (ids[i] === unknown) {
      found.add(character);
      times += 1;
    }
    i += 1;
  }
  return { characters: [...found], times };
}

function tellUnknown(file: string, { characters, times }: Unknown): { message: string; finding: Finding } {
  const shown = characters.map(nameOfCharacter);
  const what = `${plural(characters.length, 'character')} of what is evaluated on ${characters.length === 1 ? 'does' : 'do'} not occur in what is trained on`;
  const message = `${file}: ${what}, and ${characters.length === 1 ? 'stands' : 'stand'} as unknown, ${times === 1 ? 'once' : `${formatCount(times)} times`}: ${some(shown)}. A model cannot have learnt to tell them.`;
  const places = shown.slice(0, 5);
  const remedy = 'give it more text to train on, or take bytes: level: byte';
  return {
    message,
    finding: {
      kind: 'unknown_token',
      level: 'warning',
      message: what,
      places,
      count: characters.length,
      remedy,
    },
  };
}
