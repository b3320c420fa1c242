import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheFolder } from '../../src/base/cache-folder.js';
import { lossnet, workspace } from '../helpers/cli.js';
import { faults } from '../helpers/faults.js';

const config = (dataset: string, outputs = 3) => `epochs: 2
dataset: { type: image_folder, ${dataset} }
loader: { batch_size: 8 }
transforms: { random_crop: { padding: 2 }, random_flip: { p: 0.5 }, normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } }
model: [{ type: conv2d, out_channels: 4, kernel_size: 3 }, { type: relu }, { type: flatten }, { type: linear, out_features: ${outputs} }]
optimizer: { type: adam, lr: 0.01 }
`;

/** A cache without pictures, and with the native library that is there. */
function ownCache(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lossnet-cache-'));
  const native = readdirSync(cacheFolder()).filter(
    (name) => name.startsWith('tfjs-node-') && !name.includes('lock'),
  );
  for (const name of native) symlinkSync(join(cacheFolder(), name), join(folder, name));
  return folder;
}

const KINDS = { red: [200, 60, 60], green: [60, 200, 60], blue: [60, 60, 200] } as const;

/** Twenty pictures of each of three colours, none like another. */
async function writePictures(root: string): Promise<void> {
  for (const [kind, [r, g, b]] of Object.entries(KINDS)) {
    mkdirSync(join(root, kind), { recursive: true });
    for (let i = 0; i < 20; i++) {
      const background = { r: r + i, g: g + 2 * i, b: b + i };
      const picture = sharp({ create: { width: 30 + i, height: 40, channels: 3, background } });
      writeFileSync(join(root, kind, `${i}.png`), await picture.png().toBuffer());
    }
  }
}

const cwd = workspace({
  'c.yaml': config('root: own, image_size: [24, 20], split: { val: 0.2, test: 0.2 }'),
});
const cache = ownCache();
const env = { LOSSNET_CACHE: cache };
/** On a machine that is busy it is told how far the decoding is. */
const withoutProgress = (text: string) => text.replace(/^(Reading|Decoding) the pictures of .*\n/gm, '');
const run = async (args: string[], more = {}) => {
  const result = await lossnet(args, { cwd, env: { ...env, ...more } });
  return { ...result, stderr: withoutProgress(result.stderr) };
};
const packs = () => readdirSync(join(cache, 'pictures')).filter((name) => name.endsWith('.pack'));
const lines = (name: string) =>
  readFileSync(join(cwd, 'runs', name, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(() => writePictures(join(cwd, 'own')));

describe('pictures of one’s own', () => {
  it('are checked by validate, without being decoded', async () => {
    const { code, stdout, stderr } = await run(['validate', 'c.yaml']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('input    3 x 24 x 20');
    expect(readdirSync(cache)).not.toContain('pictures');
  });

  it('are trained on, and what they were taken for is said and recorded', async () => {
    const { code, stdout, stderr } = await run(['train', 'c.yaml']);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(
        /^note: own, 60 pictures of 3 classes \(`blue` 20, `green` 20, `red` 20\): \d+ to train on, \d+ held out to choose with, \d+ for the end\n/,
      ),
    ]);
    expect(stderr).toMatch(/\ndata {2}own: \d+ train images, \d+ val images.* \(own\)\n/);
    expect(stdout).toContain('final eval accuracy');
    const [start] = lines('c');
    expect(start).toMatchObject({
      train: { name: 'own', split: 'train', source: 'own' },
      eval: { split: 'val' },
    });
    expect(packs()).toHaveLength(1);
  });

  it('give the same in both engines, and from the cache as before it', async () => {
    const figures = async (name: string, ...more: string[]) => {
      expect((await run(['train', 'c.yaml', '-q', '-n', name, ...more])).code).toBe(0);
      return lines(name).findLast(({ type }) => type === 'epoch')!;
    };
    const before = lines('c').findLast(({ type }) => type === 'epoch')!;
    expect((await figures('again')).eval_loss).toBe(before.eval_loss);
    const eager = await figures('eager', 'engine=eager');
    expect(Math.abs((eager.eval_loss as number) - (before.eval_loss as number))).toBeLessThan(1e-3);
    expect(packs()).toHaveLength(1);
  });

  it('need what decodes them only until they are decoded', async () => {
    const hook = `process.on('exit', () => process.report.getReport().sharedObjects.some((name) => /sharp/.test(name)) && console.error('SHARP'))`;
    const loaded = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` };
    const args = ['train', 'c.yaml', '-q', '--dry-run'];
    expect((await run(args, loaded)).stderr).not.toContain('SHARP');
    expect((await run([...args, 'dataset.image_size=12'], loaded)).stderr).toContain('SHARP');
  });

  it('are shown in a report, exported, and what optimizers are compared on', async () => {
    expect((await run(['report', 'runs/c'])).code).toBe(0);
    const page = readFileSync(join(cwd, 'runs/c/report.html'), 'utf8');
    expect(page).toContain('Confusion matrix of');
    expect(page).toMatch(
      /width="20" height="24" alt="Image \d+: (red|green|blue), taken for|every image is classified right/,
    );
    expect((await run(['export', 'runs/c'])).code).toBe(0);
    const compared = await run(['compare', 'sgd', 'adam', 'epochs=1', '-c', 'c.yaml', '-n', 'both', '-q']);
    expect([compared.code, compared.stdout]).toEqual([0, expect.stringContaining('adam')]);
    expect((await run(['lr-find', 'c.yaml'])).code).toBe(0);
    expect(packs()).toHaveLength(2);
  });

  it('may be resumed, to the same bytes, also with another cache; not with other pictures', async () => {
    const args = ['-q', 'dataset.cache.max_gb=1'];
    expect((await run(['train', 'c.yaml', '-n', 'whole', '-q', 'epochs=3'])).code).toBe(0);
    expect((await run(['train', 'runs/again', '--resume', 'epochs=3', ...args])).code).toBe(0);
    const of = (name: string) =>
      readFileSync(join(cwd, 'runs', name, 'checkpoints/last.safetensors'), 'latin1');
    expect(of('again')).toBe(of('whole'));
    for (let i = 0; i < 20; i++) rmSync(join(cwd, 'own/red', `${i}.png`), { force: i < 3 });
    for (let i = 0; i < 5; i++) {
      const picture = sharp({
        create: { width: 9, height: 9, channels: 3, background: { r: 9, g: 9, b: i } },
      });
      writeFileSync(join(cwd, 'own/red', `${i}.png`), await picture.png().toBuffer());
    }
    const { code, stderr } = await run(['train', 'runs/again', '--resume', 'epochs=4']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/training data: own train, \d+ images, sha256 \w+ when saved, own train/),
    ]);
    const report = await run(['report', 'runs/c', '--force']);
    expect(readFileSync(join(cwd, 'runs/c/report.html'), 'utf8') + report.stderr).toContain(
      'are not those of the run',
    );
    rmSync(join(cwd, 'own'), { recursive: true });
    expect((await run(['report', 'runs', '-o', 'all.html'])).code).toBe(0);
    expect((await run(['export', 'runs/c', '--force'])).code).toBe(0);
  });
});

describe('lossnet data', () => {
  it('counts pictures, and names those that are there twice or cannot be used', async () => {
    const dataset = 'root: own, image_size: 8, on_error: skip, split: { val: 0.3, test: 0 }';
    const folder = workspace({ 'c.yaml': config(dataset) });
    await writePictures(join(folder, 'own'));
    writeFileSync(join(folder, 'own/red/broken.jpg'), 'hello');
    writeFileSync(join(folder, 'own/blue/copy.png'), readFileSync(join(folder, 'own/red/7.png')));
    const { code, stdout } = await lossnet(['data', 'c.yaml'], { cwd: folder, env });
    expect([code, stdout]).toEqual([1, expect.stringContaining('own: images of 3 x 8 x 8, 3 classes\n')]);
    expect(stdout).toContain('1 picture cannot be used, and is left out');
    expect(stdout).toContain('own/red/broken.jpg is no picture');
    expect(stdout).toMatch(
      /own\/(red\/7|blue\/copy)\.png \((red|blue)\) and own\/(red\/7|blue\/copy)\.png \((red|blue)\)/,
    );
  });
});

describe('pictures that cannot be used', () => {
  it('are told where they are named', async () => {
    const folder = workspace({ 'c.yaml': config('root: own') });
    mkdirSync(join(folder, 'own/cat'), { recursive: true });
    const { code, stderr } = await lossnet(['train', 'c.yaml'], { cwd: folder, env });
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "c.yaml:2:38  dataset.root
        own: there is no picture in the class folder \`cat\`
        → put pictures into it, or remove it; these count: .png .jpg .jpeg .webp .gif .tif .tiff

          1 | epochs: 2
          2 | dataset: { type: image_folder, root: own }
            |                                      ^^^
          3 | loader: { batch_size: 8 }

      1 problem in c.yaml
      "
    `);
  });

  it('by their options are told likewise', async () => {
    const folder = workspace({
      'c.yaml': config(
        'root: own, image_size: [64, 0], channels: 2, background: [1, 2], resize: fit, on_error: ignore',
      ),
    });
    const { code, stderr } = await lossnet(['validate', 'c.yaml'], { cwd: folder, env });
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "c.yaml:2:60  dataset.image_size.1
        expected integer from 1 to 4096; received 0

          1 | epochs: 2
          2 | …age_folder, root: own, image_size: [64, 0], channels: 2, background: [1, 2], resize: fit, on_error: …
            |                                          ^
          3 | …e: 8 }

      c.yaml:2:74  dataset.channels
        expected one of 1, 3; received 2

          1 | epochs: 2
          2 | …ot: own, image_size: [64, 0], channels: 2, background: [1, 2], resize: fit, on_error: ignore }
            |                                          ^
          3 | loader: { batch_size: 8 }

      c.yaml:2:89  dataset.background
        expected integer from 0 to 255, or [red, green, blue] with each integer from 0 to 255; received
        the list [1, 2]

          1 | epochs: 2
          2 | …size: [64, 0], channels: 2, background: [1, 2], resize: fit, on_error: ignore }
            |                                          ^^^^^^
          3 | loader: { batch_size: 8 }

      c.yaml:2:105  dataset.resize
        expected one of cover, contain, stretch; received text "fit"

          1 | epochs: 2
          2 | …hannels: 2, background: [1, 2], resize: fit, on_error: ignore }
            |                                          ^^^
          3 | loader: { batch_size: 8 }

      c.yaml:2:120  dataset.on_error
        expected one of fail, skip; received text "ignore"

          1 | epochs: 2
          2 | …kground: [1, 2], resize: fit, on_error: ignore }
            |                                          ^^^^^^
          3 | loader: { batch_size: 8 }

      5 problems in c.yaml
      "
    `);
  });

  it('are listed, and left out where that is asked for', async () => {
    const folder = workspace({ 'c.yaml': config('root: own, image_size: 8, split: { test: 0, val: 0.3 }') });
    await writePictures(join(folder, 'own'));
    writeFileSync(join(folder, 'own/red/broken.jpg'), 'hello');
    const own = { LOSSNET_CACHE: ownCache() };
    const { code, stderr } = await lossnet(['train', 'c.yaml'], { cwd: folder, env: own });
    expect(code).toBe(1);
    expect(withoutProgress(stderr)).toBe(
      'error: A picture of own cannot be used:\n  own/red/broken.jpg is no picture; PNG, JPEG, WebP, GIF and TIFF are read\n  Replace or remove them, or leave them out: dataset.on_error: skip\n',
    );
    const skipped = await lossnet(['train', 'c.yaml', 'dataset.on_error=skip'], { cwd: folder, env: own });
    expect([skipped.code, skipped.stderr]).toEqual([
      0,
      expect.stringContaining('warning: own: left out, as they cannot be used:\n'),
    ]);
  });

  it.each([
    ['a full disk', { call: 'write', path: 'pictures/pack\\.tmp-', errno: 'ENOSPC' }, 'the disk is full'],
    [
      'a cache that cannot be made',
      { call: 'mkdir', path: 'pictures$', errno: 'EROFS' },
      'the file system is read-only',
    ],
    [
      'a cache that cannot be locked',
      { call: 'open', path: '\\.pack\\.lock', errno: 'EDQUOT' },
      'the disk quota is used up',
    ],
    [
      'a pack that cannot be named',
      { call: 'rename', path: 'pictures/pack\\.tmp-', errno: 'EIO' },
      'input/output error',
    ],
  ])('%s leaves them to the memory', async (_, rule, why) => {
    const folder = workspace({ 'c.yaml': config('root: own, image_size: 8') });
    await writePictures(join(folder, 'own'));
    const own = { LOSSNET_CACHE: ownCache(), ...faults({ rules: [rule] }) };
    const { code, stderr } = await lossnet(['train', 'c.yaml', 'epochs=1'], { cwd: folder, env: own });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: The decoded pictures are not kept/m);
    expect(stderr).toContain(why);
    const left = readdirSync(own.LOSSNET_CACHE, { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => name.startsWith('pictures/pack'))).toEqual([]);
  });
});
