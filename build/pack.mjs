/**
 * Packs lossnet as it is published:
 *
 *     npm run package [-- <folder>]        lossnet-<version>.tgz, in the current folder by default
 *
 * A package that the program holds already is left out of what npm installs with it, unless the library's types name it:
 * @tensorflow/tfjs-node alone would bring 277 MB in 130 packages, of which lossnet loads two. `npm pack` makes the same package with all
 * of them.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ROOT } from './write.mjs';

/** Scripts of the project and what they need are none of the package. */
const UNPUBLISHED = ['allowScripts', 'devDependencies', 'files', 'scripts'];

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
  const paths = npmPack(ROOT, '--dry-run').files.map(({ path }) => path);
  for (const path of paths) cpSync(join(ROOT, path), join(work, path));
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
  const program = paths.filter((path) => /^dist\/program\/.*\.js$/.test(path));
  const names = [...program.flatMap(namesIn), ...namesInTypes('dist/index.d.ts', new Set())];
  return new Set(names.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)[0]));
}

/** What a file asks for. */
function namesIn(path) {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return [...text.matchAll(/(?:\bfrom|\bimport\() ?["']([^"'\n]+)["']/g)].map(([, name]) => name);
}

/** Packages that a file of types names, and all that it takes types from; but tfjs, whose tensors no function of the library has. */
function namesInTypes(path, seen) {
  if (seen.has(path)) return [];
  seen.add(path);
  return namesIn(path).flatMap((name) => {
    if (name.startsWith('.')) return namesInTypes(join(dirname(path), name.replace(/\.js$/, '.d.ts')), seen);
    return name.startsWith('@tensorflow/') ? [] : [name];
  });
}
