import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generic } from '../checks.js';
import { changes, contentsOf } from '../files.js';
import { describe, verdictOf, wordsOf } from '../judge.js';
import { damage } from '../mutate/bytes.js';
import { mutateText } from '../mutate/text.js';
import { mutateData } from '../mutate/values.js';
import { type Outcome, runMain, runProgram } from '../program.js';
import type { Random } from '../random.js';
import { layOut, type Reference, RUN_FOLDER, referenceOf } from '../references.js';
import { SCENARIOS } from '../scenarios.js';
import { interrupted } from '../templates.js';
import { type Failure, failed, type Kind, type Trial, type TrialContext } from '../trial.js';

/** One in so many goes through the real program. */
const REAL = 60;
const COMPARISON = 'runs/compare-c';
const LOCK = `${JSON.stringify({ pid: 2 ** 22 - 1, host: 'elsewhere', id: 'a' })}\n`;

const TARGETS = [
  'metrics.jsonl',
  'metrics.jsonl',
  'timings.jsonl',
  'summary.json',
  'config.yaml',
  '.lock',
] as const;

const RESUME = ['train', RUN_FOLDER, '--resume', '-q'];
/** What only reads a run. */
const READERS = [
  ['report', RUN_FOLDER, '--no-predictions', '-o', 'report.html'],
  ['report', 'runs', '--no-predictions', '-o', 'report.html'],
  ['compare', RUN_FOLDER, 'runs/y', '--json'],
  ['compare', RUN_FOLDER, 'runs/y'],
  ['export', RUN_FOLDER, '-o', 'exported'],
  ['train', 'x.yaml', '-n', 'x', '-q'],
  ['train', RUN_FOLDER, '--print-config'],
  ['validate', `${RUN_FOLDER}/config.yaml`],
];

/** Mutated records of runs and comparisons: refused with words, or passed over where they tell nothing. */
export const records: Kind = {
  name: 'records',
  title: 'mutates all else that runs and comparisons keep, then does the same',
  share: 2,
  slice: 30,
  patienceSeconds: 240,
  async trial({ random, folder, shared }: TrialContext): Promise<Trial> {
    const [scenario, other] = [random.pick(SCENARIOS), SCENARIOS[0]!];
    const reference = await referenceOf(scenario, shared);
    layOut(random.chance(0.5) ? reference.files : await interrupted(scenario, shared), RUN_FOLDER);
    layOut((await referenceOf(other, shared)).files, 'runs/y');
    writeFileSync('x.yaml', scenario.yaml);
    if (random.chance(0.15)) return await ofComparison(random, folder);
    const target = join(RUN_FOLDER, random.pick(TARGETS));
    if (target.endsWith('.lock')) writeFileSync(target, LOCK);
    const input = disturb(target, random);
    const args = random.chance(0.4) ? RESUME : random.pick(READERS);
    const before = contentsOf('runs');
    const outcome = random.chance(1 / REAL) ? await runProgram(args, { cwd: folder }) : await runMain(args);
    const failures = verdictOf(outcome, { input });
    const isDone = outcome.code === 0 || outcome.code === 3;
    if (args === RESUME && isDone) failures.push(...checkRecords(reference, outcome));
    else failures.push(...unchanged(before, outcome));
    return {
      counts: { mutations: 1, accepted: isDone ? 1 : 0 },
      failures: [...failures, ...checkReport(input, outcome)],
    };
  },
};

/** Changes a file, or puts something else in its place. @returns what texts may quote of it */
function disturb(file: string, random: Random): string {
  if (!existsSync(file) || random.chance(0.08)) {
    rmSync(file, { force: true });
    random.pick([
      () => mkdirSync(file),
      () => symlinkSync('nowhere', file),
      () => symlinkSync(file.slice(file.lastIndexOf('/') + 1), file),
      () => symlinkSync('/dev/null', file),
      () => {},
    ])();
    return '';
  }
  const bytes = readFileSync(file);
  const mutated = random.pick([damage, inText, inData])(bytes, random);
  writeFileSync(file, mutated);
  return `${mutated.toString('latin1')}${mutated.toString()}`;
}

const inText = (bytes: Buffer, random: Random): Buffer => Buffer.from(mutateText(bytes.toString(), random));

/** Changes one value of one line. */
function inData(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString();
  try {
    return Buffer.from(`${JSON.stringify(mutateData(JSON.parse(text) as object, random), null, 2)}\n`);
  } catch {
    const lines = text.split('\n').slice(0, -1);
    const at = random.below(lines.length);
    try {
      lines[at] = JSON.stringify(mutateData(JSON.parse(lines[at]!) as object, random));
    } catch {
      return inText(bytes, random);
    }
    return Buffer.from(`${lines.join('\n')}\n`);
  }
}

/**
 * A run that says that it is done has a record of its start and of every epoch, or says what it lacks. Which steps it had on
 * record is for `log_every` to say, which may change.
 */
function checkRecords({ files }: Reference, outcome: Outcome): Failure[] {
  const file = join(RUN_FOLDER, 'metrics.jsonl');
  const found = existsSync(file) ? positionsIn(readFileSync(file)) : new Set<string>();
  const lacking = [...positionsIn(files.get('metrics.jsonl')!)].filter((position) => !found.has(position));
  if (lacking.length === 0 || outcome.stderr.includes(file)) return [];
  return failed('lacks records without a word', `${lacking.join(' ')}\n${describe(outcome)}`);
}

function positionsIn(bytes: Buffer): Set<string> {
  const lines = bytes.toString().trimEnd().split('\n');
  const positions = lines.flatMap((line) => {
    try {
      const { type, epoch, step } = JSON.parse(line) as Record<string, unknown>;
      return type === 'step' || type === 'layers' ? [] : [JSON.stringify([type, epoch, step])];
    } catch {
      return [];
    }
  });
  return new Set(positions);
}

/** What was refused, or only read, is as it was; what is new stands beside it. */
function unchanged(before: ReadonlyMap<string, Buffer>, outcome: Outcome): Failure[] {
  const wrong = changes(before, contentsOf('runs')).filter(
    (change) => !/^compare-(?!c\/).* is new$/.test(change),
  );
  return wrong.map((what) => ({
    what: `of a run that was refused or only read, ${generic(what)}`,
    detail: describe(outcome),
  }));
}

/** What a report says to people holds no careless words either. */
function checkReport(input: string, outcome: Outcome): Failure[] {
  if (!existsSync('report.html')) return [];
  const html = readFileSync('report.html', 'utf8').replace(/<(script|style)[\s\S]*?<\/\1>/g, '');
  const text = html.replace(/<[^>]*>/g, ' ').replace(/[\t\r]/g, ' ');
  return wordsOf(text, input).map((what) => ({ what: `the report ${what}`, detail: describe(outcome) }));
}

/** The same for what a comparison keeps of itself. */
async function ofComparison(random: Random, folder: string): Promise<Trial> {
  for (const run of ['x', 'y']) cpSync(`runs/${run}`, join(COMPARISON, run), { recursive: true });
  const content = {
    type: 'comparison',
    lossnet: '0.1.0',
    sha256: 'a'.repeat(64),
    threads: null,
    results: null,
  };
  const variants = ['x', 'y'].map((run) => ({ name: run, config: 'x.yaml', runs: [run] }));
  writeFileSync(join(COMPARISON, 'compare.json'), JSON.stringify({ ...content, variants }, null, 2));
  const input = disturb(join(COMPARISON, 'compare.json'), random);
  const args = random.pick([
    ['report', COMPARISON, '--no-predictions', '-o', 'report.html'],
    ['report', 'runs', '--no-predictions', '-o', 'report.html'],
    ['compare', 'sgd', 'adam', '-c', 'x.yaml', '-n', 'c', '-q'],
  ]);
  const before = contentsOf('runs');
  const outcome = random.chance(1 / REAL) ? await runProgram(args, { cwd: folder }) : await runMain(args);
  const failures = [...verdictOf(outcome, { input }), ...checkReport(input, outcome)];
  return { counts: { mutations: 1 }, failures: [...failures, ...unchanged(before, outcome)] };
}
