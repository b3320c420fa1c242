import { join } from 'node:path';
import { build } from 'esbuild';
import { copies, packagesIn, ROOT, relativeTo } from './write.mjs';

const at = (path) => join(ROOT, 'build/tfjs', path);

/** What is put in the place of packages. */
const REPLACED = {
  '@mapbox/node-pre-gyp': at('binding.cjs'),
  'node-fetch': at('fetch.cjs'),
};

/** Nothing but the core is loaded of tfjs, and once for all. */
const oneCore = {
  name: 'one core',
  setup({ onResolve }) {
    const core = { path: './tfjs-core.cjs', external: true };
    onResolve({ filter: /^@tensorflow\/tfjs(-core)?$/ }, () => core);
    for (const [name, path] of Object.entries(REPLACED))
      onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path }));
  },
};

/**
 * What lossnet loads of tfjs-node: the core of tfjs and tfjs-node itself; and apart from them what opens an export. tfjs-node would
 * load all of tfjs, with its layers, its data sets and its backends for browsers: a sixth of the time to a training's first step.
 */
export async function buildTfjsNode() {
  const folder = join(ROOT, 'dist/tfjs-node');
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['tfjs-core.mjs', 'tfjs-node.cjs', 'tfjs-converter.cjs'].map(at),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    plugins: [oneCore],
    format: 'cjs',
    platform: 'node',
    mainFields: ['main'],
    target: 'node20.12',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    write: false,
    metafile: true,
  });
  const files = [
    ...relativeTo(folder, outputFiles),
    ...copies('node_modules/@tensorflow/tfjs-node/binding', 'binding', /\.(?:cc|h)$/),
    ...copies('node_modules/node-api-headers/include', 'node-api', /\.h$/),
  ];
  return { files, packages: [...packagesIn(metafile), 'node_modules/node-api-headers'] };
}
