import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resumeCommand } from '../../src/runs/parallel/way-on.js';
import { lossnet, workspace } from '../helpers/cli.js';
import { ranks } from '../helpers/ranks.js';
import { BIN, onTerminal } from '../helpers/terminal.js';

/** All that must not depend on the number of processes: batch norm, dropout, augmentation, clipping, a short last batch. */
const MODEL = `dataset: { type: shapes, train_size: 44, eval_size: 20 }
loader: { batch_size: 16 }
transforms: { random_flip: { p: 0.5 } }
model:
  - { type: conv2d, out_channels: 2, kernel_size: 3, padding: 1 }
  - { type: batch_norm2d }
  - { type: relu }
  - { type: max_pool2d, kernel_size: 4 }
  - { type: dropout, p: 0.2 }
  - { type: flatten }
  - { type: linear, out_features: 10 }
evaluation: { batch_size: 8 }
threads: { intra: 1, inter: 1 }
`;
const SGD = `${MODEL}epochs: 2
optimizer: { type: sgd, lr: 0.05, momentum: 0.9 }
clip_grad_norm: 1
parallel: { parts: 4, join_timeout: 60 }
`;
const ADAM = `${MODEL}epochs: 1
optimizer: { type: adam, lr: 0.01 }
accumulate: 2
engine: eager
early_stopping: { patience: 1, restore_best: true }
parallel: { parts: 2, join_timeout: 60 }
`;
/** Goes on until something happens to it. */
const LONG = `dataset: { type: shapes, train_size: 32, eval_size: 8 }
loader: { batch_size: 4 }
model: [{ type: flatten }, { type: linear, out_features: 10 }]
epochs: 400
optimizer: { type: sgd, lr: 0.01 }
log_every: 1000
checkpoint: { every_steps: 4 }
threads: { intra: 1, inter: 1 }
parallel: { parts: 2, join_timeout: 60, timeout: 3 }
`;

const shared = { parts: 2, hosts: null };

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
const lastOf = (cwd: string, name: string) => sha256(join(cwd, 'runs', name, 'checkpoints/last.safetensors'));
const launch = (n: number, cwd: string, ...args: string[]) =>
  lossnet(['launch', '-n', `${n}`, '--', 'train', ...args], { cwd });

describe('one model, several processes', () => {
  it.each([
    ['sgd with momentum and clipping, graph', SGD, [4]],
    ['adam with accumulate and early stopping, eager', ADAM, [2]],
  ] as const)('the same bytes on any number of ranks: %s', async (_, config, sizes) => {
    const cwd = workspace({ 'c.yaml': config });
    const alone = await launch(1, cwd, 'c.yaml', '--name', 'r1', '--json');
    expect(alone).toMatchObject({ code: 0 });
    for (const n of sizes) {
      const { code, stdout, stderr } = await launch(n, cwd, 'c.yaml', '--name', `r${n}`, '--json');
      expect(stderr).toContain(`rank 0 of ${n} (TF_CONFIG)`);
      expect(stderr).toMatch(/note: batch norm sees a part of a batch, \d of 16 samples/);
      expect(code).toBe(0);
      expect(lastOf(cwd, `r${n}`)).toBe(lastOf(cwd, 'r1'));
      const figures = (text: string) =>
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
          .filter(({ type }) => type === 'epoch' || type === 'step')
          .map(({ train_seconds, eval_seconds, samples_per_second, images_per_second, ...rest }) => rest);
      expect(figures(stdout)).toEqual(figures(alone.stdout));
    }
    // The others have written nothing.
    expect(readdirSync(cwd).sort()).toEqual(['c.yaml', 'runs']);
    expect(readdirSync(join(cwd, 'runs')).sort()).toEqual(['r1', ...sizes.map((n) => `r${n}`)]);
  });

  it('a killed rank is noticed at once, the run is saved, and a restart goes on with it to the same bytes', async () => {
    const cwd = workspace({ 'c.yaml': LONG });
    const epochs = 'epochs=8';
    expect(await launch(1, cwd, 'c.yaml', epochs, '--name', 'whole', '-q')).toMatchObject({ code: 0 });
    const saved = join(cwd, 'runs/killed/checkpoints/resume.safetensors');
    const args = [
      'launch',
      '-n',
      '2',
      '--restarts',
      '1',
      '--',
      'train',
      'c.yaml',
      epochs,
      '--name',
      'killed',
      '-q',
    ];
    const { code, stderr } = await lossnet(args, {
      cwd,
      onStart: ({ pid }) => {
        const wait = setInterval(() => {
          if (!existsSync(saved)) return;
          clearInterval(wait);
          const children = execFileSync('pgrep', ['-P', `${pid}`], { encoding: 'utf8' })
            .trim()
            .split('\n');
          process.kill(Number(children.at(-1)), 'SIGKILL');
        }, 20);
      },
    });
    expect(stderr).toContain('error: Another rank is lost: the connection to it is broken.');
    expect(stderr).toContain(
      'The run is saved in runs/killed. To go on: lossnet launch -n 2 -- train runs/killed --resume',
    );
    expect(stderr).toContain(
      'warning: rank 1 was ended by SIGKILL: starting all ranks again, 0 restarts left',
    );
    expect(code).toBe(0);
    expect(lastOf(cwd, 'killed')).toBe(lastOf(cwd, 'whole'));
  });

  it('a closed terminal lets launch end, saved, with 129, and what it says goes on; a killed rank 0 is named', async () => {
    const cwd = workspace({ 'c.yaml': LONG });
    const saved = join(cwd, 'runs/c/checkpoints/resume.safetensors');
    const launching = [process.execPath, BIN, 'launch', '-n', '2', '--', 'train'];
    const closed = await onTerminal(
      [...launching, 'c.yaml'],
      [{ file: 'runs/c/checkpoints/resume.safetensors', send: null }],
      { cwd },
    );
    expect([closed.code, closed.signal]).toEqual([129, null]);
    const { status } = JSON.parse(readFileSync(join(cwd, 'runs/c/summary.json'), 'utf8'));
    expect(status).toBe('interrupted');
    const before = statSync(saved).mtimeMs;
    const [, ...resuming] = resumeCommand('runs/c', shared, { size: 2, isLaunched: true }).split(' ');
    const { code, stderr } = await lossnet(resuming, {
      cwd,
      onStart: ({ pid }) => {
        const wait = setInterval(() => {
          if (statSync(saved, { throwIfNoEntry: false })?.mtimeMs === before) return;
          clearInterval(wait);
          const [first] = execFileSync('pgrep', ['-P', `${pid}`], { encoding: 'utf8' }).split('\n');
          process.kill(Number(first), 'SIGKILL');
        }, 20);
      },
    });
    expect(code).toBe(5);
    expect(stderr).toContain(`rank 0: ended by SIGKILL
rank 1: error: Another rank is lost: the connection to it is broken.
To go on from the last checkpoint: lossnet launch -n 2 -- train runs/c --resume
`);
  });

  it('a rank that hangs is given up after the timeout; one that is told to stop stops all', async () => {
    const cwd = workspace({ 'c.yaml': LONG });
    const train = (...more: string[]) => [0, 1].map(() => ['train', 'c.yaml', ...more]);
    let hung: number | undefined;
    const started = (name: string, act: (pid: number) => void) => (rank: number) => ({
      cwd,
      onStart: ({ pid = 0 }: { pid?: number | undefined }) => {
        if (rank === 0) return;
        const wait = setInterval(() => {
          if (!existsSync(join(cwd, 'runs', name, 'checkpoints/resume.safetensors'))) return;
          clearInterval(wait);
          act(pid);
        }, 20);
      },
    });
    const hanging = ranks(
      train('--name', 'hung', '--json'),
      started('hung', (pid) => {
        hung = pid;
        process.kill(pid, 'SIGSTOP');
        setTimeout(() => process.kill(pid, 'SIGKILL'), 6000);
      }),
    );
    const stopping = ranks(
      train('--name', 'stopped', '-q'),
      started('stopped', (pid) => process.kill(pid, 'SIGINT')),
    );
    const [[first], [other, told]] = (await Promise.all([hanging, stopping])) as [
      Awaited<typeof hanging>,
      Awaited<typeof stopping>,
    ];
    expect(hung).toBeDefined();
    expect(first).toMatchObject({ code: 5 });
    expect(first!.stderr).toContain('error: Another rank is lost: it did not answer within 3 s.');
    expect(JSON.parse(first!.stdout.trim().split('\n').at(-1)!)).toMatchObject({
      type: 'error',
      code: 'LOSSNET_PARALLEL_LOST',
    });
    expect(other).toMatchObject({ code: 5 });
    expect(other!.stderr).toContain('Stopped, as another rank was told to.');
    expect(other!.stdout).toContain(
      'continue with: lossnet train runs/stopped --resume, started for each rank as before\n',
    );
    expect(told).toMatchObject({ code: 130, stdout: '' });
  });

  it('ranks that would not train the same, or cannot begin, are refused by name', async () => {
    const cwd = workspace({ 'c.yaml': LONG });
    const [first, second] = await ranks(
      [
        ['train', 'c.yaml', '-q'],
        ['train', 'c.yaml', '-q', 'optimizer.lr=0.5', 'dataset.train_size=40'],
      ],
      () => ({ cwd }),
    );
    expect(first).toMatchObject({ code: 5, stdout: '' });
    expect(first!.stderr).toContain(`error: The ranks would not train the same:
  dataset.train_size: 32 on rank 0, 40 on rank 1
  optimizer.lr: 0.01 on rank 0, 0.5 on rank 1
  data to train on: shapes train, 32, sha256 `);
    expect(second).toMatchObject({ code: 5, stdout: '' });
    expect(second!.stderr).toContain('rank 1: error: The ranks would not train the same:');
    expect(existsSync(join(cwd, 'runs'))).toBe(false);

    // The launcher says once what rank 0 has told the others.
    const missing = await launch(3, cwd, 'c.yaml', '-q', '--resume', 'parallel.parts=null');
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toMatch(
      /error: There is no run to resume in runs\/c\.\n {2}.*\nranks 1 and 2: ended, as rank 0 cannot take part\n$/,
    );
  });

  it('a rank that never comes, a taken port, an unknown name', async () => {
    const cwd = workspace({ 'c.yaml': LONG });
    const config = (worker: string[], index = 0) => ({
      cwd,
      env: { TF_CONFIG: JSON.stringify({ cluster: { worker }, task: { type: 'worker', index } }) },
    });
    const short = ['train', 'c.yaml', '-q', 'parallel.join_timeout=3'];
    const { createServer } = await import('node:net');
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, resolve));
    const { port } = taken.address() as { port: number };
    const [alone, occupied, unknown] = await Promise.all([
      lossnet(short, config(['127.0.0.1:7391', '127.0.0.1:7392'])),
      lossnet(short, config(['127.0.0.1:7393', `127.0.0.1:${port}`], 1)),
      lossnet(short, config(['127.0.0.1:7394', 'nowhere.invalid:7395'])),
    ]);
    taken.close();
    expect(alone).toMatchObject({ code: 5 });
    expect(alone!.stderr).toContain(
      'error: Not all ranks were there within 3 s. They are: 0 (127.0.0.1:7391), 1 (127.0.0.1:7392).',
    );
    expect(occupied).toMatchObject({ code: 5 });
    expect(occupied!.stderr).toContain(`rank 1: error: Port ${port} cannot be listened on`);
    expect(unknown).toMatchObject({ code: 5 });
    expect(unknown!.stderr).toContain('No address was found within 3 s for nowhere.invalid (ENOTFOUND).');
    expect(existsSync(join(cwd, 'runs'))).toBe(false);
  });

  it('what cannot be is said before anything is loaded', async () => {
    const cwd = workspace({ 'c.yaml': LONG });
    const [off, both, odd, find, compare, launched] = await Promise.all([
      lossnet(['launch', '-n', '2', '--', 'train', 'c.yaml', 'parallel=null'], { cwd }),
      lossnet(['train', 'c.yaml', '--parallel', 'parallel=null'], { cwd }),
      lossnet(['launch', '-n', '2', '--', 'train', 'c.yaml', 'parallel.parts=3'], { cwd }),
      lossnet(['lr-find', 'c.yaml'], { cwd }),
      lossnet(['compare', 'sgd', 'adam', '--config', 'c.yaml'], { cwd }),
      lossnet(['launch', '-n', '2', '--', 'compare', 'sgd', 'adam'], { cwd }),
    ]);
    expect(off).toMatchObject({ code: 2, stdout: '' });
    expect(off.stderr).toContain('launch trains with several processes, and parallel=null with one alone.');
    expect(both).toMatchObject({ code: 2, stdout: '' });
    expect(both.stderr).toContain('parallel=null alone: leave out one of them.');
    expect(odd).toMatchObject({ code: 2 });
    expect(odd.stderr.match(/a batch of 3 parts cannot be shared out evenly over 2 ranks/g)).toHaveLength(1);
    expect(find).toMatchObject({ code: 2 });
    expect(find.stderr).toContain('Add parallel=null.');
    expect(compare).toMatchObject({ code: 2 });
    expect(compare.stderr).toContain('--shard 1/2');
    expect(launched).toMatchObject({ code: 2 });
    expect(launched.stderr).toContain('launch starts train, and not compare.');
  });
});
