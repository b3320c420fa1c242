import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';
import { type FaultRule, faults } from '../helpers/faults.js';

/** Runs the program; where a call meets the rule, it stands still while something is done to its files. */
async function disturbed(
  args: string[],
  rule: FaultRule,
  change: (folder: string) => void,
  cwd = workspace(),
) {
  let watching: Promise<void> | undefined;
  const watch = async (child: ChildProcess) => {
    const state = () => {
      try {
        return /\) (\S)/.exec(readFileSync(`/proc/${child.pid}/stat`, 'utf8'))?.[1];
      } catch {
        return undefined;
      }
    };
    while (state() !== 'T') {
      if (child.exitCode !== null) throw new Error('it ended before the call');
      await sleep(20);
    }
    change(cwd);
    child.kill('SIGCONT');
  };
  const env = faults({ rules: [{ ...rule, signal: 'SIGSTOP' }] });
  const result = await lossnet(args, {
    cwd,
    env,
    onStart: (child) => {
      watching = watch(child);
    },
  });
  await watching;
  return { ...result, cwd };
}

const TRAIN = ['train', 'tiny.yaml'];
const SECOND_EPOCH: FaultRule = { call: 'fsync', path: 'metrics\\.jsonl$', nth: 2 };
const THE_END: FaultRule = { call: 'open', path: 'summary\\.json$' };

describe('a run whose folder is changed while it is at work', () => {
  it.each<[string, string[], FaultRule, (runs: string) => void, string, string[]]>([
    [
      'removed',
      TRAIN,
      SECOND_EPOCH,
      (runs) => rmSync(join(runs, 'tiny'), { recursive: true }),
      'runs/tiny was removed or replaced while the run was at work',
      [],
    ],
    [
      'removed, with --json',
      [...TRAIN, '--json'],
      SECOND_EPOCH,
      (runs) => rmSync(join(runs, 'tiny'), { recursive: true }),
      'runs/tiny was removed or replaced while the run was at work',
      [],
    ],
    [
      'removed before it says how it ended',
      TRAIN,
      THE_END,
      (runs) => rmSync(join(runs, 'tiny'), { recursive: true }),
      'runs/tiny was removed or replaced while the run was at work',
      [],
    ],
    [
      'moved away',
      TRAIN,
      { call: 'write', path: 'metrics\\.jsonl$', nth: 4 },
      (runs) => renameSync(join(runs, 'tiny'), join(runs, 'elsewhere')),
      'runs/tiny was removed or replaced while the run was at work',
      ['elsewhere'],
    ],
    [
      'replaced by another',
      TRAIN,
      { call: 'stat', path: '\\.lock$', nth: 9 },
      (runs) => {
        renameSync(join(runs, 'tiny'), join(runs, 'elsewhere'));
        mkdirSync(join(runs, 'tiny'));
      },
      'runs/tiny was removed or replaced while the run was at work',
      ['elsewhere', 'tiny'],
    ],
    [
      'robbed of its checkpoints',
      TRAIN,
      THE_END,
      (runs) => rmSync(join(runs, 'tiny/checkpoints'), { recursive: true }),
      'safetensors was removed or replaced while the run was at work',
      ['tiny'],
    ],
    [
      'robbed of its metrics',
      TRAIN,
      { call: 'write', path: 'metrics\\.jsonl$', nth: 4 },
      (runs) => rmSync(join(runs, 'tiny/metrics.jsonl')),
      'runs/tiny/metrics.jsonl was removed or replaced while the run was at work',
      ['tiny'],
    ],
  ])('%s: fails at the next write, and brings nothing back', async (_, args, rule, change, message, left) => {
    const { code, stdout, stderr, cwd } = await disturbed(args, rule, (folder) =>
      change(join(folder, 'runs')),
    );
    expect(stderr).toContain(`error: `);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
    expect(stdout).not.toContain('saved in');
    expect(stdout).not.toContain('"type":"end"');
    expect(readdirSync(join(cwd, 'runs')).sort()).toEqual(left);
    if (left.length === 2) expect(readdirSync(join(cwd, 'runs/tiny'))).toEqual([]);
  });

  it('leaves alone the run that took its place', async () => {
    const { code, cwd } = await disturbed(TRAIN, { call: 'stat', path: '\\.lock$', nth: 9 }, (folder) => {
      rmSync(join(folder, 'runs/tiny'), { recursive: true });
      mkdirSync(join(folder, 'runs/tiny/checkpoints'), { recursive: true });
      for (const file of ['.lock', 'checkpoints/last.safetensors', 'metrics.jsonl'])
        writeFileSync(join(folder, 'runs/tiny', file), 'theirs');
    });
    expect(code).toBe(1);
    const texts = ['.lock', 'checkpoints/last.safetensors', 'metrics.jsonl'].map((file) =>
      readFileSync(join(cwd, 'runs/tiny', file), 'utf8'),
    );
    expect(texts).toEqual(['theirs', 'theirs', 'theirs']);
    expect(readdirSync(join(cwd, 'runs/tiny')).sort()).toEqual(['.lock', 'checkpoints', 'metrics.jsonl']);
  });
});

it('a comparison whose folder is removed while it is at work fails, and brings nothing back', async () => {
  const { code, stdout, stderr, cwd } = await disturbed(
    ['compare', 'sgd', 'adam', '-c', 'tiny.yaml', '-j', '1', '-n', 'x'],
    { call: 'stat', path: 'runs/compare-x/adam/config\\.yaml$', process: 'lossnet\\.js', nth: 2 },
    (folder) => rmSync(join(folder, 'runs/compare-x'), { recursive: true }),
  );
  expect(stderr).toContain('runs/compare-x was removed or replaced while the comparison was at work');
  expect(code).toBe(1);
  expect(stdout).not.toContain('saved in');
  expect(existsSync(join(cwd, 'runs/compare-x'))).toBe(false);
});
