import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSame, generic } from '../checks.js';
import { changes, contentsOf } from '../files.js';
import { describe, verdictOf } from '../judge.js';
import { mutateSafetensors } from '../mutate/safetensors.js';
import { runMain, runProgram } from '../program.js';
import { layOut, RUN_FOLDER, referenceOf } from '../references.js';
import { SCENARIOS } from '../scenarios.js';
import { interrupted } from '../templates.js';
import { type Failure, failed, type Kind, type Trial, type TrialContext } from '../trial.js';

/** One in so many goes through the real program. */
const REAL = 60;

/** What reads a checkpoint of weights alone. */
const READERS: readonly ((file: string) => string[])[] = [
  (file) => ['export', RUN_FOLDER, '-o', 'exported', '--weights', file.includes('last') ? 'last' : 'best'],
  () => ['report', RUN_FOLDER, '-o', 'report.html'],
  (file) => ['train', 'x.yaml', '-n', 'other', '--dry-run', `init.from=${file}`],
  () => ['validate', 'from.yaml'],
];

/** Mutated checkpoints: refused with words, or what comes of them is right. */
export const checkpoints: Kind = {
  name: 'checkpoints',
  title: 'mutates checkpoints, then resumes, exports, reports and starts from them',
  share: 2,
  slice: 30,
  patienceSeconds: 200,
  async trial({ random, folder, shared }: TrialContext): Promise<Trial> {
    const scenario = random.pick(SCENARIOS);
    const reference = await referenceOf(scenario, shared);
    const files = await interrupted(scenario, shared);
    layOut(files, RUN_FOLDER);
    writeFileSync('x.yaml', scenario.yaml);
    const names = ['resume', 'resume', 'last', 'best'].map((name) => `checkpoints/${name}.safetensors`);
    const name = random.pick(names.filter((path) => files.has(path)));
    const mutated = mutateSafetensors(files.get(name)!, random);
    const path = `${RUN_FOLDER}/${name}`;
    writeFileSync(path, mutated);
    writeFileSync('from.yaml', `${scenario.yaml}init: { from: ${path} }\n`);
    const isResumed = name.includes('resume');
    const args = isResumed ? ['train', RUN_FOLDER, '--resume', '-q'] : random.pick(READERS)(path);
    const before = contentsOf(RUN_FOLDER);
    const outcome = random.chance(1 / REAL) ? await runProgram(args, { cwd: folder }) : await runMain(args);
    const failures = verdictOf(outcome, { input: mutated.toString('latin1') });
    const isAccepted = outcome.code === reference.code;
    const story = describe(outcome);
    if (isResumed && isAccepted) {
      // A checkpoint that is the same, or differs where nothing is said, is none that was damaged.
      const wrong = checkSame(join(folder, RUN_FOLDER), reference.files, story);
      if (wrong.length > 0)
        failures.push(...failed('continues from a damaged checkpoint, to another end', story));
    } else if (!(isResumed && outcome.code === 3)) failures.push(...unchanged(before, story));
    rmSync('exported', { recursive: true, force: true });
    return { counts: { mutations: 1, accepted: isAccepted ? 1 : 0 }, failures };
  },
};

/** What was refused, or only read, is as it was. */
function unchanged(before: ReadonlyMap<string, Buffer>, story: string): Failure[] {
  const wrong = changes(before, contentsOf(RUN_FOLDER));
  return wrong.map((what) => ({
    what: `of a run that was refused or only read, ${generic(what)}`,
    detail: story,
  }));
}
