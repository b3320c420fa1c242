import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Result, type RunOptions, spawned, workspace } from '../helpers/cli.js';

/** Two machines as two namespaces of the kernel: rank 0 in the first; rank 1, and a stranger at .3, in the second. */
const [A, B] = [`lossnet-a-${process.pid}`, `lossnet-b-${process.pid}`];
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
const CAN = process.platform === 'linux' && spawnSync('ip', ['netns', 'add', A]).status === 0;

const CONFIG = `dataset: { type: shapes, train_size: 32, eval_size: 8 }
loader: { batch_size: 4 }
model: [{ type: flatten }, { type: linear, out_features: 10 }]
epochs: 2000
optimizer: { type: sgd, lr: 0.01 }
log_every: 1000
checkpoint: { every_steps: 4 }
threads: { intra: 1, inter: 1 }
parallel: { join_timeout: 60, timeout: 2 }
`;
const PORT = 7171;

const ATTACK = new URL('../helpers/attack.mjs', import.meta.url).pathname;
const SECRET = 'what a stranger must not read';

/** A try to read a file through TensorFlow's port: when it began, and what came of it. */
interface Try {
  readonly began: number;
  readonly text?: string;
  readonly failed?: string;
}

/** Tries to read a file through rank 0's port, from an address of the second machine, over and over. */
function attack(from: string, file: string): { readonly tries: Try[]; stop(): Promise<Try[]> } {
  const args = ['netns', 'exec', B, process.execPath, ATTACK, '10.77.0.1', `${PORT}`, from, file];
  const child = spawn('ip', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const tries: Try[] = [];
  createInterface(child.stdout).on('line', (line) => tries.push(JSON.parse(line)));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return {
    tries,
    async stop() {
      child.stdin.end();
      await ended;
      return tries;
    },
  };
}

/** Waits for something that happens soon. */
async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    if (tries > 600) throw new Error(`it did not come: ${what}`);
    await sleep(100);
  }
}

/** What listens at rank 0's port. */
const listens = () =>
  execFileSync('ip', ['netns', 'exec', A, 'cat', '/proc/net/tcp', '/proc/net/tcp6'], { encoding: 'utf8' })
    .split('\n')
    .some((line) => line.includes(`:${PORT.toString(16).toUpperCase()} `) && / 0A /.test(line));

describe.skipIf(!CAN)('two machines', () => {
  beforeAll(() => {
    ip('netns', 'add', B);
    ip('link', 'add', 'v0', 'netns', A, 'type', 'veth', 'peer', 'name', 'v0', 'netns', B);
    ip('-n', A, 'addr', 'add', '10.77.0.1/24', 'dev', 'v0');
    for (const host of [2, 3]) ip('-n', B, 'addr', 'add', `10.77.0.${host}/24`, 'dev', 'v0');
    for (const name of [A, B]) {
      ip('-n', name, 'link', 'set', 'lo', 'up');
      ip('-n', name, 'link', 'set', 'v0', 'up');
    }
  });
  afterAll(() => {
    for (const name of [A, B]) spawnSync('ip', ['netns', 'del', name]);
  });

  const worker = ['10.77.0.1', '10.77.0.2'].map((host) => `${host}:${PORT}`);
  const rank = (index: number, options: RunOptions, ...overrides: string[]): Promise<Result> =>
    spawned(
      'ip',
      ['netns', 'exec', index === 0 ? A : B, process.execPath],
      ['train', 'c.yaml', '-q', ...overrides],
      {
        ...options,
        env: { TF_CONFIG: JSON.stringify({ cluster: { worker }, task: { type: 'worker', index } }) },
      },
    );

  it('in a network that is said to be trusted, anyone reads it', async () => {
    const cwd = workspace({ 'c.yaml': CONFIG, secret: SECRET });
    let alone: ChildProcess | undefined;
    const onStart = (child: ChildProcess): void => {
      alone = child;
    };
    const waiting = rank(0, { cwd, onStart }, 'parallel.trusted_network=true');
    await until(listens);
    const stranger = attack('10.77.0.3', join(cwd, 'secret'));
    await until(() => stranger.tries.some(({ text }) => text !== undefined));
    const tries = await stranger.stop();
    alone?.kill('SIGKILL');
    await waiting;
    expect(tries.at(-1)?.text).toContain(SECRET);
  });

  it('no stranger reads a file before, while and after joining; a cut network ends both ranks, saved', async () => {
    const cwd = workspace({ 'c.yaml': CONFIG, secret: SECRET });
    const stranger = attack('10.77.0.3', join(cwd, 'secret'));
    await until(() => stranger.tries.length > 0);
    const first = rank(0, { cwd });
    await until(listens);
    const listening = Date.now();
    await sleep(500);
    const second = rank(1, { cwd });
    await until(() => existsSync(join(cwd, 'runs/c/checkpoints/resume.safetensors')));
    const joined = Date.now();
    // Once all have joined, what comes from a rank's own address is no rank either.
    const peer = attack('10.77.0.2', join(cwd, 'secret'));
    await sleep(500);
    const [tries, others] = await Promise.all([stranger.stop(), peer.stop()]);
    expect([...tries, ...others].filter(({ text }) => text !== undefined)).toEqual([]);
    const inPhase = (from: number, to: number) =>
      tries.filter(({ began }) => began >= from && began < to).map(({ failed }) => failed);
    expect(inPhase(0, listening)[0]).toBe('ECONNREFUSED');
    expect(new Set(inPhase(listening, joined))).toEqual(new Set(['no answer']));
    expect(new Set(inPhase(joined, Number.POSITIVE_INFINITY))).toEqual(new Set(['no answer']));
    expect(new Set(others.map(({ failed }) => failed))).toEqual(new Set(['no answer']));
    ip('-n', A, 'link', 'set', 'v0', 'down');
    const cut = performance.now();
    const [saved, lost] = await Promise.all([first, second]);
    expect((performance.now() - cut) / 1000).toBeLessThan(15);
    expect(saved).toMatchObject({ code: 5 });
    expect(saved.stderr).toContain(
      'The run is saved in runs/c. To go on, start all ranks again with --resume.',
    );
    expect(lost).toMatchObject({ code: 5 });
    expect(lost.stderr).toContain('rank 1: error: Another rank is lost: ');
    expect(readFileSync(join(cwd, 'runs/c/config.yaml'), 'utf8')).toContain('join_timeout: 60');
  });
});
