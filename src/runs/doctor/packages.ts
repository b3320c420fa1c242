import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Check, note, ok } from './check.js';

const require = createRequire(import.meta.url);

/** Packages that only some commands need. */
const OPTIONAL = [
  { name: 'sharp', for: 'pictures of your own' },
  { name: 'onnxruntime-node', for: 'checking what is exported as ONNX' },
] as const;

/** Which of them are installed, and can be loaded where they are native. */
export async function checkPackages(): Promise<Check[]> {
  return await Promise.all(
    OPTIONAL.map(async ({ name, for: purpose }) => {
      const title = `package ${name}`;
      const version = versionOf(name);
      if (version === null) return ok(title, `not installed; for ${purpose}: npm install ${name}`);
      const failure = name === 'sharp' ? await failureOf(name) : null;
      if (failure === null) return ok(title, `${version}, for ${purpose}`);
      return note(title, `${version} cannot be loaded: ${failure}`, `Install it again: npm install ${name}`);
    }),
  );
}

/** null: it is not installed. A package need not let its package.json be asked for. */
function versionOf(name: string): string | null {
  try {
    for (let folder = dirname(require.resolve(name)); ; folder = dirname(folder)) {
      const version = versionIn(join(folder, 'package.json'), name);
      if (version !== null || folder === dirname(folder)) return version;
    }
  } catch {
    return null;
  }
}

function versionIn(file: string, name: string): string | null {
  try {
    const { name: own, version } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    return own === name && typeof version === 'string' ? version : null;
  } catch {
    return null;
  }
}

async function failureOf(name: string): Promise<string | null> {
  try {
    await import(name);
    return null;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).trim().split('\n')[0]!;
  }
}
