import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';

/** Resident memory of a process in kB, as Linux tells it. */
const resident = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);

describe.skipIf(process.platform !== 'linux')('memory', () => {
  it('after 5,000 steps is within 5 % of that after 500', async () => {
    const atStep = new Map<number, number>();
    const { code } = await lossnet(
      ['train', 'tiny.yaml', '--json', 'dataset.train_size=4000', 'epochs=10', 'log_every=500'],
      {
        cwd: workspace(),
        onOutput: (stdout, child) => {
          for (const [, step] of stdout.matchAll(/"type":"step".*?"step":(\d+)/g)) {
            if (!atStep.has(Number(step))) atStep.set(Number(step), resident(child.pid!));
          }
        },
      },
    );
    expect(code).toBe(0);
    expect([...atStep.keys()]).toEqual(expect.arrayContaining([500, 5000]));
    expect(atStep.get(5000)! / atStep.get(500)!).toBeLessThan(1.05);
  });
});
