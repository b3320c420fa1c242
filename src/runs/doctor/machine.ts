import { readFileSync } from 'node:fs';
import os from 'node:os';
import { availableCores, processorQuota } from '../../base/cores.js';
import { formatBytes, plural } from '../../base/format.js';
import { usableMemory } from '../../base/memory.js';
import { VERSION } from '../../base/package.js';
import { type ThreadVariable, threadsIn, wrongVariables } from '../../train/backend/environment.js';
import { type Check, note, ok, problem } from './check.js';

/** What TensorFlow's kernels make use of, the widest last. */
const FLAGS = ['avx', 'avx2', 'fma', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_tile', 'amx_bf16'];
/** Training the tutorial's network takes half of it, so a container with 1 GB has enough. */
const LITTLE_MEMORY = 8e8;

/** Those of TensorFlow's variables that the threads' own check is about. */
const THREADS: readonly ThreadVariable[] = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS'];
export const isThreads = (name: string): boolean => THREADS.some((own) => own === name);

type Environment = Readonly<Record<string, string | undefined>>;

/** Versions, processor, threads and memory. */
export function checkMachine(env: Environment): Check[] {
  return [
    ok('lossnet', VERSION),
    ok('node', `${process.versions.node}, ${process.execPath}`),
    ok('system', `${os.type()} ${os.release()}, ${process.platform}-${process.arch}`),
    processor(),
    threads(env),
    memory(),
  ];
}

function processor(): Check {
  const model = os.cpus()[0]?.model.trim() || 'of an unknown kind';
  const flags = processorFlags();
  const quota = processorQuota();
  const limit = Number.isFinite(quota) ? ` (its control group's limit: ${Number(quota.toPrecision(2))})` : '';
  const cores = `${model}, ${plural(availableCores(), 'core')} for this process${limit}`;
  if (flags === null) return ok('processor', cores);
  const text = `${cores}; ${flags.join(' ') || 'without AVX'}`;
  if (process.arch !== 'x64' || flags.includes('avx')) return ok('processor', text);
  return problem(
    'processor',
    text,
    'TensorFlow is built for processors with AVX: take another machine, or name a TensorFlow built for this one in LOSSNET_LIBTENSORFLOW.',
  );
}

/** null: the system does not say. */
function processorFlags(): string[] | null {
  try {
    const [, line = ''] = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? [];
    const own = new Set(line.trim().split(/\s+/));
    return line === '' ? null : FLAGS.filter((flag) => own.has(flag));
  } catch {
    return null;
  }
}

function threads(env: Environment): Check {
  const wrong = wrongVariables(env).filter(({ name }) => isThreads(name));
  if (wrong.length > 0) {
    const texts = wrong.map(({ text }) => text);
    return problem('threads', texts.join(' '), 'Unset it, or give it such a value.');
  }
  const set = THREADS.flatMap((name) => {
    const count = threadsIn(env, name);
    return count === null ? [] : [`${name}=${count}`];
  });
  const cores = plural(availableCores(), 'core');
  if (set.length === 0) return ok('threads', `chosen by each configuration, for ${cores}`);
  return note('threads', `${set.join(', ')}, where a configuration leaves threads to auto`);
}

function memory(): Check {
  const total = os.totalmem();
  const limit = usableMemory();
  const isLimited = limit < total;
  // Node 20.12 does not know it yet: no more than the limit.
  const available = process.availableMemory?.() ?? limit;
  const free = Math.min(os.freemem(), available);
  const of = isLimited
    ? `${formatBytes(limit)} that this process may use (its control group's limit; the machine has ${formatBytes(total)})`
    : `${formatBytes(total)} of the machine`;
  const text = `${formatBytes(free)} free of ${of}`;
  if (free >= LITTLE_MEMORY) return ok('memory', text);
  return note(
    'memory',
    text,
    'Training a small network takes about 400 MB: end other programs, or raise the limit.',
  );
}
