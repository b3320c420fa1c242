import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type LoadOptions, loadConfig } from '../../src/config/load.js';
import { ConfigError } from '../../src/config/problems/errors.js';
import type { ResolvedConfig } from '../../src/config/resolved.js';

/** The smallest configuration there is, to which a test adds what it is about. */
export const MINIMAL = `dataset: { type: shapes }
model: [{ type: flatten }, { type: linear, out_features: 10 }]
optimizer: { type: sgd }
`;

/** Runs the tests of a file in an empty folder of their own, so that errors name short relative paths. */
export function inTemporaryFolder(): void {
  const before = process.cwd();
  let folder = '';
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lossnet-config-')));
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  });
}

/** Loads `text` as the file `config.yaml`. */
export function load(text: string | Uint8Array, options: Omit<LoadOptions, 'file'> = {}): ResolvedConfig {
  writeFileSync('config.yaml', text);
  return loadConfig({ file: 'config.yaml', ...options });
}

/** The error of a call that must fail with one. */
export function errorOf(action: () => unknown): ConfigError {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('expected a ConfigError, and nothing was thrown');
}

/** The error message for a configuration that must be refused. */
export function refused(text: string | Uint8Array, options: Omit<LoadOptions, 'file'> = {}): string {
  return errorOf(() => load(text, options)).message;
}

/** The problems of such a configuration, each as `path: message → help`, for tables. */
export function problemsOf(text: string | Uint8Array, options: Omit<LoadOptions, 'file'> = {}): string[] {
  return errorOf(() => load(text, options)).problems.map(({ path, message, help }) =>
    [`${path}: ${message}`, ...help.filter((line) => !line.startsWith('allowed here'))].join(' → '),
  );
}
