import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../../src/train/backend/tensorflow.js';
import { MODULE, run } from './child.js';

const OURS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGWINCH', 'SIGCHLD'] as const;

/** Which of these signals a thread's status says that it does not take. */
function blockedIn(status: string): string[] {
  const [, mask] = /^SigBlk:\s*([0-9a-f]+)$/m.exec(status)!;
  const bits = BigInt(`0x${mask}`);
  return OURS.filter((name) => (bits >> BigInt(constants.signals[name] - 1)) & 1n);
}

describe.runIf(process.platform === 'linux')('signals', () => {
  beforeAll(() => loadTensorFlow());

  test('do not interrupt threads that compute: neither JavaScript nor TensorFlow has those, one other thread has', () => {
    tensorflow().zeros([2]).dataSync();
    const threads = readdirSync('/proc/self/task').map((id) =>
      readFileSync(`/proc/self/task/${id}/status`, 'utf8'),
    );
    expect(blockedIn(readFileSync(`/proc/self/task/${process.pid}/status`, 'utf8'))).toEqual(OURS);
    const ofTensorFlow = threads.filter((status) => /^Name:\s*tf_/m.test(status));
    expect(ofTensorFlow.length).toBeGreaterThan(0);
    for (const status of ofTensorFlow) expect(blockedIn(status)).toEqual(OURS);
    expect(threads.some((status) => blockedIn(status).length === 0)).toBe(true);
  });

  test('come to whoever listens', async () => {
    const heard = once(process, 'SIGWINCH');
    process.kill(process.pid, 'SIGWINCH');
    await heard;
  });

  test('come to programs that are started', () => {
    expect(blockedIn(execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' }))).toEqual([]);
  });
});

describe('a library that is opened while something else is done', () => {
  const BEGIN = `
    import { readFileSync } from 'node:fs';
    import { beginTensorFlow, leaveTensorFlow, loadTensorFlow } from '${MODULE}';
    beginTensorFlow('errors');
    process.stderr.write('this is JavaScript\\n');`;

  test('logs nothing, and leaves the process as it was', async () => {
    const { code, stdout, stderr } = await run(
      `${BEGIN}
      const tf = await loadTensorFlow();
      console.log(process.env.TF_CPP_MIN_LOG_LEVEL, tf.add(1, 1).dataSync()[0]);`,
      {},
    );
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'undefined 2\n',
      stderr: 'this is JavaScript\n',
    });
  });

  test.runIf(process.platform === 'linux')('is open when it is left, and is loaded afterwards', async () => {
    const { code, stdout, stderr } = await run(
      `${BEGIN}
      leaveTensorFlow();
      const isOpen = readFileSync('/proc/self/maps', 'utf8').includes('libtensorflow_cc');
      console.log(isOpen, process.env.TF_CPP_MIN_LOG_LEVEL);
      beginTensorFlow('errors');
      const tf = await loadTensorFlow();
      console.log(process.env.TF_CPP_MIN_LOG_LEVEL, tf.add(1, 1).dataSync()[0]);`,
      {},
    );
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'true undefined\nundefined 2\n',
      stderr: 'this is JavaScript\n',
    });
  });

  test('lets the process end meanwhile', async () => {
    const { code, signal, stderr } = await run(`${BEGIN} process.exit(3);`, {});
    expect({ code, signal, stderr }).toEqual({ code: 3, signal: null, stderr: 'this is JavaScript\n' });
  });

  test('lets errors be seen that nobody catches, and warnings', async () => {
    const { code, stderr } = await run(
      `${BEGIN} process.emitWarning('it rains'); setImmediate(() => { throw new Error('it pours'); });`,
      {},
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^this is JavaScript\n[\s\S]*Warning: it rains\n[\s\S]*Error: it pours\n/);
    expect(stderr).not.toContain('oneDNN');
  });

  test.runIf(process.platform === 'linux')('is left to whoever wants to see what it logs', async () => {
    const { code, stdout, stderr } = await run(
      `${BEGIN} console.log(readFileSync('/proc/self/maps', 'utf8').includes('libtensorflow_cc'));`,
      { TF_CPP_MIN_LOG_LEVEL: '0' },
    );
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'false\n',
      stderr: 'this is JavaScript\n',
    });
  });
});
