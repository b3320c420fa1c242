import { isStopped, type Surroundings } from '../surroundings.js';
import type { Check } from './check.js';
import { checkData } from './data-sets.js';
import { checkEnvironment } from './environment.js';
import { checkFolders } from './folders.js';
import { checkMachine } from './machine.js';
import { checkPackages } from './packages.js';
import { checkLibrary, checkStep } from './step.js';

/**
 * Looks at all that training needs: versions, processor, threads, memory, folders, data sets, packages, variables and
 * TensorFlow's native library; and makes a training step, in a process of its own.
 *
 * @param surroundings env: variables that count; told what takes long, as the first provision of the library; stopped by its
 * signal
 * @yields what was found, a thing each; nothing has a problem where training works
 */
export async function* doctor(surroundings: Surroundings = {}): AsyncGenerator<Check, void> {
  const { env = {} } = surroundings;
  yield* checkMachine(env);
  yield* checkFolders();
  yield* await checkData(env.LOSSNET_DATA || 'data');
  yield* await checkPackages();
  yield* checkEnvironment(env);
  const library = checkLibrary();
  yield library;
  if (library.level === 'problem' || isStopped(surroundings)) return;
  for (const check of await checkStep(surroundings)) if (!isStopped(surroundings)) yield check;
}
