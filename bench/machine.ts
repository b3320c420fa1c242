import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';

// USER_HZ, the same on every Linux.
const TICKS_PER_SECOND = 100;

/** What the figures depend on besides the code. */
export interface Machine {
  readonly cpu: string;
  /** What of its instructions kernels choose by; none where the system does not tell. */
  readonly flags: readonly string[];
  readonly cores: number;
  readonly memoryGb: number;
  /** How the CPU's clock is governed, where the system shows it. */
  readonly governor: string;
  readonly system: string;
  readonly node: string;
  /** Mean number of busy processes over the minute before the first measurement. */
  readonly loadBefore: number;
  /** The commit that was measured, and whether files differed from it; null outside a checkout. */
  readonly commit: string | null;
}

/** @returns the machine as it is now */
export function describeMachine(): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    flags: flags(),
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 1e9),
    governor: governor(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    loadBefore: os.loadavg()[0]!,
    commit: commit(),
  };
}

/**
 * @param pid a running process
 * @returns the most memory that it has had, in MB; null where the system does not tell
 */
export function peakMemoryMb(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) / 1000;
  } catch {
    return null;
  }
}

/** @returns the memory that this process has now, in MB */
export const memoryMb = (): number => process.memoryUsage.rss() / 1e6;

/**
 * @returns seconds that all cores together have been busy since the machine was started, whoever kept them so
 */
export function busySeconds(): number {
  const times = os.cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq);
  return times.reduce((sum, ms) => sum + ms, 0) / 1000;
}

/**
 * @param pid a running process
 * @returns seconds of CPU that it has used, all threads together; null where the system does not tell
 */
export function usedSeconds(pid: number): number | null {
  try {
    // Its name, in brackets, may hold spaces: what follows is utime and stime in the 12th and 13th field.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return null;
  }
}

/** Vector instructions, in the words of Linux. */
const VECTOR = /^(avx|amx|fma|f16c|asimd|sve|bf16|i8mm)/;

function flags(): string[] {
  try {
    const line = /^(?:flags|Features)\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
    return [...new Set(line?.split(' ').filter((flag) => VECTOR.test(flag)))].sort();
  } catch {
    return [];
  }
}

/**
 * CPUs that run the same kernels at about the same speed are of one kind. Virtual machines hide which one it is: then the
 * family and model tell it.
 *
 * @returns a name for files, such as `amd-epyc-26-2-avx512`
 */
export function cpuKind({ cpu, flags: known, cores }: Machine): string {
  const info = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const number = (key: string) => new RegExp(`^${key}\\s*: (\\d+)$`, 'm').exec(info)?.[1];
  const widest = ['amx_tile', 'avx512f', 'avx2', 'avx', 'sve', 'asimd'].find((flag) => known.includes(flag));
  const parts = [cpu, number('cpu family'), number('model'), widest, `${cores} cores`];
  return parts
    .filter((part) => part !== undefined)
    .join(' ')
    .toLowerCase()
    .replace(/\(r\)|\(tm\)/g, '')
    .replace(/[^a-z0-9]+/g, '-');
}

function governor(): string {
  try {
    return readFileSync('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', 'utf8').trim();
  } catch {
    return 'not visible';
  }
}

function commit(): string | null {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    // The results of the run before are no change to what is measured.
    const changed = git('status', '--porcelain', '--', ':/src', ':/package-lock.json') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? ', with changes' : ''}`;
  } catch {
    return null;
  }
}
