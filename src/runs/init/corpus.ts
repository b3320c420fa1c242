import { formatCount } from '../../base/format.js';
import { DataError } from '../../train/data/data-error.js';
import { contentOf } from '../../train/data/sources/text/content.js';
import { text } from '../../train/data/sources/text/index.js';
import { countCharacters } from '../../train/data/sources/text/tokens.js';
import { header, lines, type Sketch, training, value } from './text.js';

/** How much the network sees: less of a short text, of which each part must hold some samples. */
const CONTEXTS = [64, 32, 16, 8] as const;
/** A part of the text must be so many contexts long to say something. */
const CONTEXTS_IN_PART = 4;
/** So many samples should there be: those of a short text overlap. */
const SAMPLES = 2000;
const SHARE = 0.1;
/** Of so many characters there is something to learn for a larger network. */
const LONG = 500_000;

/**
 * Writes a configuration for a text: what a token is, a small recurrent network, and how it is trained.
 *
 * @param path the text
 * @param file where the configuration will be, for its header
 * @returns its text
 * @throws DataError when it cannot be read, or is too short
 */
export function configForText(path: string, file: string): Sketch {
  const { level, size, vocabulary } = measured(path);
  const part = Math.round(SHARE * size);
  const context = CONTEXTS.find((own) => part >= CONTEXTS_IN_PART * own) ?? CONTEXTS.at(-1)!;
  const trained = size - 2 * part;
  const stride = Math.min(context, Math.max(1, Math.round(trained / SAMPLES)));
  const { batchSize, epochs } = training(Math.floor((trained - context) / stride));
  const hidden = size < LONG ? 64 : 128;
  const unit = level === 'char' ? 'character' : 'byte';
  const content = lines(
    header(
      file,
      `${path}: ${formatCount(size)} ${unit}s, ${vocabulary} different ones; to be told is each next one.`,
    ),
    `epochs: ${epochs}`,
    '',
    'dataset:',
    '  type: text',
    `  path: ${value(path)}`,
    `  level: ${level} # ${level === 'char' ? 'characters of UTF-8 text; or byte' : 'it is no UTF-8 text'}`,
    `  context: ${context} # ${unit}s that the network sees; more: slower, and a longer memory`,
    '  positions: all # after each of them the next one is to be told: a step learns from all of them',
    `  stride: ${stride} # where the next sample begins`,
    `  split: { val: ${SHARE}, test: ${SHARE} } # the last part is for the end, the one before chooses the best epoch`,
    '',
    `loader: { batch_size: ${Math.min(batchSize, 64)} }`,
    '',
    'model:',
    `  - { type: embedding, num_embeddings: ${vocabulary}, embedding_dim: 16 } # ${context} x 16`,
    `  - { type: gru, hidden_size: ${hidden}, output: all } # what it remembers after each ${unit}`,
    `  - { type: linear, out_features: ${vocabulary} } # the vocabulary`,
    '',
    'loss: { type: cross_entropy }',
    'optimizer: { type: rmsprop, lr: 0.004 } # divides each gradient by its usual size: they differ much over a text',
    'schedule: { type: cosine } # the learning rate falls to 0 in the course of the run',
    'clip_grad_norm: 1',
    'checkpoint: { monitor: eval_loss }',
  );
  return { text: content, told: `${formatCount(size)} ${unit}s, ${vocabulary} different ones` };
}

/** Of which a text has the most samples. */
const TOKENS = {
  type: 'text',
  positions: 'last',
  ...{ size: 1, seed: 0, context: CONTEXTS.at(-1)!, stride: 1 },
  split: { val: SHARE, test: SHARE },
} as const;

/** What is not UTF-8 is taken by its bytes. */
function measured(path: string): { level: 'char' | 'byte'; size: number; vocabulary: number } {
  try {
    return { level: 'char', ...readAs(path, 'char') };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    if (error.key === 'context') throw new DataError('path', error.message, ['take a longer text']);
    if (!error.message.includes('is not UTF-8')) throw error;
    return { level: 'byte', ...readAs(path, 'byte') };
  }
}

function readAs(path: string, level: 'char' | 'byte'): { size: number; vocabulary: number } {
  // As it is written into the configuration: the vocabulary is that of the part that is trained on.
  const { input } = text({ ...TOKENS, path, level }).spec;
  if (input.kind !== 'tokens') throw new Error('a text is tokens');
  const { text: content } = contentOf({ ...TOKENS, path, level });
  const size = typeof content === 'string' ? countCharacters(content) : content.length;
  return { size, vocabulary: input.vocabulary };
}
