import type { Environment } from '../../config/index.js';
import { type Start, wholeIn, wrong } from './starters.js';

/** Jobs that share a machine must not share ports: each has some of its own, above those that services have. */
const PORTS = { first: 12_000, count: 20_000 } as const;

/**
 * srun of Slurm: a rank is a task, in blocks as the tasks lie on the nodes.
 *
 * @param env environment variables
 * @returns what it told; null: this is no task of Slurm
 * @throws UsageError when the nodes and the tasks on them cannot be made out
 * @source https://slurm.schedmd.com/srun.html#SECTION_OUTPUT-ENVIRONMENT-VARIABLES
 */
export function slurm(env: Environment): Start | null {
  if (textIn(env, 'PROCID') === '') return null;
  const rank = wholeIn(env, 'SLURM_PROCID');
  const size = wholeIn(env, textIn(env, 'STEP_NUM_TASKS') ? 'SLURM_STEP_NUM_TASKS' : 'SLURM_NTASKS', 1);
  const list = textIn(env, 'STEP_NODELIST') || textIn(env, 'JOB_NODELIST');
  const tasks = textIn(env, 'STEP_TASKS_PER_NODE') || textIn(env, 'TASKS_PER_NODE');
  const nodes = nodesIn(list);
  const counts = countsIn(tasks);
  const from = 'SLURM_PROCID, SLURM_STEP_NODELIST';
  if (
    nodes.length === 0 ||
    nodes.length !== counts.length ||
    counts.reduce((sum, n) => sum + n, 0) !== size
  ) {
    throw wrong(
      `Slurm tells of ${size} tasks, nodes ${JSON.stringify(list)} and tasks per node ${JSON.stringify(tasks)}, which do not fit together.`,
      'Start the ranks with srun, or name an address for each in parallel.hosts.',
    );
  }
  if (/^cyclic|^arbitrary|^plane/.test(textIn(env, 'DISTRIBUTION'))) {
    throw wrong(
      `The tasks are distributed over the nodes as SLURM_DISTRIBUTION says: ${textIn(env, 'DISTRIBUTION')}.`,
      'Start them with srun --distribution=block, or name an address for each in parallel.hosts.',
    );
  }
  const first = PORTS.first + (Number(textIn(env, 'JOB_ID')) % PORTS.count || 0);
  const hosts = nodes.flatMap((node, i) =>
    Array.from({ length: counts[i]! }, (_, local) => `${node}:${first + local}`),
  );
  return { rank, size, hosts, from };
}

const textIn = (env: Environment, name: string): string => env[`SLURM_${name}`] ?? '';

/**
 * @param list such as `node[01-03,07],gpu1`
 * @returns the names of the nodes; none when it cannot be read
 */
export function nodesIn(list: string): string[] {
  const items = list.match(/[^,[\]]+(\[[^\]]*\][^,[\]]*)*/g) ?? [];
  if (items.join(',') !== list) return [];
  return items.flatMap(expand);
}

/** `node[01-03]-ib` as names, one bracket after the other. */
function expand(item: string): string[] {
  const found = /^([^[]*)\[([^\]]+)\](.*)$/.exec(item);
  if (found === null) return [item];
  const [, head = '', ranges = '', rest = ''] = found;
  const tails = expand(rest);
  return ranges.split(',').flatMap((range) => {
    const [from = '', to = from] = range.split('-');
    const numbers = Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) =>
      `${Number(from) + i}`.padStart(from.length, '0'),
    );
    return numbers.flatMap((number) => tails.map((tail) => `${head}${number}${tail}`));
  });
}

/** @returns of `2(x3),1` the numbers 2, 2, 2 and 1 */
export function countsIn(text: string): number[] {
  return text.split(',').flatMap((item) => {
    const found = /^(\d+)(?:\(x(\d+)\))?$/.exec(item.trim());
    return found === null ? [] : Array<number>(Number(found[2] ?? 1)).fill(Number(found[1]));
  });
}
