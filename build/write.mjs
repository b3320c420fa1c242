import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Files of esbuild, with paths that are relative to a folder. */
export const relativeTo = (folder, outputFiles) =>
  outputFiles.map(({ path, contents }) => ({ path: relative(folder, path), contents }));

/** Packages whose text went into what esbuild has made: their folders in the project. */
export function packagesIn({ inputs }) {
  const folders = Object.keys(inputs).map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))];
}

/**
 * Makes a folder hold these files and no others.
 *
 * @param folder its path
 * @param files their paths in it, and their contents
 */
export function replaceFolder(folder, files) {
  for (const { path, contents } of files) {
    const file = join(folder, path);
    // What did not change is left alone: a program that runs may yet load it.
    if (existsSync(file) && readFileSync(file).equals(Buffer.from(contents))) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}~`, contents);
    renameSync(`${file}~`, file);
  }
  const made = new Set(files.map(({ path }) => path));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isDirectory() && !made.has(relative(folder, file))) rmSync(file);
  }
}

/** Files of a folder that are taken as they are. */
export function copies(from, to, names) {
  const found = readdirSync(join(ROOT, from)).filter((name) => names.test(name));
  if (found.length === 0) throw new Error(`${from} has no ${names} any more.`);
  return found.map((name) => ({ path: join(to, name), contents: readFileSync(join(ROOT, from, name)) }));
}
