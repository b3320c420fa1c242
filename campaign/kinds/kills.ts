import { checkSame, checkWhole, savedStep } from '../checks.js';
import { describe, verdictOf } from '../judge.js';
import { countKill, runKilled } from '../kill.js';
import { runProgram } from '../program.js';
import { RUN, RUN_FOLDER, referenceOf } from '../references.js';
import { SCENARIOS } from '../scenarios.js';
import { Surroundings } from '../surroundings.js';
import { type Failure, failed, type Kind, type Trial, type TrialContext } from '../trial.js';

/** So often it is killed at most, before it is left alone. */
const MOST_LIVES = 4;
/** The run itself, and what --force has renamed and not removed yet. */
const MAY_CHANGE = /^runs\/(x\/|\.discarded\.tmp-)/;

/** Trainings killed at any moment, and resumed: the bytes of one that was left alone. */
export const kills: Kind = {
  name: 'kills',
  title: 'kills trainings and resumes them: the bytes of a training that was left alone',
  share: 8,
  slice: 6,
  patienceSeconds: 900,
  async trial({ random, folder, shared }: TrialContext): Promise<Trial> {
    const scenario = random.pick(SCENARIOS);
    const { code, files, seconds, calls } = await referenceOf(scenario, shared);
    const others = SCENARIOS.filter((other) => other !== scenario);
    const older = random.chance(0.2) ? await referenceOf(random.pick(others), shared) : null;
    const place = new Surroundings(scenario.yaml, {}, older, MAY_CHANGE);
    const options = { cwd: folder, env: place.env };
    const shown = random.pick([['-q'], ['--json'], []]);
    const command = (): string[] =>
      place.isBegun
        ? ['train', RUN_FOLDER, '--resume', ...shown]
        : ['train', 'x.yaml', '-n', RUN, ...shown, ...(older ? ['--force'] : [])];
    const counts: Record<string, number> = { kills: 0 };
    const failures: Failure[] = [];
    let story = '';
    for (let lives = random.between(1, MOST_LIVES); lives > 0; lives--) {
      const saved = place.isBegun ? savedStep(RUN_FOLDER) : -1;
      const killed = await runKilled(command(), { ...options, seconds, calls }, random);
      const { outcome, signal, isRight } = killed;
      countKill(counts, killed);
      story += `${killed.story}\n`;
      const isDone = outcome.code === code;
      if (!isRight && !isDone)
        failures.push(...failed(`fails when it is killed by ${signal}`, story + describe(outcome)));
      failures.push(...killed.failures, ...checkWhole(RUN_FOLDER, story), ...place.check(story));
      if (failures.length > 0) return { counts, failures };
      if (place.isBegun && savedStep(RUN_FOLDER) < saved)
        return { counts, failures: failed('loses steps that were saved', story) };
      if (isDone) break;
    }
    const last = await runProgram(command(), options);
    story += `${last.command}\n`;
    if (last.code !== code)
      return { counts, failures: failed('cannot be ended after it was killed', story + describe(last)) };
    failures.push(...verdictOf(last), ...checkSame(RUN_FOLDER, files, story));
    failures.push(...place.check(story), ...place.checkLeft(story));
    return { counts, failures };
  },
};
