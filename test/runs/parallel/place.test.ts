import { describe, expect, it } from 'vitest';
import { type ConfigError, type Environment, loadConfig } from '../../../src/config/index.js';
import { addressesOf } from '../../../src/runs/parallel/addresses.js';
import { describePlace, findPlace } from '../../../src/runs/parallel/place.js';
import { countsIn, nodesIn } from '../../../src/runs/parallel/slurm.js';

const configOf = (parallel: object | null) =>
  loadConfig({
    config: {
      dataset: { type: 'shapes' },
      loader: { batch_size: 16 },
      model: [{ type: 'flatten' }, { type: 'linear', out_features: 10 }],
      optimizer: { type: 'sgd' },
      parallel,
    },
  });
const place = (env: Environment, parallel: object | null = {}) => findPlace(configOf(parallel), env);
const tf = (value: unknown) => ({ TF_CONFIG: JSON.stringify(value) });
const problem = (env: Environment, parallel: object = {}): string => {
  try {
    return JSON.stringify(place(env, parallel));
  } catch (error) {
    return `${(error as Error).message}\n${(error as { remedy?: string }).remedy ?? ''}`;
  }
};

const SLURM = {
  ...{ SLURM_PROCID: '2', SLURM_NTASKS: '3', SLURM_JOB_ID: '40007' },
  ...{ SLURM_JOB_NODELIST: 'n[08-09]', SLURM_TASKS_PER_NODE: '2,1' },
};

describe('which of several processes this is', () => {
  it('nobody but the configuration switches it on', () => {
    const env = { ...tf({ cluster: { worker: ['a:1'] }, task: { type: 'worker', index: 0 } }), RANK: '1' };
    expect(place(env, null)).toBeNull();
  });

  it.each<[string, Environment, object, object]>([
    [
      'TF_CONFIG, with a chief',
      tf({ cluster: { chief: ['a:1'], worker: ['b:1', 'c:2'] }, task: { type: 'worker', index: 1 } }),
      {},
      { rank: 2, size: 3, parts: 3, addresses: ['a:1', 'b:1', 'c:2'], from: 'TF_CONFIG', isLaunched: false },
    ],
    [
      'srun',
      SLURM,
      { parts: 6 },
      {
        ...{ rank: 2, size: 3, parts: 6 },
        addresses: ['n08:12007', 'n08:12008', 'n09:12007'],
        from: 'SLURM_PROCID, SLURM_STEP_NODELIST',
        isLaunched: false,
      },
    ],
    [
      'mpirun, in a job of Slurm',
      { ...SLURM, OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '2' },
      { hosts: ['a', 'a'] },
      {
        ...{ rank: 1, size: 2, parts: 2, addresses: ['a:7171', 'a:7172'] },
        from: 'OMPI_COMM_WORLD_RANK, OMPI_COMM_WORLD_SIZE',
        isLaunched: false,
      },
    ],
    [
      'torchrun',
      { RANK: '0', WORLD_SIZE: '2' },
      { hosts: ['a:9', '[::1]'] },
      {
        rank: 0,
        size: 2,
        parts: 2,
        addresses: ['a:9', '[::1]:7171'],
        from: 'RANK, WORLD_SIZE',
        isLaunched: false,
      },
    ],
    [
      'an indexed job',
      { JOB_COMPLETION_INDEX: '1' },
      { hosts: ['j-0.j', 'j-1.j'] },
      {
        rank: 1,
        size: 2,
        parts: 2,
        addresses: ['j-0.j:7171', 'j-1.j:7171'],
        from: 'JOB_COMPLETION_INDEX',
        isLaunched: false,
      },
    ],
  ])('%s', (_, env, parallel, expected) => {
    expect(place(env, parallel)).toEqual(expected);
  });

  it('says what was found', () => {
    const found = place({ RANK: '1', WORLD_SIZE: '2' }, { hosts: ['a', 'b'], parts: 4 })!;
    expect(describePlace(found, { parts: 4 } as never)).toBe(
      'rank 1 of 2 (RANK, WORLD_SIZE), a:7171 b:7171, batches in 4 parts added up in order',
    );
  });

  it.each<[Environment, object, string]>([
    [{}, {}, 'parallel is on, and nothing says which rank this process is'],
    [{}, {}, 'On one machine: lossnet launch -n 2 -- train <config>'],
    [{ TF_CONFIG: '{' }, {}, 'TF_CONFIG is no JSON: {'],
    [
      tf({ cluster: { worker: ['a'] }, task: { type: 'ps', index: -1 } }),
      {},
      `TF_CONFIG.cluster.worker.0: expected host:port, received "a"
TF_CONFIG.task.type: expected chief or worker, received "ps"
TF_CONFIG.task.index: expected a whole number from 0, received -1
`,
    ],
    [
      tf({ cluster: { worker: ['a:1'] }, task: { type: 'worker', index: 1 } }),
      {},
      'TF_CONFIG.task is worker 1, and TF_CONFIG.cluster has 1 worker, counted from 0.',
    ],
    [
      tf({ cluster: {}, task: { type: 'worker', index: 0 } }),
      {},
      'TF_CONFIG.task is worker 0, and TF_CONFIG.cluster names no worker.',
    ],
    [
      tf({ cluster: { chief: ['a:1'], worker: ['b:1'] }, task: { type: 'chief', index: 1 } }),
      {},
      'TF_CONFIG.task is chief 1, and TF_CONFIG.cluster has 1 chief, counted from 0.',
    ],
    [
      tf({}),
      {},
      `TF_CONFIG.cluster: expected chief and worker, with the addresses of each, received nothing
TF_CONFIG.task: expected type and index of this process, received nothing
`,
    ],
    [tf(1), {}, 'TF_CONFIG: expected cluster and task, received 1\n'],
    [
      tf({ cluster: { chief: 'a:1', worker: [1] }, task: { type: 'worker', index: 'x' } }),
      {},
      `TF_CONFIG.cluster.chief: expected a list with one address, received "a:1"
TF_CONFIG.cluster.worker.0: expected host:port, received 1
TF_CONFIG.task.index: expected a whole number from 0, received "x"
`,
    ],
    [
      tf({ cluster: { worker: ['A:7171', 'b:1', 'a:7171'] }, task: { type: 'worker', index: 0 } }),
      {},
      'TF_CONFIG: ranks 0 and 2 have the same address, a:7171.\nGive each its own',
    ],
    [
      { RANK: '0', WORLD_SIZE: '3' },
      { hosts: ['a', 'a:7171', 'b'] },
      'ranks 0 and 1 have the same address, a:7171\n  → give each its own',
    ],
    [
      { RANK: '2', WORLD_SIZE: '2' },
      { hosts: ['a', 'b'] },
      'RANK, WORLD_SIZE says rank 2, and ranks are counted from 0: of 2 the last is 1.',
    ],
    [
      { RANK: 'x', WORLD_SIZE: '2' },
      { hosts: ['a', 'b'] },
      'RANK is "x", and should be a whole number from 0 to 1024.',
    ],
    [{ RANK: '0' }, { hosts: ['a', 'b'] }, 'WORLD_SIZE is not set'],
    [{}, { hosts: ['a', 'b:65536'] }, 'a host such as node1'],
    [{ RANK: '0', WORLD_SIZE: '2' }, {}, 'the ranks have no addresses'],
    [{ RANK: '0', WORLD_SIZE: '3' }, { hosts: ['a', 'b'] }, '2 addresses for 3 ranks (RANK, WORLD_SIZE)'],
    [
      { RANK: '0', WORLD_SIZE: '2' },
      { hosts: ['a', 'b'], parts: 5 },
      'a batch of 5 parts cannot be shared out evenly over 2 ranks',
    ],
    [
      { RANK: '0', WORLD_SIZE: '2' },
      { hosts: ['a', 'b'], parts: 32 },
      'a batch of 16 cannot be cut into 32 parts',
    ],
    [
      { ...SLURM, SLURM_TASKS_PER_NODE: '2' },
      {},
      'Slurm tells of 3 tasks, nodes "n[08-09]" and tasks per node "2"',
    ],
    // More names than a memory holds are counted, not made.
    [
      { ...SLURM, SLURM_JOB_NODELIST: 'n[1-99999999999]' },
      {},
      'Slurm tells of 3 tasks, nodes "n[1-99999999999]" and tasks per node "2,1"',
    ],
    [
      { ...SLURM, SLURM_TASKS_PER_NODE: '1(x99999999999)' },
      {},
      'Slurm tells of 3 tasks, nodes "n[08-09]" and tasks per node "1(x99999999999)"',
    ],
    [{ ...SLURM, SLURM_NTASKS: '1', SLURM_PROCID: '0' }, {}, 'Slurm tells of 1 task, nodes'],
    [
      { ...SLURM, SLURM_NTASKS: '99999' },
      {},
      'SLURM_NTASKS is "99999", and should be a whole number from 1 to 1024.',
    ],
    [{ SLURM_PROCID: '0' }, {}, 'SLURM_STEP_NUM_TASKS is not set'],
    [{ ...SLURM, SLURM_DISTRIBUTION: 'cyclic' }, {}, 'srun --distribution=block'],
  ])('%j %j: %s', (env, parallel, message) => {
    expect(problem(env, parallel)).toContain(message);
  });

  it.each([
    ['node[01-03,07],gpu1', ['node01', 'node02', 'node03', 'node07', 'gpu1']],
    ['node[01-03,7]', ['node01', 'node02', 'node03', 'node7']],
    ['r[1-2]n[09-10]-ib', ['r1n09-ib', 'r1n10-ib', 'r2n09-ib', 'r2n10-ib']],
    ['n[008,100-101]', ['n008', 'n100', 'n101']],
    ['a[1-2]b[8-9]', ['a1b8', 'a1b9', 'a2b8', 'a2b9']],
    ['single', ['single']],
    ['', []],
    ['a[1-', []],
    ['a[3-1],b[x-y]', []],
    ['a[1-3]b[1-2]', []],
  ])('nodes of %s', (list, nodes) => {
    expect(nodesIn(list, 5)).toEqual(nodes);
  });

  it('tasks per node, and ports of ranks on one host', () => {
    expect(countsIn('2(x3),1', 4)).toEqual([2, 2, 2, 1]);
    expect(countsIn('x', 4)).toEqual([]);
    expect(countsIn('2(x3),1', 3)).toEqual([]);
    expect(addressesOf(['a', 'b:9', 'a', '[::1]'])).toEqual(['a:7171', 'b:9', 'a:7172', '[::1]:7171']);
  });

  it('points at no argument that is about another key', () => {
    const found = (overrides: string[]) => {
      const config = { ...configOf({}).yaml };
      try {
        findPlace(loadConfig({ config, overrides }), { RANK: '0', WORLD_SIZE: '2' });
      } catch (error) {
        return (error as ConfigError).problems[0]!.place.source.kind;
      }
      return null;
    };
    expect(found(['parallel.join_timeout=3'])).not.toBe('argument');
    expect(found(['parallel={join_timeout: 3}'])).toBe('argument');
  });
});
