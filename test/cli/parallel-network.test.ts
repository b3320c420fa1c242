import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Result, spawned, workspace } from '../helpers/cli.js';

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

/** Whether a connection to rank 0 comes about from an address of the second machine. */
function connects(from: string): boolean {
  const script = `const s = require('node:net').connect({ host: '10.77.0.1', port: ${PORT}, localAddress: '${from}' });
    s.on('connect', () => process.exit(0)).on('error', () => process.exit(1)); setTimeout(() => process.exit(1), 500);`;
  return spawnSync('ip', ['netns', 'exec', B, process.execPath, '-e', script]).status === 0;
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

  it('no stranger gets in before, while and after joining; a cut network ends both ranks, saved', async () => {
    const cwd = workspace({ 'c.yaml': CONFIG });
    const worker = ['10.77.0.1', '10.77.0.2'].map((host) => `${host}:${PORT}`);
    const rank = (index: number): Promise<Result> =>
      spawned('ip', ['netns', 'exec', index === 0 ? A : B, process.execPath], ['train', 'c.yaml', '-q'], {
        cwd,
        env: { TF_CONFIG: JSON.stringify({ cluster: { worker }, task: { type: 'worker', index } }) },
      });
    const first = rank(0);
    await until(listens);
    expect(connects('10.77.0.2')).toBe(true);
    expect(connects('10.77.0.3')).toBe(false);
    const second = rank(1);
    await until(() => existsSync(join(cwd, 'runs/c/checkpoints/resume.safetensors')));
    expect(connects('10.77.0.3')).toBe(false);
    expect(connects('10.77.0.2')).toBe(false);
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
