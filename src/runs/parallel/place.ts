import { UsageError } from '../../base/errors.js';
import { capital, plural } from '../../base/format.js';
import { type Config, ConfigError, type Environment, type ResolvedConfig } from '../../config/index.js';
import type { Share } from '../../train/parallel/parts.js';
import { addressesOf } from './addresses.js';
import { slurm } from './slurm.js';
import { kubernetes, mpi, type Start, tfConfig, torchrun } from './starters.js';

/** Where a process stands among those that train one model. */
export interface Place extends Share {
  /** `host:port` of every rank. */
  readonly addresses: readonly string[];
  /** What told it, for people: `TF_CONFIG`, or the names of variables. */
  readonly from: string;
  /** Whether `lossnet launch` started it. */
  readonly isLaunched: boolean;
}

type Parallel = NonNullable<Config['parallel']>;

/** From what is set for this very process to what a surrounding job may have left: mpirun runs within Slurm jobs. */
const STARTERS = [tfConfig, mpi, torchrun, slurm, kubernetes];

/**
 * Finds out which of several processes this is. Variables alone never decide that there are several: the configuration does.
 *
 * @param resolved the configuration
 * @param env environment variables
 * @returns its place; null: `parallel` is null, and it trains alone
 * @throws UsageError when nothing says which rank it is, or what says so cannot be; ConfigError when `parallel` does not fit
 */
export function findPlace(resolved: ResolvedConfig, env: Environment): Place | null {
  const { parallel, loader } = resolved.yaml;
  if (parallel === null) return null;
  const start = firstOf(env);
  const hosts = parallel.hosts ?? start.hosts;
  if (hosts === null) {
    const help = `give an address for each rank, in order, such as parallel.hosts='[node1, node2]': ${start.from} tells none`;
    throw new ConfigError([resolved.problem('parallel.hosts', 'the ranks have no addresses', [help])]);
  }
  const size = start.size ?? hosts.length;
  if (hosts.length !== size) {
    const named = hosts.length === 1 ? '1 address' : `${hosts.length} addresses`;
    const message = `${named} for ${plural(size, 'rank')} (${start.from})`;
    throw new ConfigError([
      resolved.problem('parallel.hosts', message, ['give one for each, in their order']),
    ]);
  }
  if (start.rank >= size) {
    throw new UsageError(
      'LOSSNET_PARALLEL_START',
      `${start.from} says rank ${start.rank}, and ranks are counted from 0: of ${size} the last is ${size - 1}.`,
    );
  }
  const parts = parallel.parts ?? size;
  if (parts % size !== 0) {
    const message = `a batch of ${plural(parts, 'part')} cannot be shared out evenly over ${plural(size, 'rank')}`;
    throw new ConfigError([
      resolved.problem('parallel.parts', message, [
        `set it to a multiple of ${size}, such as ${size * Math.ceil(parts / size)}`,
      ]),
    ]);
  }
  if (parts > loader.batch_size) {
    const message = `a batch of ${loader.batch_size} cannot be cut into ${plural(parts, 'part')}`;
    throw new ConfigError([
      resolved.problem('loader.batch_size', message, ['it is the batch of all ranks together']),
    ]);
  }
  const addresses = addressesOf(hosts);
  checkDistinct(addresses, resolved, start);
  const { rank, from, isLaunched = false } = start;
  return { rank, size, parts, addresses, from, isLaunched };
}

/** Two ranks at one address would wait for each other until their time is up. */
function checkDistinct(addresses: readonly string[], resolved: ResolvedConfig, { from }: Start): void {
  const names = addresses.map((address) => address.toLowerCase());
  const twins = names.flatMap((name, rank) => {
    const first = names.indexOf(name);
    return first === rank ? [] : [`ranks ${first} and ${rank} have the same address, ${addresses[rank]}`];
  });
  if (twins.length === 0) return;
  const help = 'give each its own: on one host, ports that differ';
  if (resolved.yaml.parallel?.hosts) {
    throw new ConfigError(twins.map((message) => resolved.problem('parallel.hosts', message, [help])));
  }
  throw new UsageError('LOSSNET_PARALLEL_START', `${from}: ${twins.join('; ')}.`, `${capital(help)}.`);
}

function firstOf(env: Environment): Start {
  for (const read of STARTERS) {
    const start = read(env);
    if (start !== null) return start;
  }
  throw new UsageError(
    'LOSSNET_PARALLEL_START',
    'parallel is on, and nothing says which rank this process is: there is none of TF_CONFIG, OMPI_COMM_WORLD_RANK, RANK, SLURM_PROCID and JOB_COMPLETION_INDEX.',
    [
      'On one machine: lossnet launch -n 2 -- train <config>',
      'With one process alone: the same with -n 1; a run that is begun anew also with parallel=null',
      'Other ways to start it: docs/parallel.md',
    ].join('\n'),
  );
}

/** What a run with these settings is told by: for people. */
export function describePlace({ rank, size, addresses, from }: Place, { parts }: Parallel): string {
  const where = size === 1 ? '' : `, ${addresses.join(' ')}`;
  const order = parts === null ? '' : `, batches in ${parts} parts added up in order`;
  return `rank ${rank} of ${size} (${from})${where}${order}`;
}
