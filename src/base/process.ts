import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * A process, told apart from all others: a number alone is used again after a restart of the machine or in another container,
 * and soon enough on the same machine. Null: not known, as on systems that do not tell.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, as its system counts that. */
  readonly start: string | null;
  /** The machine's start that it belongs to. */
  readonly boot: string | null;
  /** The set of processes among which `pid` is its number. */
  readonly namespace: string | null;
  readonly host: string;
}

/** `unseen`: it runs, or ran, where it cannot be seen from here: on another machine, in another container, before a restart. */
export type Standing = 'alive' | 'gone' | 'unseen';

let own: ProcessIdentity | undefined;

/** @returns the identity of this process */
export function thisProcess(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    start: startOf(process.pid),
    boot: textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: textOf(() => readlinkSync('/proc/self/ns/pid')),
    host: hostname(),
  };
  return own;
}

/**
 * @param of a process
 * @returns whether it is alive. A number that another process has by now is no sign of life, nor is a process that has ended
 * and waits for its parent to notice
 */
export function standingOf({ pid, start, boot, namespace, host }: ProcessIdentity): Standing {
  const here = thisProcess();
  const isKnown = boot !== null && here.boot !== null;
  const isHere = isKnown ? boot === here.boot && namespace === here.namespace : host === here.host;
  if (!isHere) return 'unseen';
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
  }
  const found = startOf(pid);
  if (found === ENDED) return 'gone';
  return start !== null && found !== null && found !== start ? 'gone' : 'alive';
}

/** A process in a name of a file: `<pid>-<start>-<machine>`. */
export function tagOf({ pid, start, boot, namespace, host }: ProcessIdentity): string {
  const machine = createHash('sha256').update(`${boot} ${namespace} ${host}`).digest('hex').slice(0, 12);
  return `${pid}-${start ?? 0}-${machine}`;
}

/** @returns the standing of the process that a tag stands for */
export function standingOfTag(tag: string): Standing {
  const [pid = '', start = '', machine = ''] = tag.split('-');
  const here = thisProcess();
  if (machine !== tagOf(here).split('-')[2]) return 'unseen';
  return standingOf({ ...here, pid: Number(pid), start: start === '0' ? null : start });
}

const ENDED = 'ended';

/** When a process was started, in ticks since the machine's start or in seconds; null where that is not told. */
function startOf(pid: number): string | null {
  if (process.platform === 'win32') return null;
  if (process.platform !== 'linux') return startByPs(pid);
  // The second field, the program's name in parentheses, may itself contain spaces and parentheses.
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat?.slice(stat.lastIndexOf(') ') + 2).split(' ');
  const [state] = fields ?? [];
  return state === 'Z' || state === 'X' ? ENDED : (fields?.[19] ?? null);
}

function startByPs(pid: number): string | null {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const told = textOf(() =>
    execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { env, encoding: 'utf8', stdio: 'pipe' }),
  );
  const seconds = Date.parse(`${told?.trim()} UTC`) / 1000;
  return Number.isFinite(seconds) ? `${seconds}` : null;
}

function textOf(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
