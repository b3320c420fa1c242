/**
 * Runs tests as other CPUs would: with TensorFlow's kernels held to other instructions, or without oneDNN, and on other
 * numbers of threads.
 *
 *     npm run test:cpus                                     numerical tests, every setting
 *     npm run test:cpus -- --only avx2,threads-1            these settings alone
 *     npm run test:cpus -- --short                          without the longest, the trajectories on CIFAR-10
 *     npm run test:cpus -- test/cli test/configs            other tests: vitest's filters
 *
 * Says for each setting how much of its tolerance the test nearest to it used. Exit code 1 when a test fails anywhere, 2
 * when it was called wrongly.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = new URL('..', import.meta.url).pathname;

const threads = (count) => ({ TF_NUM_INTRAOP_THREADS: `${count}`, TF_NUM_INTEROP_THREADS: `${count}` });

const SETTINGS = {
  'as-it-is': {},
  avx2: { ONEDNN_MAX_CPU_ISA: 'AVX2' },
  avx512: { ONEDNN_MAX_CPU_ISA: 'AVX512_CORE' },
  'no-onednn': { TF_ENABLE_ONEDNN_OPTS: '0' },
  'threads-1': threads(1),
  'threads-2': threads(2),
  'threads-4': threads(4),
};

/** What computes: all of training but fetching data and providing TensorFlow. */
const NUMERICAL = [
  'test/train',
  '--exclude',
  'test/train/data/**',
  '--exclude',
  'test/train/backend/native/**',
];

/** Half of the time. What they compute, shorter trajectories on fewer images do too: whole-runs.test.ts. */
const LONG = ['--exclude', 'test/train/golden.test.ts'];

const say = (line) => process.stdout.write(`${line}\n`);

function wrong(message) {
  process.stderr.write(`${message}\nSettings: ${Object.keys(SETTINGS).join(', ')}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: { only: { type: 'string' }, short: { type: 'boolean' } },
      allowPositionals: true,
    });
    const names = values.only?.split(',') ?? Object.keys(SETTINGS);
    const unknown = names.filter((name) => !(name in SETTINGS));
    if (unknown.length > 0) wrong(`There is no setting ${unknown.join(', ')}.`);
    const tests = positionals.length > 0 ? positionals : NUMERICAL;
    return { names, tests: values.short ? [...tests, ...LONG] : tests };
  } catch (error) {
    return wrong(error.message);
  }
}

/** Runs the tests under a setting; what is set outside of it stays out of the way. */
function run(name, tests, folder) {
  const env = { ...process.env };
  for (const each of Object.values(SETTINGS)) for (const variable of Object.keys(each)) delete env[variable];
  const margins = join(folder, name);
  Object.assign(env, SETTINGS[name], { TEST_MARGINS: margins });
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...tests], {
    cwd: ROOT,
    env,
    stdio: 'inherit',
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  return { name, passed: status === 0, seconds, nearest: nearest(margins) };
}

/** The test that used most of a tolerance. */
function nearest(file) {
  if (!existsSync(file)) return 'no tolerances';
  const records = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  // JSON has no NaN and no infinity: null is worse than any number.
  const used = ({ share }) => share ?? Number.POSITIVE_INFINITY;
  const worst = records.reduce((most, record) => (used(record) > used(most) ? record : most));
  return `${used(worst).toFixed(2)} of a tolerance used by ${relative(ROOT, worst.file)}: ${worst.test}`;
}

const { names, tests } = readArguments();
const folder = mkdtempSync(join(tmpdir(), 'lossnet-margins-'));
const results = names.map((name) => {
  say(`\n== ${name} ${JSON.stringify(SETTINGS[name])}`);
  return run(name, tests, folder);
});
rmSync(folder, { recursive: true });
say('');
for (const { name, passed, seconds, nearest: text } of results)
  say(`${passed ? 'passed' : 'FAILED'}  ${name.padEnd(10)} ${`${seconds} s`.padStart(7)}  ${text}`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
