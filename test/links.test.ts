import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PAGES, ROOT, readPage } from './helpers/pages.js';

const OTHERS = ['CHANGELOG.md', 'CONTRIBUTING.md', 'bench/RESULTS.md'];

/** What the npm package holds. */
const PACKED = packedFiles();

function packedFiles(): string[] {
  const json = execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: ROOT, encoding: 'utf8' });
  const [{ files }] = JSON.parse(json) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path);
}

interface Link {
  /** As it is written. */
  readonly link: string;
  /** Relative to the project's folder. */
  readonly target: string;
  readonly anchor: string | undefined;
}

/** The links of a page, and its pictures, that lead to the project's own files. */
function linksOf(page: string): Link[] {
  const prose = readPage(page)
    .replace(/^```.*?^```$/gms, '')
    .replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\((?!\w+:)([^)]+)\)/g)].map(([, link = '']) => {
    const [file = '', anchor] = link.split('#');
    return { link, target: file === '' ? page : posix.join(posix.dirname(page), file), anchor };
  });
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  return [...readPage(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe.each([...PAGES, ...OTHERS])('%s', (page) => {
  it('has links that lead somewhere', () => {
    for (const { link, target, anchor } of linksOf(page)) {
      expect(existsSync(`${ROOT}${target}`), link).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(target), link).toContain(anchor);
    }
  });

  it('is in the package, with every file that it links to', () => {
    const targets = linksOf(page).map(({ target }) => target);
    expect([page, ...targets].filter((file) => !PACKED.includes(file))).toEqual([]);
  });
});

it('looks at every page, and finds links', () => {
  expect(readdirSync(`${ROOT}docs`).filter((name) => name.endsWith('.md'))).toHaveLength(PAGES.length - 1);
  expect(PAGES.flatMap(linksOf).length).toBeGreaterThan(30);
});
