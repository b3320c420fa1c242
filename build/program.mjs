import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { packagesIn, ROOT, relativeTo } from './write.mjs';

/** They have binaries for each platform, or are only there where a user wants them. */
const EXTERNAL = ['sharp', '@resvg/resvg-js', 'onnxruntime-node', '@tensorflow/*'];

/** zod speaks 50 languages and would load them all at every start; lossnet words its messages itself, and needs one. */
const oneLanguage = {
  name: 'one language',
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, ({ path }) => {
      const line = /^export \{ default as en \}.*$/m.exec(readFileSync(path, 'utf8'))?.[0];
      if (line === undefined) throw new Error(`${path} has no English any more.`);
      return { contents: line, loader: 'js' };
    });
  },
};

/** Tells this source from others: what it keeps for the next start is not taken by another. */
function buildId() {
  const id = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')));
  for (const folder of ['src', 'build']) {
    const files = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort();
    for (const file of files) id.update(`\n${relative(ROOT, file)}\n`).update(readFileSync(file));
  }
  return id.digest('hex');
}

/**
 * The program and the library in one piece. What a command loads only when it is needed stays in files of its own; all lie side
 * by side, so that `./worker.js` means the same from each.
 */
export async function buildProgram() {
  const folder = join(ROOT, 'dist/program');
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [
      'src/cli/main.ts',
      'src/index.ts',
      // What is started as processes.
      'src/runs/compare/execute/worker.ts',
      'src/runs/doctor/step-process.ts',
      // As threads.
      'src/train/data/sources/image-folder/picture-thread.ts',
    ],
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    splitting: true,
    external: EXTERNAL,
    plugins: [oneLanguage],
    // Some packages are CommonJS, and ask for modules of Node by `require`.
    banner: {
      js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
    },
    define: { LOSSNET_BUILD: JSON.stringify(buildId()) },
    format: 'esm',
    platform: 'node',
    target: 'node20.12',
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    write: false,
    metafile: true,
  });
  return { files: relativeTo(folder, outputFiles), packages: packagesIn(metafile) };
}
