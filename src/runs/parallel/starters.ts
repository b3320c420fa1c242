import { z } from 'zod';
import { UsageError } from '../../base/errors.js';
import { plural } from '../../base/format.js';
import type { Environment } from '../../config/index.js';
import { MOST_RANKS, PORT } from '../../config/schema/parallel.js';
import { LAUNCH } from './way-on.js';

/** What the program that started a process has told it. */
export interface Start {
  readonly rank: number;
  /** null: as many as there are addresses. */
  readonly size: number | null;
  /** An address for each rank; null: it told none. */
  readonly hosts: readonly string[] | null;
  /** For people. */
  readonly from: string;
  /** Whether `lossnet launch` was it. */
  readonly isLaunched?: boolean;
}

/**
 * @param env environment variables
 * @param name of one that holds a whole number
 * @param least the smallest that is allowed
 * @returns the number
 * @throws UsageError when it is missing, none, or more than there can be of ranks
 */
export function wholeIn(env: Environment, name: string, least = 0): number {
  const text = env[name] ?? '';
  if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= MOST_RANKS) return Number(text);
  const received = text === '' ? 'is not set' : `is ${JSON.stringify(text)}`;
  throw wrong(`${name} ${received}, and should be a whole number from ${least} to ${MOST_RANKS}.`);
}

/** The error for what a starter's variables say. */
export const wrong = (message: string, remedy?: string): UsageError =>
  new UsageError('LOSSNET_PARALLEL_START', message, remedy);

/** What a value of TF_CONFIG should be, and what it is. */
const expected = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }): string =>
    `expected ${what}, received ${input === undefined ? 'nothing' : JSON.stringify(input).slice(0, 80)}`,
});

const addresses = (what: string) =>
  z.array(
    z.string(expected('host:port')).regex(new RegExp(`^\\S+:${PORT}$`), expected('host:port')),
    expected(what),
  );
const chief = 'a list with one address';
const worker = `a list of up to ${MOST_RANKS} addresses`;
const clusterSchema = z.object(
  {
    cluster: z.object(
      {
        chief: addresses(chief).length(1, expected(chief)).default([]),
        worker: addresses(worker).max(MOST_RANKS, expected(worker)).default([]),
      },
      expected('chief and worker, with the addresses of each'),
    ),
    task: z.object(
      {
        type: z.enum(['chief', 'worker'], expected('chief or worker')),
        index: z.int(expected('a whole number from 0')).min(0, expected('a whole number from 0')),
      },
      expected('type and index of this process'),
    ),
    environment: z.unknown().optional(),
  },
  expected('cluster and task'),
);

/** TensorFlow's own: `{"cluster": {"worker": ["host:port", …]}, "task": {"type": "worker", "index": 0}}`. */
export function tfConfig(env: Environment): Start | null {
  const text = env.TF_CONFIG;
  if (!text) return null;
  const shape =
    'Such as {"cluster": {"worker": ["a:7171", "b:7171"]}, "task": {"type": "worker", "index": 0}}';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong(`TF_CONFIG is no JSON: ${text.slice(0, 80)}`, shape);
  }
  const { data, error } = clusterSchema.safeParse(value);
  if (!data) {
    const lines = error.issues.map(({ path, message }) => `${['TF_CONFIG', ...path].join('.')}: ${message}`);
    throw wrong(lines.join('\n'), shape);
  }
  const { chief, worker } = data.cluster;
  const { type, index } = data.task;
  const own = data.cluster[type];
  if (index >= own.length) {
    const named = own.length === 0 ? `names no ${type}` : `has ${plural(own.length, type)}, counted from 0`;
    throw wrong(`TF_CONFIG.task is ${type} ${index}, and TF_CONFIG.cluster ${named}.`, shape);
  }
  const rank = type === 'chief' ? index : chief.length + index;
  const isLaunched = data.environment === LAUNCH;
  return { rank, size: null, hosts: [...chief, ...worker], from: 'TF_CONFIG', isLaunched };
}

/** mpirun of OpenMPI. */
export function mpi(env: Environment): Start | null {
  return ranked(env, 'OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE');
}

/** torchrun, and what takes after it. */
export function torchrun(env: Environment): Start | null {
  return ranked(env, 'RANK', 'WORLD_SIZE');
}

/** A pod of a Kubernetes job with `completionMode: Indexed`. */
export function kubernetes(env: Environment): Start | null {
  const name = 'JOB_COMPLETION_INDEX';
  return env[name] ? { rank: wholeIn(env, name), size: null, hosts: null, from: name } : null;
}

function ranked(env: Environment, rank: string, size: string): Start | null {
  if (!env[rank]) return null;
  return { rank: wholeIn(env, rank), size: wholeIn(env, size, 1), hosts: null, from: `${rank}, ${size}` };
}
