import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PAGES, ROOT, readPage } from './helpers/pages.js';

const PAGE = readPage('CONTRIBUTING.md');

/** A folder and all that lie in it, each with a slash at its end. */
function foldersOf(folder: string): string[] {
  const entries = readdirSync(`${ROOT}${folder}`, { withFileTypes: true });
  const inner = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${folder}${name}/`);
  return [folder, ...inner.flatMap(foldersOf)];
}

describe('the map', () => {
  const [, map = ''] = /^## The map\n\n.*\n\n((?: {4}\S.*\n)+)/m.exec(PAGE) ?? [];
  const lines = map.trimEnd().split('\n');
  const mapped = lines.map((line) => /^ {4}(\S+\/) +\S/.exec(line)?.[1] ?? line);

  it('has a line for every folder of the source, once', () => {
    const source = foldersOf('src/').slice(1);
    expect(source.length).toBeGreaterThan(25);
    expect(mapped.filter((folder) => folder.startsWith('src/')).sort()).toEqual(source.sort());
  });

  it('has a line for what else is at the top', () => {
    for (const folder of ['bin/', 'configs/', 'docs/', 'bench/', 'test/']) expect(mapped).toContain(folder);
  });

  it('names folders that are there, each once', () => {
    expect(mapped.filter((folder) => !existsSync(`${ROOT}${folder}`))).toEqual([]);
    expect(new Set(mapped).size).toBe(mapped.length);
  });
});

it.each([...PAGES, 'CONTRIBUTING.md'])('%s names files of the project that are there', (page) => {
  const named = readPage(page).matchAll(/(?<![\w/.])(?:src|test|bench|docs|configs|bin)\/[\w./-]*[\w/]/g);
  const missing = [...named].map(([path]) => path).filter((path) => !existsSync(`${ROOT}${path}`));
  expect(missing.filter((path) => !ABSENT.includes(path))).toEqual([]);
});

/** Made by the benchmark; an example of a name. */
const ABSENT = ['bench/.quick', 'test/train/my.test.ts'];
