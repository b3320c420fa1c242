import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import { configToYaml, loadConfig } from '../built.js';
import { describe, verdictOf } from '../judge.js';
import { damage } from '../mutate/bytes.js';
import { mutateText } from '../mutate/text.js';
import { mutateData, placesIn, STRANGE_TEXTS, strangeValue } from '../mutate/values.js';
import { PATHS } from '../paths.js';
import { type Outcome, runMain, runProgram } from '../program.js';
import type { Random } from '../random.js';
import { SCENARIOS } from '../scenarios.js';
import type { Failure, Kind, Trial, TrialContext } from '../trial.js';

const FILE = 'config.yaml';
/** One in so many goes through the real program, whose start takes a hundred times as long. */
const REAL = 400;
/** One in so many that is accepted also makes a step. */
const STEPS = 20;

const TEXTS = [
  ...readdirSync(PATHS.configs)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(join(PATHS.configs, name), 'utf8')),
  ...SCENARIOS.map(({ yaml }) => yaml),
];

/** Mutated configurations, overrides and environment variables: refused with words, or accepted for good. */
export const configs: Kind = {
  name: 'configs',
  title: 'mutates configurations, overrides and environment variables',
  share: 5,
  slice: 500,
  patienceSeconds: 150,
  async trial({ random, folder }: TrialContext): Promise<Trial> {
    const base = random.pick(TEXTS);
    const given = mutated(base, random);
    writeFileSync(FILE, given.bytes);
    const args = given.overrides.length
      ? ['train', FILE, ...given.overrides, '--print-config']
      : ['validate', FILE];
    const outcome = random.chance(1 / REAL)
      ? await runProgram(args, { cwd: folder, env: given.env })
      : await runMain(args, given.env);
    const input = [given.bytes.toString(), ...given.overrides, JSON.stringify(given.env)].join('\n');
    const failures = verdictOf(outcome, { input });
    if (outcome.code === 0) failures.push(...(await checkAccepted(outcome, given, input, random)));
    return { counts: { mutations: 1, accepted: outcome.code === 0 ? 1 : 0 }, failures };
  },
};

interface Given {
  readonly bytes: Buffer;
  readonly overrides: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Changes the text, the data, the bytes, what is typed or what is set around it. */
function mutated(base: string, random: Random): Given {
  const whole = Buffer.from(base);
  const nothing = { bytes: whole, overrides: [], env: {} };
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2: {
      let data: unknown = parse(base);
      for (let more = true; more; more = random.chance(0.2)) data = mutateData(data, random);
      return { ...nothing, bytes: Buffer.from(stringify(data)) };
    }
    case 3:
    case 4:
      return { ...nothing, bytes: Buffer.from(mutateText(base, random)) };
    case 5:
      return { ...nothing, bytes: damage(whole, random) };
    case 6: {
      const count = random.between(1, 3);
      return { ...nothing, overrides: Array.from({ length: count }, () => override(base, random)) };
    }
    default: {
      const name = pathIn(base, random).toUpperCase().replaceAll('.', '__');
      const variable = random.chance(0.2) ? mutateText(name, random) : name;
      // What no environment can hold, no program is given.
      const [key, value] = [`LOSSNET_${variable}`, textOf(random)].map((text) => text.replaceAll('\0', ''));
      return { ...nothing, env: { [key!.replaceAll('=', '')]: value! } };
    }
  }
}

/** The dotted path of some value of a configuration. */
function pathIn(base: string, random: Random): string {
  const data = parse(base) as Record<string, unknown>;
  const block = random.pick(Object.keys(data));
  const inner = placesIn(data[block]);
  return inner.length === 0 || random.chance(0.3) ? block : `${block}.${random.pick(inner).key}`;
}

function override(base: string, random: Random): string {
  const assignment = `${pathIn(base, random)}=${textOf(random)}`;
  return (random.chance(0.2) ? mutateText(assignment, random) : assignment).replaceAll('\0', '');
}

function textOf(random: Random): string {
  if (random.chance(0.3)) return random.pick(STRANGE_TEXTS);
  const value = strangeValue(random);
  return random.chance(0.5) ? String(JSON.stringify(value)) : stringify(value).trimEnd();
}

/** What is accepted means the same when it is written down and read again, and can be trained. */
async function checkAccepted(
  outcome: Outcome,
  { overrides, env }: Given,
  input: string,
  random: Random,
): Promise<Failure[]> {
  const { yaml } = loadConfig({ file: FILE, overrides, env });
  writeFileSync('again.yaml', configToYaml(yaml));
  const again = loadConfig({ file: 'again.yaml' }).yaml;
  if (!isDeepStrictEqual(again, yaml)) {
    return [{ what: 'means something else when it is written down', detail: describe(outcome) }];
  }
  const parameters = /([\d,]+) parameters/g;
  const sizes = [...outcome.stdout.matchAll(parameters)].map(([, size]) => Number(size!.replaceAll(',', '')));
  const isSmall = sizes.length > 0 && Math.max(...sizes) < 20_000 && yaml.loader.batch_size <= 64;
  if (!isSmall || yaml.dataset.type !== 'shapes' || !random.chance(1 / STEPS)) return [];
  const small = ['dataset.train_size=64', 'dataset.eval_size=16', 'accumulate=1', 'threads=auto'];
  return verdictOf(await runMain(['train', 'again.yaml', '--dry-run', ...small], env), { input });
}
