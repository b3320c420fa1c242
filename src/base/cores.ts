import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/** Where control groups are kept, and which of them this process is in. */
interface ControlGroups {
  readonly root: string;
  readonly membership: string;
}

const OWN: ControlGroups = { root: '/sys/fs/cgroup', membership: '/proc/self/cgroup' };

let own: number | undefined;

/**
 * How many threads this process can keep busy: the cores that it may run on, or fewer where a container gives it a share of
 * their time. Node itself knows of such shares only in later versions, and TensorFlow never: with a thread for each core of
 * the machine, all would be halted together most of the time.
 *
 * @returns at least 1; the same for as long as the process lives
 */
export function availableCores(): number {
  own ??= Math.max(1, Math.min(availableParallelism(), Math.ceil(processorQuota())));
  return own;
}

/**
 * Processors' worth of time that the control groups around this process allow it, of version 1 and 2.
 *
 * @param groups where they are; default: this process's own
 * @returns 0.5 for half a core; Infinity without a limit, or where there are none
 * @source https://docs.kernel.org/admin-guide/cgroup-v2.html, cpu.max; https://docs.kernel.org/scheduler/sched-bwc.html
 */
export function processorQuota({ root, membership }: ControlGroups = OWN): number {
  const quotas = (textOf(membership) ?? '').split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    if (controllers === '')
      return ['', 'unified'].flatMap((name) => around(join(root, name), path, quotaOfMax));
    if (!controllers.split(',').includes('cpu')) return [];
    return [controllers, 'cpu'].flatMap((name) => around(join(root, name), path, quotaOfPeriods));
  });
  return Math.min(Number.POSITIVE_INFINITY, ...quotas);
}

/** The limit of a group holds for all in it: those of all groups around. A container may see its own as the outermost one. */
function around(root: string, path: string, quotaOf: (folder: string) => number): number[] {
  const quotas = [quotaOf(root)];
  for (let folder = path; folder !== '/' && folder !== '.'; folder = dirname(folder))
    quotas.push(quotaOf(join(root, folder)));
  return quotas;
}

/** `cpu.max`: a quota and its period in microseconds, or `max`. */
const quotaOfMax = (folder: string): number => {
  const [quota, period] = (textOf(join(folder, 'cpu.max')) ?? 'max').trim().split(' ');
  return quota === 'max' ? Number.POSITIVE_INFINITY : share(Number(quota), Number(period));
};

/** Without a limit the quota is -1. */
const quotaOfPeriods = (folder: string): number => {
  const [quota, period] = ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((name) =>
    Number(textOf(join(folder, name)) ?? -1),
  );
  return share(quota!, period!);
};

const share = (quota: number, period: number): number =>
  quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null; // Not Linux, or not to be seen from within a container.
  }
}
