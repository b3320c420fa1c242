import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/train/safetensors.js';
import { lossnet, workspace } from '../helpers/cli.js';
import { expectClose } from '../helpers/close.js';
import { numbers } from '../helpers/numbers.js';

const SIZE = 3;
const SHAPE = [SIZE, 32, 32, 3];

const PYTHON = process.env.LOSSNET_TEST_PYTHON ?? 'python3';
const hasTensorFlow = spawnSync(PYTHON, ['-c', 'import tensorflow']).status === 0;

const FORMATS = ['savedmodel', 'onnx', 'tfjs', 'safetensors'] as const;
const COMPANIONS = ['README.md', 'config.yaml', 'export.json', 'preprocessing.json'];
const FILES = {
  savedmodel: ['saved_model.pb'],
  onnx: ['model.onnx'],
  tfjs: ['model.json', 'weights-1of1.bin'],
  safetensors: ['model.safetensors'],
};

const cwd = workspace();
const printed: Record<string, string> = {};
const filesOf = (folder: string) => readdirSync(join(cwd, folder)).sort();

/** The run again under another name, to do it harm. */
function copyOfRun(name: string): string {
  cpSync(join(cwd, 'runs/tiny'), join(cwd, 'runs', name), { recursive: true });
  for (const format of FORMATS) {
    const folder = join(cwd, 'runs', name, format);
    if (existsSync(folder)) throw new Error('copied too late');
  }
  return `runs/${name}`;
}

let damaged: string;
let overflowing: string;
let withoutBest: string;

beforeAll(async () => {
  await lossnet(['train', 'tiny.yaml', 'epochs=1', '-q'], { cwd });
  [damaged, overflowing, withoutBest] = ['damaged', 'overflowing', 'no-best'].map(copyOfRun) as [
    string,
    string,
    string,
  ];
  for (const format of FORMATS) {
    const { code, stdout, stderr } = await lossnet(['export', 'runs/tiny', '--format', format], { cwd });
    expect([format, code, stderr]).toEqual([format, 0, '']);
    printed[format] = stdout.replace(/\d+ KB/, 'n KB').replace(/: .* at most, .* of/, ': … at most, … of');
  }
});

describe('lossnet export', () => {
  it('says what it wrote, what that takes and gives, and how far it is from lossnet', () => {
    expect(printed.savedmodel).toMatchInlineSnapshot(`
      "exported runs/tiny/checkpoints/best.safetensors to runs/tiny/savedmodel (n KB)
        images  [1, 32, 32, 3]  float32, pixels from 0 to 255
        logits  [1, 10]
      checked on 20 images of its evaluation data: … at most, … of the largest
      "
    `);
    expect(printed.onnx).toMatchInlineSnapshot(`
      "exported runs/tiny/checkpoints/best.safetensors to runs/tiny/onnx (n KB)
        images  [n, 32, 32, 3]  float32, pixels from 0 to 255
        logits  [n, 10]
      checked on 20 images of its evaluation data: … at most, … of the largest
      "
    `);
  });

  it.each(FORMATS)('writes %s with all that belongs to it, and nothing else', (format) => {
    expect(filesOf(`runs/tiny/${format}`)).toEqual([...COMPANIONS, ...FILES[format]].sort());
    expect(filesOf('runs/tiny')).toEqual(
      [
        'checkpoints',
        'config.yaml',
        'metrics.jsonl',
        'sources.json',
        'summary.json',
        'timings.jsonl',
        ...FORMATS,
      ].sort(),
    );
    // As any folder that is made, not for its maker alone.
    expect(statSync(join(cwd, `runs/tiny/${format}`)).mode).toBe(statSync(join(cwd, 'runs')).mode);
  });

  it('gives the same bytes again', async () => {
    mkdirSync(join(cwd, 'again')); // an empty folder is none in the way
    const { code } = await lossnet(['export', 'runs/tiny', '--format', 'onnx', '-o', 'again'], { cwd });
    expect(code).toBe(0);
    for (const name of filesOf('again')) {
      expect(readFileSync(join(cwd, 'again', name)), name).toEqual(
        readFileSync(join(cwd, 'runs/tiny/onnx', name)),
      );
    }
  });

  it('prints one JSON object with --json', async () => {
    const args = ['export', 'runs/tiny/checkpoints/last.safetensors', '--format', 'tfjs'];
    const more = ['--batch-size', '4', '-o', 'as-json', '--json', '--license', 'apache-2.0'];
    const { code, stdout, stderr } = await lossnet([...args, ...more], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      type: 'export',
      format: 'tfjs',
      folder: 'as-json',
      checkpoint: 'runs/tiny/checkpoints/last.safetensors',
      batch_size: 4,
      input: { name: 'images', dtype: 'float32', shape: [4, 32, 32, 3] },
      output: { name: 'logits', dtype: 'float32', shape: [4, 10] },
      check: { samples: 20, data: 'evaluation' },
    });
    expect(result.check.largest_difference).toBeLessThanOrEqual(1e-5 * result.check.largest_value);
    expect([...result.files].sort()).toEqual(filesOf('as-json'));
    const sizes = filesOf('as-json').map((name) => statSync(join(cwd, 'as-json', name)).size);
    expect(result.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(readFileSync(join(cwd, 'as-json/README.md'), 'utf8')).toContain('license: apache-2.0\n');
  });

  it.skipIf(!hasTensorFlow)("writes a SavedModel that Python's TensorFlow loads", async () => {
    const pixels = numbers('pixels', SIZE * 32 * 32 * 3).map((value) => Math.floor((value + 1) * 128));
    const { openExport } = await import('../../src/runs/export/run.js');
    await lossnet(['export', 'runs/tiny', '-o', 'three', '--batch-size', `${SIZE}`], { cwd });
    const runner = await openExport(join(cwd, 'runs/tiny/safetensors'));
    const expected = await runner.run(pixels, SIZE);
    runner.dispose();
    const script = [
      'import json, sys, numpy as np, tensorflow as tf',
      `images = np.array(json.load(sys.stdin), dtype=np.float32).reshape(${JSON.stringify(SHAPE)})`,
      `model = tf.saved_model.load(${JSON.stringify(join(cwd, 'three'))})`,
      'call = model.signatures["serving_default"]',
      'print(json.dumps(call(images=tf.constant(images))["logits"].numpy().flatten().tolist()))',
    ].join('\n');
    const { stdout } = spawnSync(PYTHON, ['-c', script], {
      input: JSON.stringify([...pixels]),
      encoding: 'utf8',
    });
    expectClose(JSON.parse(stdout), expected, 1e-5);
  });

  it('replaces an export with --force alone, and nothing else at all', async () => {
    const again = await lossnet(['export', 'runs/tiny'], { cwd });
    expect([again.code, again.stderr]).toMatchInlineSnapshot(`
      [
        2,
        "error: There is an export in runs/tiny/savedmodel already.
        Add --force to replace it, or name another folder with --output.
      ",
      ]
    `);
    expect((await lossnet(['export', 'runs/tiny', '--force', '--no-check'], { cwd })).stdout).toContain(
      'not checked: it was not run\n',
    );
    mkdirSync(join(cwd, 'own'));
    writeFileSync(join(cwd, 'own/thesis.txt'), 'mine');
    const own = await lossnet(['export', 'runs/tiny', '--force', '-o', 'own'], { cwd });
    expect([own.code, own.stderr]).toMatchInlineSnapshot(`
      [
        2,
        "error: own holds something else than an export. It will not be replaced.
        Name another folder with --output.
      ",
      ]
    `);
    expect(filesOf('own')).toEqual(['thesis.txt']);
  });

  it('replaces the SavedModel of a version that wrote nothing beside it', async () => {
    mkdirSync(join(cwd, 'old'));
    writeFileSync(join(cwd, 'old/saved_model.pb'), 'old');
    expect((await lossnet(['export', 'runs/tiny', '-o', 'old'], { cwd })).code).toBe(2);
    const { code } = await lossnet(['export', 'runs/tiny', '-o', 'old', '--force', '--no-check'], { cwd });
    expect([code, filesOf('old').length]).toEqual([0, 5]);
  });

  it.each<[string, string[]]>([
    ['no run', ['runs/none']],
    ['another format', ['runs/tiny', '--format', 'onxx']],
    ['too many samples', ['runs/tiny', '--batch-size', '9007199254740991']],
    ['a licence in many words', ['runs/tiny', '-o', 'x', '--license', 'free: for all']],
    ['an export', ['runs/tiny/onnx']],
    ['a checkpoint and other weights', ['runs/tiny/checkpoints/best.safetensors', '--weights', 'last']],
    ['weights for a batch size', ['runs/tiny', '--format', 'safetensors', '--batch-size', '4']],
    ['a file in its place', ['runs/tiny', '-o', 'tiny.yaml']],
  ])('says what is wrong with %s', async (_, args) => {
    const { code, stderr, stdout } = await lossnet(['export', ...args], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatchSnapshot();
  });

  it('is not taken for a run', async () => {
    for (const args of [
      ['report', 'runs/tiny/onnx', '--no-predictions', '-o', 'no.html'],
      ['train', 'runs/tiny/onnx', '--resume'],
    ]) {
      const { code, stderr } = await lossnet(args, { cwd });
      expect([args[0], code]).toEqual([args[0], 2]);
      expect(stderr).toContain('runs/tiny/onnx is an exported model, and no run');
    }
    const { stdout } = await lossnet(['report', '.', '--no-predictions', '-o', 'all.html'], { cwd });
    expect(stdout).toContain('report on 4 runs');
  });

  it('prints an error as JSON too', async () => {
    const { code, stdout } = await lossnet(['export', 'runs/tiny', '--json'], { cwd });
    expect([code, JSON.parse(stdout)]).toMatchObject([2, { type: 'error', code: 'LOSSNET_EXPORT_EXISTS' }]);
  });
});

describe('what cannot be exported', () => {
  it('is a checkpoint that was damaged', async () => {
    const file = join(cwd, damaged, 'checkpoints/best.safetensors');
    writeFileSync(file, readFileSync(file).subarray(0, 1000));
    const { code, stdout, stderr } = await lossnet(['export', damaged, '--format', 'onnx'], { cwd });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatchInlineSnapshot(`
      "error: runs/damaged/checkpoints/best.safetensors is not a valid safetensors file: tensor 0.weight reaches beyond the file's end.
        Copy or save the file again.
      "
    `);
    expect(filesOf(damaged)).not.toContain('onnx');
  });

  it('is a model whose outputs are no numbers: nothing is left where it was to be', async () => {
    const file = join(cwd, overflowing, 'checkpoints/best.safetensors');
    const { tensors, metadata } = decodeSafetensors(readFileSync(file), file);
    const huge = new Map(
      [...tensors].map(([name, { shape, values }]) => [
        name,
        { shape, values: name === '6.weight' ? values.map((_, i) => (i % 2 ? 3e38 : -3e38)) : values },
      ]),
    );
    writeFileSync(file, encodeSafetensors({ tensors: huge, metadata }));
    const { code, stdout, stderr } = await lossnet(['export', overflowing, '--format', 'onnx'], { cwd });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatchInlineSnapshot(`
      "error: The model's own outputs are not finite numbers, so that nothing can be checked. Nothing was exported.
        Export other weights, with --weights last or best, or train it again with a smaller learning rate.
      "
    `);
    expect(filesOf(overflowing).filter((name) => name.startsWith('onnx'))).toEqual([]);
  });

  it('is what a run has not saved', async () => {
    spawnSync('rm', [join(cwd, withoutBest, 'checkpoints/best.safetensors')]);
    const { code, stderr } = await lossnet(['export', withoutBest, '--weights', 'best'], { cwd });
    expect([code, stderr]).toMatchInlineSnapshot(`
      [
        2,
        "error: runs/no-best has no checkpoint runs/no-best/checkpoints/best.safetensors.
        It has runs/no-best/checkpoints/last.safetensors: take that with --weights last.
      ",
      ]
    `);
  });

  it('is ONNX that cannot be checked for want of its package, unless that is wished', async () => {
    // Node itself does not find it, as where it is not installed.
    const hide = `import { register } from 'node:module'; register('data:text/javascript,' + encodeURIComponent(
      "export async function resolve(name, context, next) { if (name === 'onnxruntime-node') throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }); return next(name, context); }"))`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hide)}` };
    const args = ['export', 'runs/tiny', '--format', 'onnx', '-o', 'unchecked'];
    const { code, stdout, stderr } = await lossnet(args, { cwd, env });
    expect([code, stdout, stderr]).toMatchInlineSnapshot(`
      [
        1,
        "",
        "error: The package onnxruntime-node, which runs ONNX models, is not installed.
        Install it beside lossnet: npm install onnxruntime-node
      ",
      ]
    `);
    expect(existsSync(join(cwd, 'unchecked'))).toBe(false);
    const forced = await lossnet([...args, '--no-check'], { cwd, env });
    expect([forced.code, forced.stdout]).toEqual([0, expect.stringContaining('not checked')]);
  });
});
