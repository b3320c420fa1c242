/**
 * Packs lossnet as it is published:
 *
 *     npm run package [-- <folder>]        lossnet-<version>.tgz, in the current folder by default
 *
 * A package that the program holds already is left out of what npm installs with it, unless the library's types name it:
 * @tensorflow/tfjs-node alone would bring 277 MB in 130 packages, of which lossnet loads two. Of the types those are packed that the
 * library's own lead to, and where they would name tfjs, build/tfjs/types.d.ts stands. `npm pack` makes the same package with all of
 * them.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ROOT } from './write.mjs';

/** Scripts of the project and what they need are none of the package. */
const UNPUBLISHED = ['allowScripts', 'devDependencies', 'files', 'scripts'];

const TYPES = 'dist/index.d.ts';
const TFJS_TYPES = 'dist/train/backend/native/load.d.ts';

const target = resolve(process.argv[2] ?? '.');
mkdirSync(target, { recursive: true });
const npmPack = (cwd, ...args) =>
  JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', ...args], {
      cwd,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    }),
  )[0];

const work = mkdtempSync(join(tmpdir(), 'lossnet-package-'));
try {
  const types = typesFrom(TYPES);
  const paths = npmPack(ROOT, '--dry-run')
    .files.map(({ path }) => path)
    .filter((path) => !path.endsWith('.d.ts') || types.has(path));
  for (const path of paths) cpSync(sourceOf(path), join(work, path));
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const needed = packagesNeeded(paths);
  for (const name of Object.keys(manifest.dependencies))
    if (!needed.has(name)) delete manifest.dependencies[name];
  for (const key of UNPUBLISHED) delete manifest[key];
  writeFileSync(join(work, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const { filename, size, unpackedSize } = npmPack(work, '--pack-destination', target);
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  process.stdout.write(
    `${join(target, filename)}: ${megabytes(size)} packed, ${megabytes(unpackedSize)} unpacked; needs ${Object.keys(manifest.dependencies).join(', ')}\n`,
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Packages that the program loads from outside, and those that the library's types name. */
function packagesNeeded(paths) {
  const files = paths.filter((path) => /^dist\/program\/.*\.js$/.test(path) || path.endsWith('.d.ts'));
  const names = files.flatMap(namesIn).filter((name) => !name.startsWith('.'));
  return new Set(names.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)[0]));
}

/** The file of the project that a file of the package is made from. */
function sourceOf(path) {
  return join(ROOT, path === TFJS_TYPES ? 'build/tfjs/types.d.ts' : path);
}

/** What a file asks for. */
function namesIn(path) {
  const text = readFileSync(sourceOf(path), 'utf8');
  return [...text.matchAll(/(?:\bfrom|\bimport\() ?["']([^"'\n]+)["']/g)].map(([, name]) => name);
}

/** A file of types, and all that it takes types from. */
function typesFrom(path, seen = new Set()) {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const name of namesIn(path))
    if (name.startsWith('.')) typesFrom(join(dirname(path), name.replace(/\.js$/, '.d.ts')), seen);
  return seen;
}
