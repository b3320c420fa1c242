/**
 * Makes the program of one piece: `dist/program`, beside the modules of the library that tsc has put into `dist`.
 *
 * Node takes a quarter of a millisecond for each module it loads, and a command needs hundreds of them. What a command
 * loads only when it is needed stays in files of its own. All lie side by side, so that `./worker.js` and `../../configs`
 * mean the same from here as from the modules themselves.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const PROGRAM = join(ROOT, 'dist/program');

const { outputFiles } = await build({
  absWorkingDir: ROOT,
  // What is started as a process.
  entryPoints: ['src/cli/main.ts', 'src/runs/compare/execute/worker.ts', 'src/runs/doctor/step-process.ts'],
  entryNames: '[name]',
  outdir: PROGRAM,
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.12',
  sourcemap: 'linked',
  sourcesContent: false,
  write: false,
});

mkdirSync(PROGRAM, { recursive: true });
// What did not change is left alone: a program that runs may yet load it.
for (const { path, contents } of outputFiles) {
  if (existsSync(path) && readFileSync(path).equals(contents)) continue;
  writeFileSync(`${path}~`, contents);
  renameSync(`${path}~`, path);
}
const made = new Set(outputFiles.map(({ path }) => basename(path)));
for (const name of readdirSync(PROGRAM)) if (!made.has(name)) rmSync(join(PROGRAM, name));
