import { LossnetError, UsageError } from '../../base/errors.js';
import { nearest } from '../../config/validate/spelling.js';
import { provideCollectives } from '../../train/backend/native/collectives.js';
import { BEGIN_WITHOUT, SHAPES_INSTEAD } from '../../train/data/fetch/archive.js';
import type { DataSource } from '../../train/data/source.js';
import { cifar10, cifar100 } from '../../train/data/sources/cifar/index.js';
import { mnist } from '../../train/data/sources/mnist/index.js';
import { isStopped, type Surroundings, tell } from '../surroundings.js';
import { loadData } from '../train/prepare.js';
import { type Check, note, ok, problem } from './check.js';

const of = (root: string) => ({ root, trainSplit: 'train', evalSplit: 'test', download: true }) as const;

/** The data sets that can be downloaded. */
const SOURCES: Readonly<Record<string, (root: string) => DataSource>> = {
  cifar10: (root) => cifar10({ type: 'cifar10', ...of(root), ifUnavailable: 'error' }),
  cifar100: (root) => cifar100({ type: 'cifar100', ...of(root), labels: 'fine' }),
  mnist: (root) => mnist({ type: 'mnist', ...of(root) }),
  fashion_mnist: (root) => mnist({ type: 'fashion_mnist', ...of(root) }),
};

/**
 * @param names of data sets
 * @throws UsageError naming each that cannot be downloaded
 */
export function checkNames(names: readonly string[]): void {
  const known = Object.keys(SOURCES);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const guesses = unknown.map((name) => {
    const meant = nearest(name, known);
    return meant === undefined ? `"${name}"` : `"${name}" (did you mean ${meant}?)`;
  });
  throw new UsageError(
    'LOSSNET_USAGE',
    `--fetch: no data set ${guesses.join(', ')}.`,
    `There are ${known.join(', ')}.`,
  );
}

/**
 * Downloads data sets that are not there, and reads each as a training would.
 *
 * @param names which; none: all that there are
 * @param root folder of data sets
 * @param surroundings told of downloads; stopped by its signal
 * @yields what is there now, a check for each
 */
export async function* fetchData(
  names: readonly string[],
  root: string,
  surroundings: Surroundings,
): AsyncGenerator<Check, void> {
  for (const name of names.length > 0 ? names : Object.keys(SOURCES)) {
    if (isStopped(surroundings)) return;
    try {
      const { train, eval: evaluation } = await loadData(SOURCES[name]!(root), surroundings);
      const { records, source } = train.identity;
      yield ok(
        `data ${name}`,
        `in ${source}, read: ${records} samples to train on, ${evaluation.identity.records} to test on`,
      );
    } catch (error) {
      if (isStopped(surroundings)) return;
      if (!(error instanceof LossnetError)) throw error;
      // Whoever fetches them wants them.
      const help = (error.remedy?.split('\n') ?? []).filter(
        (line) => line !== SHAPES_INSTEAD && line !== BEGIN_WITHOUT,
      );
      yield problem(`data ${name}`, error.message, ...help);
    }
  }
}

/** Compiles what several processes need to train one model, where it is not there. */
export async function fetchCollectives(surroundings: Surroundings): Promise<Check> {
  const name = 'several processes';
  try {
    const report = (text: string) => tell(surroundings, { type: 'message', text });
    return ok(name, `can train one model, with ${await provideCollectives(report)}`);
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    return note(name, error.message, ...(error.remedy?.split('\n') ?? []));
  }
}
