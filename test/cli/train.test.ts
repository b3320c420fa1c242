import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lossnet, TINY, workspace } from '../helpers/cli.js';

const lines = (text: string) => text.trimEnd().split('\n');
const jsonLines = (text: string) => lines(text).map((line) => JSON.parse(line) as Record<string, unknown>);
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

describe('lossnet train', () => {
  it('trains, prints a line per epoch on stdout, and keeps everything in the run folder', async () => {
    const cwd = workspace();
    const { code, stdout, stderr } = await lossnet(['train', 'tiny.yaml'], { cwd });
    expect([code, stderr]).toEqual([0, expect.stringContaining('shapes: 60 train images, 20 test images')]);
    const figure = String.raw`\d+\.\d{4}`;
    const epochLine = new RegExp(
      `^epoch [123]/3  running loss ${figure}  train loss ${figure} acc [0-9.]+ %  eval loss ${figure} acc [0-9.]+ %  lr [0-9.e-]+  [0-9,]+ images/s(  best)?$`,
    );
    expect(lines(stdout).filter((line) => epochLine.test(line))).toHaveLength(3);
    expect(stdout).toContain('done: 3 epochs, 24 steps in ');
    expect(stdout).not.toContain('\u001b');

    const run = join(cwd, 'runs/tiny');
    expect(readdirSync(run).sort()).toEqual([
      'checkpoints',
      'config.yaml',
      'metrics.jsonl',
      'sources.json',
      'summary.json',
      'timings.jsonl',
    ]);
    expect(readdirSync(join(run, 'checkpoints')).sort()).toEqual([
      'best.safetensors',
      'last.safetensors',
      'resume.safetensors',
    ]);
    expect(jsonLines(read(run, 'metrics.jsonl')).map(({ type }) => type)).toEqual([
      'start',
      ...[1, 2, 3].flatMap(() => [...Array.from({ length: 8 }, () => ['step', 'layers']).flat(), 'epoch']),
    ]);
    expect(JSON.parse(read(run, 'summary.json'))).toMatchObject({
      name: 'tiny',
      status: 'done',
      epochs: 3,
      steps: 24,
      best: { monitor: 'eval_loss' },
      dataset: { train: { name: 'shapes', records: 60 } },
      versions: { tfjs: '4.22.0' },
    });
    const again = await lossnet(['train', join(run, 'config.yaml'), '--name', 'again', '--quiet'], { cwd });
    expect(again.code).toBe(0);
    expect(read(cwd, 'runs/again/metrics.jsonl')).toBe(read(run, 'metrics.jsonl'));
    expect(readFileSync(join(cwd, 'runs/again/checkpoints/resume.safetensors'))).toEqual(
      readFileSync(join(run, 'checkpoints/resume.safetensors')),
    );
  });

  it('prints nothing that TensorFlow has to say of its own', async () => {
    const convolution = '{ type: conv2d, out_channels: 4, kernel_size: 3, padding: 1 }';
    const activations = ['relu', 'leaky_relu', 'elu', 'gelu', 'silu', 'sigmoid', 'tanh'];
    const layers = activations.flatMap((type) => [
      convolution,
      `{ type: ${type} }`,
      `{ type: residual, layers: [${convolution}] }`,
      `{ type: residual, layers: [{ type: ${type} }, ${convolution}] }`,
      `{ type: ${type} }`,
    ]);
    const cwd = workspace({
      'all.yaml': [
        'epochs: 1',
        'dataset: { type: shapes, train_size: 8, eval_size: 4 }',
        'loader: { batch_size: 8 }',
        'optimizer: { type: sgd, lr: 0.01 }',
        'model:',
        ...[...layers, '{ type: flatten }', '{ type: linear, out_features: 10 }'].map(
          (each) => `  - ${each}`,
        ),
      ].join('\n'),
    });
    const { code, stderr } = await lossnet(['train', 'all.yaml'], { cwd });
    expect(code).toBe(0);
    expect(lines(stderr).filter((line) => !/^(lossnet|data|model|train|run) /.test(line))).toEqual([]);
  });

  it('--json prints the events as JSON lines on stdout, and nothing else', async () => {
    const { code, stdout, stderr } = await lossnet(['train', 'tiny.yaml', '--json', 'epochs=1'], {
      cwd: workspace(),
    });
    const events = jsonLines(stdout);
    expect([code, stderr]).toEqual([0, '']);
    expect(events.map(({ type }) => type)).toEqual([
      'start',
      ...Array.from({ length: 8 }, () => ['step', 'layers']).flat(),
      'epoch',
      'checkpoint',
      'end',
    ]);
    expect(events.at(-3)).toMatchObject({
      type: 'epoch',
      epoch: 1,
      step: 8,
      samples_per_second: expect.any(Number),
      images_per_second: expect.any(Number),
    });
    expect(events.at(-1)).toEqual({
      type: 'end',
      status: 'done',
      epoch: 1,
      step: 8,
      final: expect.objectContaining({ epoch: 1, eval_accuracy: expect.any(Number) }),
      best: { epoch: 1, value: expect.any(Number) },
      diagnosis: expect.objectContaining({ kind: 'too_short', suggested_lr: null }),
    });
  });

  it('stops and saves when nobody reads its output any more', async () => {
    const cwd = workspace();
    const { code, stderr } = await lossnet(['train', 'tiny.yaml', '--json', 'epochs=50'], {
      cwd,
      onOutput: (_, child) => child.stdout!.destroy(),
    });
    expect([code, stderr]).toEqual([
      1,
      'The output cannot be written any more: stopping, to save the run.\n',
    ]);
    expect(existsSync(join(cwd, 'runs/tiny/checkpoints/resume.safetensors'))).toBe(true);
  });

  it('--quiet prints the result alone', async () => {
    const { code, stdout, stderr } = await lossnet(['train', 'tiny.yaml', '--quiet', 'epochs=1'], {
      cwd: workspace(),
    });
    expect([code, stderr, lines(stdout).length]).toEqual([0, '', 4]);
    expect(stdout).toMatch(
      /^done: 1 epoch, 8 steps in .*\nfinal eval .*balanced accuracy .*\ntoo short: The run is too short to tell\. /,
    );
  });

  it('overrides: command line over environment over file over defaults, saved as resolved', async () => {
    const cwd = workspace();
    const env = { LOSSNET_OPTIMIZER__LR: '0.5', LOSSNET_SEED: '9', LOSSNET_EPOCHS: '7' };
    const { code } = await lossnet(['train', 'tiny.yaml', 'optimizer.lr=0.002', 'epochs=1', '-q'], {
      cwd,
      env,
    });
    expect(code).toBe(0);
    const saved = read(cwd, 'runs/tiny/config.yaml');
    expect(saved).toMatch(/^epochs: 1$/m);
    expect(saved).toMatch(/^seed: 9$/m);
    expect(saved).toMatch(/^ {2}lr: 0.002$/m);
    expect(saved).toMatch(/^accumulate: 1$/m);
  });

  it('--print-config says where each value comes from, and trains nothing', async () => {
    const cwd = workspace();
    const { code, stdout } = await lossnet(['train', 'tiny.yaml', '--print-config', 'epochs=4'], {
      cwd,
      env: { LOSSNET_SEED: '9' },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^epochs: 4 +# argument$/m);
    expect(stdout).toMatch(/^seed: 9 +# LOSSNET_SEED$/m);
    expect(stdout).toMatch(/^ {2}lr: 0.003 +# tiny.yaml:17$/m);
    expect(stdout).toMatch(/^accumulate: 1 +# default$/m);
    expect(existsSync(join(cwd, 'runs'))).toBe(false);
  });

  it('--dry-run makes one step and one evaluation, and writes nothing', async () => {
    const cwd = workspace();
    const { code, stdout } = await lossnet(['train', 'tiny.yaml', '--dry-run'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/first step: loss \d+\.\d{4} in \d+ ms\nevaluation batch: loss \d+\.\d{4}/);
    expect(readdirSync(cwd)).toEqual(['tiny.yaml']);
  });

  it('says what a changed type drops', async () => {
    const { stderr, stdout } = await lossnet(['train', 'tiny.yaml', '--print-config', 'optimizer.type=sgd'], {
      cwd: workspace(),
    });
    expect(stdout).toMatch(/^ {2}type: sgd .*\n {2}lr: 0.001 +# default$/m);
    const trained = await lossnet(['train', 'tiny.yaml', '--dry-run', 'optimizer.type=sgd'], {
      cwd: workspace(),
    });
    expect(stderr + trained.stderr).toMatch(/note: .*optimizer.*lr/);
  });

  it('starts from a safetensors file', async () => {
    const cwd = workspace();
    await lossnet(['train', 'tiny.yaml', '-q', 'epochs=1'], { cwd });
    const from = 'runs/tiny/checkpoints/last.safetensors';
    const started = await lossnet(
      ['train', 'tiny.yaml', '-q', '-n', 'second', 'epochs=1', `init.from=${from}`],
      { cwd },
    );
    expect(started.code).toBe(0);
    const first = (run: string) => jsonLines(read(cwd, 'runs', run, 'metrics.jsonl'))[1]!.loss;
    expect(first('second')).not.toBe(first('tiny'));

    const misfit = await lossnet(
      ['train', 'tiny.yaml', '-n', 'third', 'model.0.out_channels=5', `init.from=${from}`],
      { cwd },
    );
    expect(misfit.code).toBe(2);
    expect(misfit.stderr).toContain('wrong shape: 0.weight is [4, 3, 3, 3], the model needs [5, 3, 3, 3]');
    expect(existsSync(join(cwd, 'runs/third'))).toBe(false);
  });

  it('names the line that converts weights of torch.save, as a shell takes it', async () => {
    const cwd = workspace();
    writeFileSync(join(cwd, 'net.pt'), 'PK\u0003\u0004\0\0\b\b\0\0');
    const { code, stderr } = await lossnet(['train', 'tiny.yaml', '-q', 'init.from=net.pt'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('net.pt is a zip archive, as torch.save')]);
    expect(stderr).toMatch(/^ +python3 -c '[^'\n]*save_file\(\{[^'\n]*' net\.pt net\.safetensors$/m);
  });

  it('writes TensorBoard files where told to', async () => {
    const cwd = workspace();
    await lossnet(['train', 'tiny.yaml', '-q', 'epochs=1', 'tensorboard=true'], { cwd });
    const [file] = readdirSync(join(cwd, 'runs/tiny')).filter((name) =>
      name.startsWith('events.out.tfevents.'),
    );
    const bytes = readFileSync(join(cwd, 'runs/tiny', file!));
    expect(bytes.includes('eval/accuracy')).toBe(true);
    expect(bytes.includes('layers/6/update_ratio')).toBe(true);
  });
});

describe('a loss that diverges', () => {
  it('stops at that step with exit code 3, the tensor, and a learning rate to try', async () => {
    const cwd = workspace();
    const args = ['train', 'tiny.yaml', 'optimizer={type: sgd, lr: 1e30}'];
    const { code, stderr, stdout } = await lossnet(args, { cwd });
    expect(code).toBe(3);
    expect(stderr).toMatch(/diverged: the loss is (NaN|-?Infinity) at step \d+, epoch 1\./);
    expect(stderr).toMatch(/First tensor that is not finite: (parameter|the output of layer) /);
    expect(stderr).toContain('Try: optimizer.lr=0.01, ');
    expect(stdout).toContain('diverged: 0 epochs');
    expect(JSON.parse(read(cwd, 'runs/tiny/summary.json'))).toMatchObject({ status: 'diverged' });

    const json = await lossnet([...args, '--json', '--force'], { cwd });
    expect(json.code).toBe(3);
    const event = jsonLines(json.stdout).find(({ type }) => type === 'diverged');
    expect(event).toMatchObject({ loss: null, non_finite: ['loss'], cause: 'steps' });
  });

  it('says so where no image counts, in training and in evaluation', async () => {
    const cwd = workspace();
    const nothing = Array<number>(10).fill(0);
    const { code, stderr } = await lossnet(
      ['train', 'tiny.yaml', `loss.weight=[${nothing.join(', ')}]`, '-n', 'nothing'],
      { cwd },
    );
    expect(code).toBe(3);
    expect(stderr).toContain('diverged: the loss is NaN at step 1, epoch 1.');
    expect(stderr).toContain('No sample counted for the loss');
    expect(stderr).not.toMatch(/learning rate|Try:/);

    // The first evaluation image is of class 0, the others are not looked at.
    const one = ['loss.ignore_index=0', 'evaluation.limit=1', 'epochs=1', '-n', 'one'];
    const evaluated = await lossnet(['train', 'tiny.yaml', ...one], { cwd });
    expect(evaluated.code).toBe(3);
    expect(evaluated.stderr).toContain('diverged: the evaluation loss is NaN after step 8, epoch 1.');
    expect(evaluated.stderr).toContain('No sample counted for the loss');
  });

  it('refuses weights that are not finite where they are read', async () => {
    const cwd = workspace();
    await lossnet(['train', 'tiny.yaml', '-q', 'epochs=1'], { cwd });
    const file = join(cwd, 'runs/tiny/checkpoints/last.safetensors');
    const bytes = readFileSync(file);
    bytes.writeFloatLE(Number.NaN, bytes.length - 4);
    writeFileSync(join(cwd, 'spoilt.safetensors'), bytes);
    const { code, stderr } = await lossnet(
      ['train', 'tiny.yaml', '-n', 'next', 'init.from=spoilt.safetensors'],
      { cwd },
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/not finite: 6\.\w+ has 1 of \d+ values that are NaN or infinite/);
  });

  it('blames what makes the images infinite', async () => {
    const cwd = workspace();
    const normalize = 'transforms.normalize={mean: [0, 0, 0], std: [1e-42, 1, 1]}';
    const { code, stderr } = await lossnet(['train', 'tiny.yaml', normalize], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain(
      'First tensor that is not finite: the inputs themselves (sample 1 of batch 1 has an input of Infinity).',
    );
    expect(stderr).toContain('transforms.normalize');
    expect(stderr).not.toContain('Try:');
  });

  it('blames a value that is too large to compute with, and names its sample', async () => {
    // Of these rows the hash puts some aside to choose with, among them the odd one.
    const rows = Array.from({ length: 60 }, (_, i) => `${i === 7 ? '1e38' : (i * 7) % 11},${i % 5},${i % 3}`);
    const cwd = workspace({ 'rows.csv': ['a,b,y', ...rows, ''].join('\n') });
    const config = {
      epochs: 1,
      dataset: { type: 'csv', path: 'rows.csv', target: { column: 'y', type: 'number' }, standardize: false },
      model: [{ type: 'linear', out_features: 1 }],
      loss: { type: 'mse' },
      optimizer: { type: 'sgd', lr: 0.001 },
    };
    writeFileSync(join(cwd, 'rows.yaml'), JSON.stringify(config));
    const { code, stderr } = await lossnet(['train', 'rows.yaml'], { cwd });
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /First tensor that is not finite: .*sample \d+ of batch 1 has an input of 1\.0e\+38/,
    );
    expect(stderr).toContain('no learning rate helps');
    expect(stderr).not.toContain('Try:');
  });
});

describe('the run folder', () => {
  it('is never overwritten silently', async () => {
    const cwd = workspace();
    await lossnet(['train', 'tiny.yaml', '-q', 'epochs=1'], { cwd });
    const before = read(cwd, 'runs/tiny/metrics.jsonl');
    const second = await lossnet(['train', 'tiny.yaml', 'epochs=1'], { cwd });
    expect(second.code).toBe(2);
    expect(second.stderr).toMatchInlineSnapshot(`
      "error: runs/tiny exists already.
        Add --resume to continue it, --name <name> to keep it and start another, or --force to replace it.
      "
    `);
    expect(read(cwd, 'runs/tiny/metrics.jsonl')).toBe(before);

    expect((await lossnet(['train', 'tiny.yaml', '-q', 'epochs=1', '--name', 'other'], { cwd })).code).toBe(
      0,
    );
    expect((await lossnet(['train', 'tiny.yaml', '-q', 'epochs=1', '--force', 'seed=6'], { cwd })).code).toBe(
      0,
    );
    expect(read(cwd, 'runs/tiny/metrics.jsonl')).not.toBe(before);
    expect(readdirSync(join(cwd, 'runs')).sort()).toEqual(['other', 'tiny']);
  });

  it('is not replaced by --force when it is not a run', async () => {
    const cwd = workspace();
    mkdirSync(join(cwd, 'runs/tiny'), { recursive: true });
    writeFileSync(join(cwd, 'runs/tiny/thesis.txt'), 'dear to me');
    const { code, stderr } = await lossnet(['train', 'tiny.yaml', '--force'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('runs/tiny is not a run of lossnet')]);
    expect(read(cwd, 'runs/tiny/thesis.txt')).toBe('dear to me');
  });

  it.each([
    ['a project of another kind', 'epochs: 3\n'],
    ['a run with something of the user in it', '# Resolved by lossnet 0.1.0: every default filled in.\n'],
  ])('is not replaced by --force when it is %s', async (_, config) => {
    const cwd = workspace();
    mkdirSync(join(cwd, 'runs/tiny'), { recursive: true });
    writeFileSync(join(cwd, 'runs/tiny/config.yaml'), config);
    writeFileSync(join(cwd, 'runs/tiny/thesis.txt'), 'dear to me');
    const { code } = await lossnet(['train', 'tiny.yaml', '--force'], { cwd });
    expect([code, read(cwd, 'runs/tiny/thesis.txt')]).toEqual([2, 'dear to me']);
  });

  it('of a process that was killed before it wrote anything is used as a new one', async () => {
    const cwd = workspace();
    mkdirSync(join(cwd, 'runs/tiny'), { recursive: true });
    writeFileSync(join(cwd, 'runs/tiny/.lock'), JSON.stringify({ pid: 4194304, host: hostname() }));
    // What comes before its config.yaml, which makes it a run.
    writeFileSync(join(cwd, 'runs/tiny/sources.json'), '{}\n');
    writeFileSync(join(cwd, 'runs/tiny/preprocessing.json'), '{}\n');
    expect((await lossnet(['train', 'tiny.yaml', '-q', 'epochs=1'], { cwd })).code).toBe(0);
    expect(readdirSync(join(cwd, 'runs/tiny'))).not.toContain('preprocessing.json');
  });

  it('that cannot be made is a clear error', async () => {
    const cwd = workspace({ 'tiny.yaml': TINY, runs: 'a file' });
    const { code, stderr } = await lossnet(['train', 'tiny.yaml'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "error: Cannot write runs: something of that name is in the way (EEXIST).
        Move it, or choose another path.
      "
    `);
  });

  it('lets one process in at a time, and takes over from one that is gone', async () => {
    const cwd = workspace();
    const constant = 'schedule.type=constant';
    await lossnet(['train', 'tiny.yaml', '-q', 'epochs=1', constant], { cwd });
    writeFileSync(join(cwd, 'runs/tiny/.lock'), JSON.stringify({ pid: process.pid, host: hostname() }));
    const busy = await lossnet(['train', 'tiny.yaml', '--resume', '-q', 'epochs=2', constant], { cwd });
    expect([busy.code, busy.stderr]).toEqual([
      2,
      `error: Process ${process.pid} is training in runs/tiny, as runs/tiny/.lock says.\n` +
        '  Wait for it or stop it; or start another run with --name.\n' +
        '  If that is another program by now, remove runs/tiny/.lock.\n',
    ]);
    writeFileSync(join(cwd, 'runs/tiny/.lock'), JSON.stringify({ pid: 4194304, host: hostname() }));
    expect(
      (await lossnet(['train', 'tiny.yaml', '--resume', 'epochs=2', '-q', constant], { cwd })).code,
    ).toBe(0);
    expect(existsSync(join(cwd, 'runs/tiny/.lock'))).toBe(false);
  });
});
