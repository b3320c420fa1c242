import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as {
  exports: Record<string, string | { types: string; default: string }>;
};

describe('the package', () => {
  it('exports files that are there', () => {
    const paths = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : [entry.types, entry.default],
    );
    expect(paths.filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
  });

  it('can be imported by its name, as a library', () => {
    const script = `import('lossnet').then((m) => import('lossnet/config').then((c) => console.log(typeof m.trainEpoch, typeof c.loadConfig)))`;
    expect(execFileSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' })).toBe(
      'function function\n',
    );
  });

  it('holds the program, the configurations and nothing of the tests', () => {
    const packed = execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: ROOT, encoding: 'utf8' });
    const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'bin/lossnet.js',
        'dist/cli/main.js',
        'configs/cifar-sgd.yaml',
        'configs/schema.json',
        'LICENSE',
      ]),
    );
    // The README links to the loop.
    expect(paths.filter((path) => /^(src|test)\//.test(path))).toEqual(['src/train/loop.ts']);
  });
});
