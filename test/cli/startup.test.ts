import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../helpers/pages.js';

const IMPORT = /^(?:import|export)\s(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;

/** What is loaded with a file before it does anything: files of the source, and packages. */
function loadedWith(entry: string): { files: string[]; packages: string[] } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (name.startsWith('.')) visit(resolve(dirname(file), name.replace(/\.js$/, '.ts')));
      else if (!name.startsWith('node:')) packages.add(name);
    }
  };
  visit(resolve(ROOT, entry));
  return { files: [...files].map((file) => relative(ROOT, file)), packages: [...packages] };
}

it('of a command only its definition is loaded before it is asked for', () => {
  const { files, packages } = loadedWith('src/cli/main.ts');
  expect(packages.sort()).toEqual(['commander', 'fastest-levenshtein']);
  expect(files.filter((file) => !existsSync(resolve(ROOT, file)))).toEqual([]);
  // The definitions, what the terminal needs, and a few names that their help tells. The rest is hundreds.
  expect(files.length).toBeGreaterThan(20);
  expect(files.length).toBeLessThan(80);
  const work = /^src\/(?:train\/(?:data|model|engine|loss|optim)|config\/(?:schema|build|load|index))/;
  expect(files.filter((file) => work.test(file))).toEqual([]);
});
