import { execFileSync } from 'node:child_process';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { availableCores, processorQuota } from '../../src/base/cores.js';
import { temporaryFolder } from '../train/data/helpers.js';

/** Control groups as a system shows them: what a process is in, and the files of each. */
function groups(membership: string, files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  const root = join(folder, 'cgroup');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  writeFileSync(join(folder, 'membership'), membership);
  return { root, membership: join(folder, 'membership') };
}

describe('the processors that control groups allow', () => {
  it.each([
    ['half a core', '0::/a/b\n', { 'a/b/cpu.max': '50000 100000\n' }, 0.5],
    [
      'the tightest of the groups around',
      '0::/a/b\n',
      { 'a/b/cpu.max': '400000 100000\n', 'a/cpu.max': '150000 100000\n' },
      1.5,
    ],
    ['no limit', '0::/a\n', { 'a/cpu.max': 'max 100000\n' }, Number.POSITIVE_INFINITY],
    [
      'a container that sees its own group outermost',
      '0::/../elsewhere\n',
      { 'cpu.max': '200000 100000\n' },
      2,
    ],
    [
      'version 1',
      '4:cpu,cpuacct:/x\n3:memory:/y\n',
      { 'cpu,cpuacct/x/cpu.cfs_quota_us': '50000\n', 'cpu,cpuacct/x/cpu.cfs_period_us': '100000\n' },
      0.5,
    ],
    [
      'version 1 without a limit',
      '1:cpu:/\n',
      { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' },
      Number.POSITIVE_INFINITY,
    ],
    ['a damaged file', '0::/a\n', { 'a/cpu.max': 'many\n' }, Number.POSITIVE_INFINITY],
    ['another system', '', {}, Number.POSITIVE_INFINITY],
  ])('%s', (_, membership, files, expected) => {
    expect(processorQuota(groups(membership, files))).toBe(expected);
  });

  it('are at least one, and no more than the process may run on', () => {
    expect(availableCores()).toBeGreaterThanOrEqual(1);
    expect(availableCores()).toBeLessThanOrEqual(availableParallelism());
  });

  it('are found by a process in a group with half a core', (context) => {
    const group = `/sys/fs/cgroup/cpu/lossnet-test-${process.pid}`;
    try {
      mkdirSync(group);
      onTestFinished(() => rmdirSync(group));
      writeFileSync(join(group, 'cpu.cfs_quota_us'), '50000');
    } catch {
      context.skip('no control group can be made here');
    }
    const module = new URL('../../dist/base/cores.js', import.meta.url).href;
    const program = `import('${module}').then(({ availableCores, processorQuota }) => console.log(availableCores(), processorQuota()))`;
    const text = execFileSync('sh', [
      '-c',
      `echo $$ > ${group}/tasks && exec "$0" -e "$1"`,
      process.execPath,
      program,
    ]);
    expect(`${text}`).toBe('1 0.5\n');
  });
});
