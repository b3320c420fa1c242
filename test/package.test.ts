import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as {
  exports: Record<string, string | { types: string; default: string }>;
};

/** `lossnet --version`, told that it runs on another version of Node. */
function asNode(node: string) {
  const versions = `{ value: { ...process.versions, node: '${node}' } }`;
  const disguise = `data:text/javascript,Object.defineProperty(process, 'versions', ${versions})`;
  const args = ['--import', encodeURI(disguise), `${ROOT}/bin/lossnet.js`, '--version'];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

describe('the package', () => {
  it('exports files that are there', () => {
    const paths = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : [entry.types, entry.default],
    );
    expect(paths.filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
  });

  it.each(['18.20.8', '20.11.1', '16.0.0'])('says in a line that Node %s is too old for it', (node) => {
    const { status, stdout, stderr } = asNode(node);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(`lossnet needs Node 20.12 or later, and this is Node ${node}: https://nodejs.org\n`);
  });

  it.each(['20.12.0', '22.0.0', '100.1.0'])('runs on Node %s', (node) => {
    expect(asNode(node)).toMatchObject({ status: 0, stdout: '0.1.0\n', stderr: '' });
  });

  it('holds the program, the configurations and nothing of the tests', () => {
    const packed = execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: ROOT, encoding: 'utf8' });
    const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'bin/lossnet.js',
        'dist/index.d.ts',
        'dist/fonts/DejaVuSans.ttf',
        'dist/jpeg-turbo/linux-x64/binding.node',
        'dist/program/index.js',
        'dist/program/main.js',
        'dist/program/worker.js',
        'dist/program/THIRD_PARTY_NOTICES.txt',
        'dist/tfjs-node/tfjs-node.cjs',
        'dist/tfjs-node/binding/tfjs_binding.cc',
        'dist/tfjs-node/node-api/node_api.h',
        'configs/cifar-sgd.yaml',
        'configs/schema.json',
        'LICENSE',
      ]),
    );
    // The program is of one piece: no modules beside it, and no maps of what is not there.
    expect(paths.filter((path) => /^dist\/(?!program|tfjs-node).*\.js$|\.map$/.test(path))).toEqual([]);
    // The README links to the loop.
    expect(paths.filter((path) => /^(src|test)\//.test(path))).toEqual(['src/train/loop.ts']);
  });
});
