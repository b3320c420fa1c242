import { createHash } from 'node:crypto';
import { UsageError } from '../../base/errors.js';
import type { ConfigYaml } from '../../config/index.js';
import type { Variant } from './plan/variants.js';

const LONGEST_TITLE = 40;

/**
 * @param names of what is compared
 * @param sha256 hash of the request
 * @param name what `--name` says
 * @returns `compare-sgd-adam-1a2b3c4d`, or `compare-<name>`
 * @throws UsageError when `--name` is none for a folder
 */
export function folderName(names: readonly string[], sha256: string, name: string | undefined): string {
  if (name !== undefined) {
    if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return `compare-${name}`;
    throw new UsageError(
      'LOSSNET_USAGE',
      `--name ${name}: expected letters, digits, dot, dash and underscore, starting with a letter or digit.`,
    );
  }
  const title = names.join('-').replace(/[^A-Za-z0-9._]+/g, '-');
  const short = title.slice(0, LONGEST_TITLE).replace(/[-.]+$/, '');
  return `compare-${short}-${sha256.slice(0, 8)}`;
}

/**
 * @param variants what is compared
 * @returns hash of all that decides the results
 */
export function hashOf(variants: readonly Variant[]): string {
  const runs = variants.flatMap(({ runs }) => runs.map((run): [string, ConfigYaml] => [run.name, run.yaml]));
  const decisive = runs.map(([run, { name: _, runs_dir: __, ...rest }]) => [run, rest]);
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex');
}
