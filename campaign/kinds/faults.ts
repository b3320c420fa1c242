import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Call, callsIn, pickFault } from '../calls.js';
import { checkSame, checkWhole } from '../checks.js';
import { describe, verdictOf } from '../judge.js';
import { runProgram } from '../program.js';
import { type Reference, RUN, RUN_FOLDER, referenceOf } from '../references.js';
import { SCENARIOS } from '../scenarios.js';
import { Surroundings } from '../surroundings.js';
import { interrupted } from '../templates.js';
import { failed, type Kind, type Trial, type TrialContext } from '../trial.js';

interface Command {
  readonly args: readonly string[];
  /** What lies there: the run itself, interrupted or done, or another run in its place. */
  readonly before: 'nothing' | 'interrupted' | 'done' | 'older';
  /** Whether it trains the run, so that what comes of it is known to the last bit. */
  readonly trains: boolean;
}

const RESUME = ['train', RUN_FOLDER, '--resume', '-q'];
const TRAIN = ['train', 'x.yaml', '-n', RUN, '-q'];
const COMPARE = ['compare', 'sgd', 'adam', '-c', 'x.yaml', '-n', 'c', '-q'];

const COMMANDS: Readonly<Record<string, Command>> = {
  train: { args: TRAIN, before: 'nothing', trains: true },
  resume: { args: RESUME, before: 'interrupted', trains: true },
  force: { args: [...TRAIN, '--force'], before: 'older', trains: true },
  compare: { args: COMPARE, before: 'nothing', trains: false },
  finished: { args: ['compare', RUN_FOLDER, 'runs/y', '-q'], before: 'done', trains: false },
  report: { args: ['report', RUN_FOLDER, '-o', 'out/r.html', '--force'], before: 'done', trains: false },
  export: { args: ['export', RUN_FOLDER, '-o', 'out/model', '--force'], before: 'done', trains: false },
  validate: { args: ['validate', 'x.yaml'], before: 'nothing', trains: false },
  'lr-find': { args: ['lr-find', 'x.yaml'], before: 'nothing', trains: false },
};

/** Those that a failing call can do without much ado. */
const PLAIN = SCENARIOS.filter(({ name }) => name === 'plain' || name === 'accumulate');
const OTHER = SCENARIOS.find(({ name }) => name === 'norm')!;

/** Calls of the file system that fail: each gives its cause, and nothing is lost by it. */
export const faults: Kind = {
  name: 'faults',
  title: 'lets calls of the file system fail, then gives the same command again',
  share: 4,
  slice: 4,
  patienceSeconds: 900,
  async trial({ random, folder, shared }: TrialContext): Promise<Trial> {
    const scenario = random.pick(PLAIN);
    const reference = await referenceOf(scenario, shared);
    const older = await referenceOf(OTHER, shared);
    const name = random.pick(Object.keys(COMMANDS));
    const command = COMMANDS[name]!;
    const begun = command.before === 'interrupted' ? await interrupted(scenario, shared) : reference.files;
    const lay = (): Surroundings => surround(command, reference, older, begun);
    const calls = await callsOf(`${name}-${scenario.name}`, command, lay, shared);
    const place = lay();
    const rule = pickFault(calls, random);
    const options = { cwd: folder, env: place.env };
    const outcome = await runProgram(command.args, { ...options, faults: { rules: [rule] } });
    let story = `${describe(outcome)}\n`;
    const isDone = outcome.code === reference.code;
    const counts = { faults: 1, outlived: isDone ? 1 : 0 };
    const failures = verdictOf(outcome).map(({ what }) => ({
      what: `${what} (${rule.call} ${rule.errno})`,
      detail: story,
    }));
    failures.push(...checkWhole(RUN_FOLDER, story), ...place.check(story));
    if (command.trains && isDone) {
      // A lock or a temporary file that cannot be removed stays.
      const wrong = checkSame(RUN_FOLDER, reference.files, story).filter(
        ({ what }) => !/ is left in /.test(what),
      );
      failures.push(
        ...wrong.map(({ what, detail }) => ({ what: `says that it is done, and ${what}`, detail })),
      );
    }
    if (failures.length > 0) return { counts, failures };

    const again = await runProgram(command.trains && place.isBegun ? RESUME : command.args, options);
    story += `then, with nothing that fails: ${describe(again)}`;
    if (again.code !== reference.code)
      return { counts, failures: failed('cannot be done afterwards', story) };
    failures.push(...verdictOf(again), ...place.check(story), ...place.checkLeft(story));
    if (command.trains) failures.push(...checkSame(RUN_FOLDER, reference.files, story));
    return { counts, failures };
  },
};

function surround(
  { before, trains }: Command,
  { scenario }: Reference,
  older: Reference,
  begun: ReadonlyMap<string, Buffer>,
): Surroundings {
  const isThere = before === 'interrupted' || before === 'done';
  const runs = { 'runs/y': older.files, ...(isThere && { [RUN_FOLDER]: begun }) };
  const mayChange = trains ? /^runs\/(x\/|\.discarded\.tmp-)/ : /^(out\/|runs\/compare-)/;
  return new Surroundings(scenario.yaml, runs, before === 'older' ? older : null, mayChange);
}

const recorded = new Map<string, readonly Call[]>();

/** The calls that a command makes; found out once in each lane. */
async function callsOf(
  name: string,
  { args }: Command,
  lay: () => Surroundings,
  shared: string,
): Promise<readonly Call[]> {
  const known = recorded.get(name);
  if (known) return known;
  const before = process.cwd();
  const cwd = join(shared, `faults-${name}`);
  mkdirSync(cwd);
  process.chdir(cwd);
  try {
    const faults = { record: join(cwd, 'calls') };
    const outcome = await runProgram(args, { cwd, env: lay().env, faults });
    if (outcome.code !== 0) throw new Error(`the reference fails: ${describe(outcome)}`);
    const calls = callsIn(faults.record);
    recorded.set(name, calls);
    return calls;
  } finally {
    process.chdir(before);
  }
}
