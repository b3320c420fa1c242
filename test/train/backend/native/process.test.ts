import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../../src/train/backend/tensorflow.js';

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
