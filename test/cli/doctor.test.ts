import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';
import { faults } from '../helpers/faults.js';

interface Check {
  readonly name: string;
  readonly level: string;
  readonly text: string;
  readonly help: readonly string[];
}

/** Real CIFAR-10 images, which lie beside the project. */
const SAMPLE = new URL('../../../shared/data/cifar10-sample', import.meta.url).pathname;

/** Without the library no step is tried: the rest is looked at in a moment. */
const NO_LIBRARY = { LOSSNET_LIBTENSORFLOW: '/nowhere' };

/** What a doctor with these variables says, by the names of what was looked at. */
async function checks(env: Record<string, string>, cwd = workspace({})) {
  const { code, stdout } = await lossnet(['doctor', '--json'], { cwd, env });
  const {
    type,
    works,
    checks: all,
  } = JSON.parse(stdout) as { type: string; works: boolean; checks: Check[] };
  expect([type, works]).toEqual(['doctor', code === 0]);
  return { code, of: (name: string) => all.find((check) => check.name === name) };
}

describe('lossnet doctor', () => {
  it('says that training works, and makes a step to prove it', async () => {
    const { code, stdout, stderr } = await lossnet(['doctor'], { cwd: workspace({}) });
    expect([code, stderr]).toEqual([0, '']);
    for (const line of [
      /^ok +lossnet +\d+\.\d+\.\d+$/m,
      /^ok +node +\d+\.\d+\.\d+, \//m,
      /^ok +processor +.*, \d+ cores? for this process/m,
      /^ok +threads +chosen by each configuration, for \d+ cores?$/m,
      /^(ok|note) +memory +[\d.]+ .B free of [\d.]+ .B/m,
      /^(ok|note) +folder for runs +\/.*runs \(not there yet\), writable, [\d.]+ .B free$/m,
      /^ok +data cifar10 +not here: the first training that needs it downloads 170 MB$/m,
      /^ok +package sharp +\d/m,
      /^ok +native library +\//m,
      /^ok +tensorflow +2\.\d+\.\d+, tfjs-node 4\.22\.0$/m,
      /^ok +training step +loss \d\.\d{4} after \d+ ms, compiling included\ntraining works here(, \d+ notes?)?\n$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
  });

  it('names each problem with its remedy, and ends with 1', async () => {
    const cwd = workspace({ file: '' });
    const { code, of } = await checks(
      {
        ...NO_LIBRARY,
        TF_NUM_INTRAOP_THREADS: 'many',
        LOSSNET_OPTIMIZR__LR: '0.1',
        LOSSNET_EPOCHS: '3',
        TMPDIR: join(cwd, 'file/x'),
        LOSSNET_CACHE: join(cwd, 'file'),
      },
      cwd,
    );
    expect(code).toBe(1);
    expect(of('threads')).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('TF_NUM_INTRAOP_THREADS="many"'),
      help: ['Unset it, or give it such a value.'],
    });
    expect(of('LOSSNET_OPTIMIZR__LR')).toMatchObject({
      level: 'problem',
      help: ['Did you mean LOSSNET_OPTIMIZER__LR?', 'Unset LOSSNET_OPTIMIZR__LR.'],
    });
    expect(of('LOSSNET_EPOCHS')).toMatchObject({
      level: 'note',
      text: '3: takes the place of epochs in every configuration',
    });
    expect(of('folder for cache')).toMatchObject({
      level: 'note',
      text: expect.stringContaining('it is a file'),
    });
    expect(of('folder for temporary files')).toMatchObject({ level: 'problem' });
    expect(of('native library')).toMatchObject({
      level: 'problem',
      text: 'LOSSNET_LIBTENSORFLOW names /nowhere, which does not exist.',
    });
    expect(of('training step')).toBeUndefined();
  });

  it('finds data sets and what they lack, and a library that is not loaded any more', async () => {
    const cwd = workspace({});
    mkdirSync(join(cwd, 'sets/MNIST/raw'), { recursive: true });
    mkdirSync(join(cwd, 'sets/cifar-10-batches-bin'));
    writeFileSync(join(cwd, 'sets/MNIST/raw/train-images-idx3-ubyte'), 'x');
    const old = join(cwd, 'cache/tfjs-node-4.21.0-tf2.18.0-linux-x64');
    mkdirSync(join(old, 'deps/lib'), { recursive: true });
    writeFileSync(join(old, 'deps/lib/libtensorflow_cc.so.2'), 'x'.repeat(2000));
    const env = { ...NO_LIBRARY, LOSSNET_DATA: 'sets', LOSSNET_CACHE: join(cwd, 'cache') };
    const { of } = await checks(env, cwd);
    expect(of('data mnist')).toMatchObject({
      level: 'note',
      text: expect.stringContaining('sets/MNIST/raw/train-labels-idx1-ubyte.gz is missing'),
      help: ['Put the files right, or remove sets/MNIST/raw: then it is downloaded.'],
    });
    expect(of('data cifar10')).toMatchObject({
      level: 'note',
      text: expect.stringContaining('data_batch_1.bin'),
    });
    expect(of('data cifar100')).toMatchObject({ level: 'ok', text: expect.stringContaining('not here') });
    expect(of('LOSSNET_DATA')).toMatchObject({ level: 'ok', text: 'sets' });
    expect(of('old TensorFlow')).toMatchObject({
      level: 'note',
      text: `2.0 kB in ${old}, which this lossnet does not load`,
      help: ['Remove it, unless another lossnet loads it.'],
    });
  });

  it.skipIf(!existsSync(SAMPLE))('provides data sets ahead, and reads what it provides', async () => {
    const args = ['doctor', '--json', '--fetch', 'cifar10', 'mnist'];
    const env = { ...NO_LIBRARY, LOSSNET_DATA: SAMPLE, LOSSNET_OFFLINE: '1' };
    const { code, stdout } = await lossnet(args, { cwd: workspace({}), env });
    const all: Check[] = JSON.parse(stdout).checks;
    const of = (name: string) => all.find((check) => check.name === name);
    expect(of('data cifar10')?.text).toMatch(
      /^in .*cifar10-sample.*, read: 5000 samples to train on, 1000 to test on$/,
    );
    expect([code, of('data mnist')?.level]).toEqual([1, 'problem']);
    expect(of('data mnist')?.text).toContain(
      'Did not try to download its files: the network is not asked while LOSSNET_OFFLINE',
    );
    expect(of('data cifar100')).toBeUndefined();
  });

  it('knows which data sets there are', async () => {
    const { code, stderr } = await lossnet(['doctor', '--fetch', 'cifar11', 'mnist'], { cwd: workspace({}) });
    expect([code, stderr]).toEqual([2, expect.stringContaining('"cifar11" (did you mean cifar10?)')]);
  });

  it('outlives what TensorFlow does not', async () => {
    const rule = { call: '*', process: 'step-process', nth: 1, signal: 'SIGKILL' } as const;
    const { code, of } = await checks(faults({ rules: [rule] }));
    expect(code).toBe(1);
    expect(of('training step')).toMatchObject({
      level: 'problem',
      text: expect.stringMatching(/^the process that tried one ended: killed by SIGKILL/),
    });
  });

  it('says where it may not write', async () => {
    const rule = { call: 'mkdtemp', path: 'lossnet-doctor', errno: 'EROFS' };
    const { code, of } = await checks({ ...NO_LIBRARY, ...faults({ rules: [rule] }) });
    expect(code).toBe(1);
    expect(of('folder for runs')).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('the file system is read-only (EROFS)'),
      help: expect.arrayContaining(['Train in a folder that you may write to, or set runs_dir.']),
    });
  });

  it.each([[['doctor', 'x']], [['doctor', '--jsn']]])('refuses %j', async (args) => {
    expect((await lossnet(args, { cwd: workspace({}) })).code).toBe(2);
  });
});
