import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Environment, loadConfig } from '../src/config/index.js';
import { findPlace } from '../src/runs/parallel/place.js';
import { blocksOf, readPage } from './helpers/pages.js';

/** The page that says how several processes are started, by programs that are not here. */
const PAGE = readPage('docs/parallel.md');
const BLOCKS = blocksOf(PAGE);

/** Where a process stands that was started so: `train`, a configuration, options and overrides. */
function placeOf(args: readonly string[], env: Environment) {
  const [command, file, ...more] = args;
  expect([command, file]).toEqual(['train', expect.stringMatching(/c\.yaml$/)]);
  expect(more).toContain('--parallel');
  const overrides = more.filter((arg) => /^[\w.]+=/.test(arg));
  const resolved = loadConfig({
    config: {
      dataset: { type: 'shapes' },
      model: [{ type: 'flatten' }, { type: 'linear', out_features: 10 }],
      optimizer: { type: 'sgd' },
      parallel: {},
    },
    overrides,
    env,
  });
  const { rank, size, addresses } = findPlace(resolved, env)!;
  return { rank, size, addresses };
}

/** What stands in for a program that starts others: bash, with `shift` past its own options. */
const STUBS = {
  lossnet: `exec ${process.execPath} -e 'console.log(JSON.stringify({ args: process.argv.slice(1), env: process.env }))' -- "$@"`,
  srun: `while [[ $1 == -* ]]; do export OPTIONS="$OPTIONS $1"; shift; done
for ((i = 0; i < SLURM_NTASKS; i++)); do SLURM_PROCID=$i "$@"; done`,
  torchrun: `for ((i = 1; i <= $#; i++)); do [[ \${!i} == --node-rank ]] && ((at = i + 1)); done; node=\${!at}
while [[ $1 != --no-python ]]; do shift; done; shift
RANK=$node WORLD_SIZE=2 "$@"`,
  mpirun: `size=$2; shift 4
for ((i = 0; i < size; i++)); do OMPI_COMM_WORLD_RANK=$i OMPI_COMM_WORLD_SIZE=$size "$@"; done`,
};

interface Started {
  readonly args: readonly string[];
  readonly env: Environment;
}

/** Runs a script of the page with bash; what its programs were started with. */
function run(script: string, variables: Record<string, string> = {}): Started[] {
  const bin = mkdtempSync(join(tmpdir(), 'lossnet-starters-'));
  for (const [name, body] of Object.entries(STUBS)) {
    writeFileSync(join(bin, name), `#!/bin/bash\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const env = { PATH: `${bin}:/usr/bin:/bin`, ...variables };
  const output = execFileSync('bash', ['-euc', script], { env, encoding: 'utf8', stdio: 'pipe' });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** The lines of the page that are indented as code and name a program. */
const linesWith = (word: string): string =>
  PAGE.split('\n\n')
    .filter((paragraph) => /^ {4}\S/.test(paragraph) && paragraph.includes(word))
    .join('\n');

describe('docs/parallel.md', () => {
  it('by hand: both commands are ranks of one group', () => {
    const started = run(linesWith('TF_CONFIG='));
    expect(started.map(({ args, env }) => placeOf(args, env))).toEqual(
      [0, 1].map((rank) => ({ rank, size: 2, addresses: ['a:7171', 'b:7171'] })),
    );
  });

  it('torchrun and mpirun: addresses come from the configuration', () => {
    const [command, ...others] = linesWith('torchrun').split(/\n(?= {4}\w)/);
    expect(others).toHaveLength(1);
    const second = command!.replace('--node-rank 0', '--node-rank 1');
    const started = run([command, second, ...others].join('\n'));
    expect(started.map(({ args, env }) => placeOf(args, env))).toEqual(
      [0, 1, 0, 1].map((rank) => ({ rank, size: 2, addresses: ['a:7171', 'b:7171'] })),
    );
  });

  it('the Slurm script: a rank for each task, and all of its cores', () => {
    const script = BLOCKS.find(({ body }) => body.includes('#SBATCH'))!.body;
    expect(script.split('\n')[0]).toBe('#!/bin/bash');
    const asked = [...script.matchAll(/^#SBATCH (.*)$/gm)].flatMap(([, options = '']) => options.split(' '));
    for (const option of ['--nodes=4', '--ntasks-per-node=1', '--cpus-per-task=16']) {
      expect(asked).toContain(option);
    }
    // What sbatch and srun set for it, with nodes whose names are not in a row.
    const started = run(script, {
      ...{ SLURM_JOB_ID: '20003', SLURM_NTASKS: '4', SLURM_STEP_NUM_TASKS: '4' },
      ...{ SLURM_JOB_NODELIST: 'node[01-03,7]', SLURM_STEP_NODELIST: 'node[01-03,7]' },
      ...{ SLURM_TASKS_PER_NODE: '1(x4)', SLURM_STEP_TASKS_PER_NODE: '1(x4)', SLURM_DISTRIBUTION: 'block' },
      ...{ SLURM_CPUS_PER_TASK: '16', OPTIONS: '' },
    });
    const addresses = ['node01', 'node02', 'node03', 'node7'].map((node) => `${node}:12003`);
    expect(started.map(({ args, env }) => placeOf(args, env))).toEqual(
      [0, 1, 2, 3].map((rank) => ({ rank, size: 4, addresses })),
    );
    // Since Slurm 22.05 srun takes no number of cores from the job.
    expect(started[0]!.env.OPTIONS).toBe(' --kill-on-bad-exit=1 --cpus-per-task=16');
  });

  it('the Kubernetes job: its pods have the names that the ranks look for', () => {
    const manifest = BLOCKS.find(({ body }) => body.includes('kind: Job'))!.body;
    const documents = parseAllDocuments(manifest);
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    const [service, job] = documents.map((document) => document.toJS());
    expect([service.kind, service.apiVersion, job.kind, job.apiVersion]).toEqual([
      ...['Service', 'v1'],
      ...['Job', 'batch/v1'],
    ]);
    const { completionMode, completions, parallelism, template } = job.spec;
    expect([completionMode, parallelism]).toEqual(['Indexed', completions]);
    // A headless service names the pods that it selects, also before they are ready: <job>-<index>.<service>.
    const { clusterIP, selector, publishNotReadyAddresses } = service.spec;
    expect([clusterIP, publishNotReadyAddresses, selector]).toEqual([
      'None',
      true,
      { 'job-name': job.metadata.name },
    ]);
    expect(template.spec.subdomain).toBe(service.metadata.name);
    const [{ command, env, volumeMounts }] = template.spec.containers;
    const names = template.spec.volumes.map(({ name }: { name: string }) => name);
    expect(volumeMounts.map(({ name }: { name: string }) => name)).toEqual(names);
    const paths: string[] = volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
    const [program, ...args] = command as string[];
    expect(program).toBe('lossnet');
    expect(paths.every((path) => args.some((arg) => arg.includes(path)))).toBe(true);
    const given = Object.fromEntries(env.map(({ name, value }: Record<string, string>) => [name, value]));
    const pods = Array.from(
      { length: completions },
      (_, i) => `${job.metadata.name}-${i}.${service.metadata.name}`,
    );
    const places = pods.map((_, index) => placeOf(args, { ...given, JOB_COMPLETION_INDEX: `${index}` }));
    expect(places).toEqual(
      pods.map((_, rank) => ({ rank, size: completions, addresses: pods.map((pod) => `${pod}:7171`) })),
    );
  });
});
