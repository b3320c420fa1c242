import { ConfigError, type Problem } from '../../../config/index.js';
import { splitValues } from '../plan/axis.js';
import { problemOf } from '../plan/request.js';

/** A key that is tuned, as `--tune` says it. */
export interface TuneKey {
  /** The argument, for problems: `--tune optimizer.lr=1e-5..10`. */
  readonly argument: { readonly text: string; readonly index: number };
  /** `lr` stands for the learning rate, wherever the configuration names it. */
  readonly key: string;
  /** What is tried: a range in equal factors, values as they were typed, or null: around what the variant has. */
  readonly values: readonly string[] | Range | null;
}

/** Both ends included, spaced by equal factors. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What decides how long runs are, what they are measured on or where they lie: to tune it would compare the unlike. */
const NOT_TUNED =
  /^(name|seed|runs_dir|threads|engine|epochs|max_time|log_every|expect|tensorboard|loader\.limit|(dataset|evaluation|early_stopping|checkpoint)(\..*)?)$/;

/** What decides how many steps an epoch has: trials end after as many epochs, and are to have as many steps. */
const SETS_STEPS = /^(loader\.batch_size|accumulate)$/;

/**
 * Reads what is to be tuned: `lr`, `optimizer.lr,optimizer.momentum`, `optimizer.lr=1e-5..10`, `optimizer.momentum=0,0.9`.
 *
 * @param texts of `--tune`, one or more
 * @returns the keys, in their order
 * @throws ConfigError with all that is wrong with them
 */
export function parseTune(texts: readonly string[]): TuneKey[] {
  const problems: Problem[] = [];
  const keys: TuneKey[] = [];
  texts.forEach((text, index) => {
    const argument = { text: `--tune ${text}`, index };
    const report = (message: string, ...help: string[]) => {
      problems.push(problemOf(argument, message, help));
      return null;
    };
    for (const part of partsOf(text)) {
      const key = readPart(part, argument, report);
      if (key === null) continue;
      if (keys.some((other) => other.key === key.key)) report(`${key.key} is named twice`, 'leave one out');
      else keys.push(key);
    }
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return keys;
}

/** A key and what stands behind its `=`; null: nothing. */
interface Part {
  readonly key: string;
  readonly values: readonly string[] | null;
}

const isRange = (text: string) => text.includes('..');

/** A number, or text as it was typed. */
export function readValue(text: string): number | string {
  const number = Number(text);
  return text !== '' && Number.isFinite(number) ? number : text;
}

/** At the commas: what follows the values of a list is a value, what follows a key or a range is the next key. */
function partsOf(text: string): Part[] {
  const parts: { key: string; values: string[] | null }[] = [];
  for (const piece of splitValues(text)) {
    const last = parts.at(-1);
    const assigned = /^([^=[{]+)=(.*)$/s.exec(piece);
    if (assigned) parts.push({ key: assigned[1]!.trim(), values: [assigned[2]!.trim()] });
    else if (last?.values && !last.values.some(isRange)) last.values.push(piece);
    else parts.push({ key: piece, values: null });
  }
  return parts;
}

function readPart(
  { key, values }: Part,
  argument: TuneKey['argument'],
  report: (message: string, ...help: string[]) => null,
): TuneKey | null {
  if (!/^\w+(\.\w+)*$/.test(key)) {
    return report(
      key === '' ? 'a key is missing' : `\`${key}\` is not the path of a key`,
      'for example --tune lr, or --tune optimizer.lr=1e-5..10',
    );
  }
  if (NOT_TUNED.test(key)) {
    return report(
      `${key} is not tuned: all trials have the same data, length and seed, so that they can be compared`,
      'tune what decides how a step is made, such as lr or optimizer.weight_decay',
    );
  }
  if (SETS_STEPS.test(key)) {
    return report(
      `${key} is not tuned: it decides how many steps an epoch has, and all trials have as many`,
      `set it for all, such as ${key}=32; or have a variant for each, and tune the learning rate of each: lossnet compare ${key}=32,64 --tune lr`,
    );
  }
  if (/^parallel(\.|$)/.test(key)) {
    return report(
      `${key} is not tuned: it says how processes share the work, and each trial is trained by one`,
      'leave it out',
    );
  }
  if (values === null) return { argument, key, values };
  if (values.length === 1 && isRange(values[0]!)) {
    const range = readRange(key, values[0]!, report);
    return range && { argument, key, values: range };
  }
  if (values.length === 1 && values[0] === '') {
    return report(`${key} has no value`, `name several: ${key}=0.1,0.01; or leave out the =`);
  }
  if (values.includes('')) return report(`a value of ${key} is empty`, 'leave out the comma');
  const read = values.map(readValue);
  const twice = read.find((value, i) => read.indexOf(value) !== i);
  if (twice !== undefined) return report(`${key} has the value ${twice} twice`, 'leave one of them out');
  if (values.length === 1 && !Number.isFinite(Number(values[0]))) {
    return report(
      `${key} has one value, ${values[0]}, and there is nothing to choose`,
      /(^|\.)lr$/.test(key)
        ? `name several numbers: ${key}=0.1,0.01; or a range: ${key}=0.001..1`
        : `name several, separated by commas; or set it for all without --tune: ${key}=${values[0]}`,
    );
  }
  if (values.length === 1) {
    return report(
      `${key} has one value, ${values[0]}, and there is nothing to choose`,
      `name several: ${key}=0.1,0.01; or a range: ${key}=0.001..1; or set it for all without --tune: ${key}=${values[0]}`,
    );
  }
  return { argument, key, values };
}

function readRange(
  key: string,
  text: string,
  report: (message: string, ...help: string[]) => null,
): Range | null {
  const ends = text.split('..').map((end) => end.trim());
  const [low = Number.NaN, high = Number.NaN] = ends.map((end) => (end === '' ? Number.NaN : Number(end)));
  if (ends.length !== 2 || !Number.isFinite(low) || !Number.isFinite(high)) {
    return report(`${key}: \`${text}\` is no range of numbers`, `write it as ${key}=1e-5..10`);
  }
  if (low <= 0 || high <= 0) {
    return report(
      `${key}: a range is spaced by equal factors, and none leads from or to ${low <= 0 ? low : high}`,
      `begin above 0, such as ${key}=1e-5..${high > 0 ? high : 1}; or name the values: ${key}=0,0.5,0.9`,
    );
  }
  if (low === high) return report(`${key}: ${text} is a single value`, 'name two different ends');
  if (low > high) return report(`${key}: the range ${text} is upside down`, `write ${key}=${high}..${low}`);
  return { low, high };
}
