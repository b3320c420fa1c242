import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, callsIn } from '../calls.js';
import { checkSame } from '../checks.js';
import { contentsOf } from '../files.js';
import { describe, verdictOf } from '../judge.js';
import { countKill, runKilled } from '../kill.js';
import { runProgram } from '../program.js';
import { SCENARIOS } from '../scenarios.js';
import { Surroundings } from '../surroundings.js';
import { type Failure, failed, type Kind, type Trial, type TrialContext } from '../trial.js';

const FOLDER = 'runs/compare-c';
const MOST_LIVES = 3;
/** How long a process that was left behind may take to save its run and to end. */
const PATIENCE_SECONDS = 60;

const yamlOf = (name: string): string => SCENARIOS.find((scenario) => scenario.name === name)!.yaml;

/** What is compared: variants side by side, and seeds. */
const COMPARISONS = [
  { name: 'presets', yaml: yamlOf('plain'), args: ['sgd', 'adam', '-j', '2'] },
  { name: 'seeds', yaml: yamlOf('accumulate'), args: ['optimizer.lr=0.01,0.02', '--seeds', '2'] },
  { name: 'diverging', yaml: yamlOf('diverges'), args: ['optimizer.lr=0.1,3', '-j', '1'] },
] as const;

type Compared = (typeof COMPARISONS)[number];

interface Reference {
  readonly code: number;
  readonly files: ReadonlyMap<string, Buffer>;
  readonly runs: readonly string[];
  readonly seconds: number;
  /** Calls of the file system of the program, and of one of its workers. */
  readonly calls: { readonly 'bin/lossnet': readonly Call[]; readonly 'worker.js': readonly Call[] };
}

const references = new Map<string, Reference>();
const commandOf = ({ args }: Compared) => ['compare', ...args, '-c', 'x.yaml', '-n', 'c', '--json'];

/** Comparisons killed at any moment, or a process of theirs, and begun again: what undisturbed ones come to. */
export const comparisons: Kind = {
  name: 'comparisons',
  title: 'kills comparisons or their processes, and gives the same command again',
  share: 3,
  slice: 2,
  patienceSeconds: 1200,
  async trial({ random, folder, shared }: TrialContext): Promise<Trial> {
    const compared = random.pick(COMPARISONS);
    const reference = await referenceOf(compared, shared);
    const command = commandOf(compared);
    const place = new Surroundings(compared.yaml, {}, null, /^runs\/compare-c\//);
    const { env } = place;
    const counts: Record<string, number> = { kills: 0 };
    let story = '';
    for (let lives = random.between(1, MOST_LIVES); lives > 0; lives--) {
      const victim = random.chance(0.35) ? 'worker.js' : 'bin/lossnet';
      const { seconds, calls } = reference;
      const killed = await runKilled(
        command,
        { cwd: folder, env, seconds, calls: calls[victim], victim },
        random,
      );
      const { outcome, signal, failures } = killed;
      story += `${killed.story}\n`;
      countKill(counts, killed);
      const isRight = killed.isRight || outcome.code === reference.code || victim === 'worker.js';
      const wrong = isRight ? [] : failed(`fails when it is killed by ${signal}`, story + describe(outcome));
      if (wrong.length + failures.length > 0) return { counts, failures: [...failures, ...wrong] };
    }
    const last = await runProgram(command, { cwd: folder, env });
    story += `${last.command}\n`;
    if (last.code !== reference.code)
      return { counts, failures: failed('cannot be ended after it was killed', story + describe(last)) };
    const failures = [
      ...verdictOf(last),
      ...checkResults(reference, story),
      ...(await checkProcesses(folder, story)),
    ];
    return { counts, failures: [...failures, ...place.check(story), ...place.checkLeft(story)] };
  },
};

async function referenceOf(compared: Compared, shared: string): Promise<Reference> {
  const known = references.get(compared.name);
  if (known) return known;
  const cwd = join(shared, `compare-${compared.name}`);
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, 'x.yaml'), compared.yaml);
  const record = join(cwd, 'calls');
  const outcome = await runProgram(commandOf(compared), { cwd, faults: { record } });
  if (outcome.code !== 0) throw new Error(`the reference fails: ${describe(outcome)}`);
  const byProcess = new Map<number, Call[]>();
  for (const call of callsIn(record)) byProcess.set(call.pid, [...(byProcess.get(call.pid) ?? []), call]);
  const [own = [], worker = []] = byProcess.values();
  const files = contentsOf(join(cwd, FOLDER));
  const runs = [...files.keys()].flatMap((path) => /^([^/]+)\/config\.yaml$/.exec(path)?.[1] ?? []);
  const calls = { 'bin/lossnet': own, 'worker.js': worker };
  const reference = { code: outcome.code, files, runs, seconds: outcome.seconds, calls };
  references.set(compared.name, reference);
  return reference;
}

/** Holds runs and results against those of an undisturbed comparison. */
function checkResults({ files, runs }: Reference, story: string): Failure[] {
  const failures = runs.flatMap((run) => {
    const own = [...files].filter(([path]) => path.startsWith(`${run}/`) && path !== `${run}/`);
    const wanted = new Map(own.map(([path, bytes]) => [path.slice(run.length + 1), bytes]));
    return checkSame(join(FOLDER, run), wanted, story);
  });
  const found = existsSync(`${FOLDER}/compare.json`)
    ? readFileSync(`${FOLDER}/compare.json`)
    : Buffer.from('{}');
  if (resultsIn(found) !== resultsIn(files.get('compare.json')!))
    failures.push(...failed('compare.json is not that of an undisturbed comparison', story));
  const names = readdirSync(FOLDER).filter((name) => name !== 'logs');
  const wanted = [...files.keys()]
    .filter((path) => /^[^/]+\/?$/.test(path))
    .map((path) => path.replace('/', ''));
  const left = names.filter((name) => !wanted.includes(name));
  if (left.length > 0)
    failures.push(...failed('something is left in the folder of the comparison', `${left}\n${story}`));
  const lost = wanted.filter((name) => name !== 'logs' && !names.includes(name));
  if (lost.length > 0)
    failures.push(...failed('something is missing in the folder of the comparison', `${lost}\n${story}`));
  return failures;
}

/** What does not depend on how fast it went. */
function resultsIn(bytes: Buffer): string {
  const { results } = JSON.parse(bytes.toString()) as {
    results?: { variants: { name: string; rank: number; status: string; figures: object; runs: object[] }[] };
  };
  return JSON.stringify(
    results?.variants.map(({ name, rank, status, figures, runs }) => ({ name, rank, status, figures, runs })),
  );
}

/** Processes that outlive it. */
async function checkProcesses(folder: string, story: string): Promise<Failure[]> {
  const end = performance.now() + PATIENCE_SECONDS * 1000;
  let left = processesIn(folder);
  while (left.length > 0 && performance.now() < end) {
    await sleep(200);
    left = processesIn(folder);
  }
  for (const pid of left) process.kill(pid, 'SIGKILL');
  return left.length > 0 ? failed('leaves processes', story) : [];
}

/** Processes other than this one that work in a folder; none where the system does not tell. */
function processesIn(folder: string): number[] {
  if (!existsSync('/proc')) return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.map(Number).filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false;
    }
  });
}
