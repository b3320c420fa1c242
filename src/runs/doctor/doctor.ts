import { wrongVariables } from '../../train/backend/environment.js';
import { isStopped, type Surroundings } from '../surroundings.js';
import type { Check } from './check.js';
import { checkData } from './data-sets.js';
import { checkEnvironment } from './environment.js';
import { checkNames, fetchCollectives, fetchData } from './fetch.js';
import { checkFolders } from './folders.js';
import { checkLeftovers } from './leftovers.js';
import { checkMachine } from './machine.js';
import { checkPackages } from './packages.js';
import { checkLibrary, checkStep } from './step.js';

/**
 * Looks at all that training needs: versions, processor, threads, memory, folders, data sets, packages, variables and
 * TensorFlow's native library; and makes a training step, in a process of its own.
 *
 * @param surroundings env: variables that count; told what takes long, as the first provision of the library; stopped by its
 * signal; fetch: data sets to be downloaded, none of them named: all that can be; default: they are only looked for
 * @yields what was found, a thing each; nothing has a problem where training works
 */
export async function* doctor(
  surroundings: Surroundings & { readonly fetch?: readonly string[] | undefined } = {},
): AsyncGenerator<Check, void> {
  const { env = {}, fetch } = surroundings;
  if (fetch !== undefined) checkNames(fetch);
  yield* checkMachine(env);
  yield* checkFolders();
  const root = env.LOSSNET_DATA || 'data';
  if (fetch === undefined) yield* await checkData(root);
  else yield* fetchData(fetch, root, surroundings);
  yield* await checkPackages();
  yield* checkEnvironment(env);
  const library = checkLibrary();
  yield library;
  yield* checkLeftovers();
  // No step is made under a variable that is wrong, which has been said.
  if (library.level === 'problem' || wrongVariables(env).length > 0 || isStopped(surroundings)) return;
  for (const check of await checkStep(surroundings)) if (!isStopped(surroundings)) yield check;
  if (fetch !== undefined && !isStopped(surroundings)) yield await fetchCollectives(surroundings);
}
