import { readFileSync } from 'node:fs';

/** Reads a recording from test/fixtures; its header there names the script and the version of PyTorch. */
export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')) as T;
}
