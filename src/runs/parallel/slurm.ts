import { plural } from '../../base/format.js';
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
  const isOfJob = textIn(env, 'STEP_NUM_TASKS') === '' && textIn(env, 'NTASKS') !== '';
  const size = wholeIn(env, isOfJob ? 'SLURM_NTASKS' : 'SLURM_STEP_NUM_TASKS', 1);
  const list = textIn(env, 'STEP_NODELIST') || textIn(env, 'JOB_NODELIST');
  const tasks = textIn(env, 'STEP_TASKS_PER_NODE') || textIn(env, 'TASKS_PER_NODE');
  const nodes = nodesIn(list, size);
  const counts = countsIn(tasks, size);
  const from = 'SLURM_PROCID, SLURM_STEP_NODELIST';
  if (
    nodes.length === 0 ||
    nodes.length !== counts.length ||
    counts.reduce((sum, n) => sum + n, 0) !== size
  ) {
    throw wrong(
      `Slurm tells of ${plural(size, 'task')}, nodes ${JSON.stringify(list)} and tasks per node ${JSON.stringify(tasks)}, which do not fit together.`,
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
 * @param most how many there can be: each has a task
 * @returns the names of the nodes; none when it cannot be read, or has more
 */
export function nodesIn(list: string, most: number): string[] {
  const items = list.match(/[^,[\]]+(\[[^\]]*\][^,[\]]*)*/g) ?? [];
  if (items.join(',') !== list) return [];
  // Counted before they are made: a range of a few digits has more names than a memory holds.
  const count = items.reduce((sum, item) => sum + countOf(item), 0);
  return count <= most ? items.flatMap(expand) : [];
}

const BRACKET = /\[([^\]]+)\]/g;

/** How many names `expand` makes of it. */
function countOf(item: string): number {
  const brackets = [...item.matchAll(BRACKET)].map(([, ranges = '']) =>
    ranges.split(',').reduce((sum, range) => sum + widthOf(range), 0),
  );
  return brackets.reduce((product, width) => product * width, 1);
}

/** How many numbers a range such as `01-03` has; none when it is no range. */
function widthOf(range: string): number {
  const [from = '', to = from] = range.split('-');
  return Math.max(0, Number(to) - Number(from) + 1) || 0;
}

/** `node[01-03]-ib` as names, one bracket after the other. */
function expand(item: string): string[] {
  const found = /^([^[]*)\[([^\]]+)\](.*)$/.exec(item);
  if (found === null) return [item];
  const [, head = '', ranges = '', rest = ''] = found;
  const tails = expand(rest);
  return ranges.split(',').flatMap((range) => {
    const [from = ''] = range.split('-');
    const numbers = Array.from({ length: widthOf(range) }, (_, i) =>
      `${Number(from) + i}`.padStart(from.length, '0'),
    );
    return numbers.flatMap((number) => tails.map((tail) => `${head}${number}${tail}`));
  });
}

/**
 * @param text such as `2(x3),1`
 * @param most how many nodes there can be
 * @returns of it the numbers 2, 2, 2 and 1; none for more nodes
 */
export function countsIn(text: string, most: number): number[] {
  const items = text.split(',').flatMap((item) => {
    const found = /^(\d+)(?:\(x(\d+)\))?$/.exec(item.trim());
    return found === null ? [] : [{ tasks: Number(found[1]), nodes: Number(found[2] ?? 1) }];
  });
  const count = items.reduce((sum, { nodes }) => sum + nodes, 0);
  return count <= most ? items.flatMap(({ tasks, nodes }) => Array<number>(nodes).fill(tasks)) : [];
}
