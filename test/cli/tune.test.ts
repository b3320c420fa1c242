import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compare, loadConfig, UsageError } from '../../src/index.js';
import { lossnet, workspace } from '../helpers/cli.js';

/** So small that starting a run takes longer than training it. */
const SMALL = `epochs: 3
seed: 5
dataset: { type: shapes, train_size: 300, eval_size: 60 }
loader: { batch_size: 16 }
model:
  - { type: flatten }
  - { type: linear, out_features: 10 }
optimizer: { type: sgd, lr: 0.02 }
`;
const CYCLE = `${SMALL}schedule: { type: one_cycle, max_lr: 0.1, cycle_momentum: false }\n`;
/** Of mean squares, so that large steps are lost after some epochs. */
const LOST = `epochs: 3
dataset: { type: shapes, train_size: 200, eval_size: 60 }
model:
  - { type: flatten }
  - { type: linear, out_features: 10 }
loss: { type: mse }
optimizer: { type: sgd, lr: 0.02 }
`;
const FILES = { 'lost.yaml': LOST, 'small.yaml': SMALL, 'cycle.yaml': CYCLE };
/** Three values each; where the best lies at an edge, more. */
const ARGS = [
  'compare',
  'sgd',
  'adam',
  '-c',
  'small.yaml',
  '--tune',
  'optimizer.lr=0.0005..0.005',
  '--name',
  'x',
  '--seeds',
  '2',
];
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

interface Trial {
  name: string;
  values: number[];
  why: string;
  status: string;
  epochs: number;
  figure_at_first_rung: number | null;
}
interface Tuning {
  rungs: number[];
  seed: number;
  final_seeds: number[];
  variants: { name: string; tuned: number[]; usual: number[]; cost: { trials: number }; trials: Trial[] }[];
  winner: { variant: string; patch: string[]; file: string };
}
const tuningOf = (text: string) => (JSON.parse(text) as { results: { tuning: Tuning } }).results.tuning;

/** All that does not tell how long it took. */
function bytesIn(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => /(metrics\.jsonl|(best|last)\.safetensors|best\.yaml)$/.test(path));
  return new Map(files.sort().map((path) => [relative(folder, path), readFileSync(path, 'latin1')]));
}

const reference = workspace(FILES);
const folder = join(reference, 'runs/compare-x');
let first: Awaited<ReturnType<typeof lossnet>>;
beforeAll(async () => {
  first = await lossnet(ARGS, { cwd: reference });
}, 120_000);

describe('lossnet compare --tune', () => {
  it('says what it will do, tunes each variant with as many trials, and compares the best', () => {
    expect([first.code, first.stderr]).toEqual([
      0,
      expect.stringContaining('rung 1 of 2: 6 trials to epoch 1'),
    ]);
    const plan = first.stderr.slice(0, first.stderr.indexOf('rung 1'));
    expect(plan.replace(/\s+/g, ' ')).toContain(
      'about a tenth of the training part is held out to choose by',
    );
    expect(plan).toMatch(/^trials {3}3 to epoch 1, 2 to epoch 3 each: the best third goes on/m);
    expect(plan).toMatch(/^then {5}2 whole runs each, with seeds 6, 7, which no trial has/m);
    expect(plan.replace(/\s+/g, ' ')).toMatch(/up to \d+ epochs more where a grid grows/);
    expect(first.stdout.replace(/\s+/g, ' ')).toMatch(/were chosen by eval accuracy of \d+ images/);
    expect(plan).toMatch(/^time {5}about .+ in all, as a short trial tells$/m);
    expect(first.stderr).toMatch(/^\S+ +at its rung {2}\(about .+ left\)$/m);
    expect(first.stderr.replace(/\s+/g, ' ')).toMatch(
      /at the edge of (its|their) grids?, which grows?: one more trial for each variant \(/,
    );

    expect(first.stdout).toContain('eval accuracy in % after 1 epoch by lr');
    expect(first.stdout).toContain('✱ tuned   + without tuning');
    expect(first.stdout).toMatch(/^1 {2}(sgd|adam) +[\d.]+ +\d+\.\d\d ± \d+\.\d\d % /m);
    expect(first.stdout).toMatch(/^variant( +steps +epochs +time)? +trials +diverged/m);
    expect(first.stdout).toMatch(/(Use (sgd|adam) with optimizer\.lr=[\d.]+: it ends best|None has learnt)/);
    const lines = first.stdout.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('records all trials, chosen by the validation part, and trains with other seeds', () => {
    const tuning = tuningOf(read(folder, 'compare.json'));
    expect(tuning).toMatchObject({ rungs: [1, 3], seed: 5, final_seeds: [6, 7] });
    const [sgd, adam] = tuning.variants;
    expect(sgd!.cost.trials).toBe(adam!.cost.trials);
    expect(sgd!.trials.slice(0, 3).map(({ values }) => values[0])).toEqual([0.0005, 0.00158, 0.005]);
    expect(tuning.variants.flatMap(({ trials }) => trials).some(({ why }) => why === 'beyond')).toBe(true);
    expect(sgd!.trials.filter(({ status }) => status === 'held').every(({ epochs }) => epochs === 1)).toBe(
      true,
    );
    const run = loadConfig({ file: join(folder, 'sgd-s6/config.yaml') }).yaml;
    expect(run).toMatchObject({
      seed: 6,
      dataset: { split: { val: 0.1 } },
      optimizer: { lr: sgd!.tuned[0] },
    });
    const trial = loadConfig({ file: join(folder, 'trials', sgd!.trials[0]!.name, 'config.yaml') }).yaml;
    expect(trial).toMatchObject({ seed: 5, epochs: 3, dataset: { split: { val: 0.1 } } });
    const report = read(folder, 'report.html');
    expect(report).toContain('<h2 id="tuning-title">Tuning</h2>');
    expect(report).toContain('Eval accuracy after 1 epoch by optimizer.lr');
  });

  it('writes the winner as a patch and as a configuration that trains', () => {
    const { winner } = tuningOf(read(folder, 'compare.json'));
    expect(winner.file).toBe('runs/compare-x/best.yaml');
    const config = loadConfig({ file: join(reference, winner.file) }).yaml;
    expect(config).toMatchObject({ name: `${winner.variant}-tuned`, runs_dir: 'runs', epochs: 3, seed: 5 });
    expect(winner.patch).toEqual([`optimizer: { type: ${winner.variant}, lr: ${config.optimizer.lr} }`]);
    expect(first.stdout).toContain(winner.patch[0]);
    expect(first.stdout).toContain(winner.file);
  });

  it('goes on where Ctrl-C has stopped it, to the same bytes, however many run at a time', async () => {
    const cwd = workspace(FILES);
    const args = [...ARGS, '--jobs', '1'];
    const stopped = await lossnet(args, {
      cwd,
      onStart(child) {
        let isStopped = false;
        child.stderr!.on('data', (chunk) => {
          if (isStopped || !String(chunk).includes('rung 2')) return;
          isStopped = true;
          child.kill('SIGINT');
        });
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(/^6 of 6 trials done; the same command again continues the rest$/m);
    const json = await lossnet([...args, '--json'], { cwd });
    expect([json.code, tuningOf(json.stdout).winner]).toEqual([
      0,
      tuningOf(read(folder, 'compare.json')).winner,
    ]);
    expect(bytesIn(join(cwd, 'runs/compare-x'))).toEqual(bytesIn(folder));

    // All of it is there: nothing is trained again.
    const md = await lossnet([...args, '--md'], { cwd });
    expect(md.stdout).toContain('#### Tuning');
    expect(md.stdout).toMatch(/^\| (sgd|adam) \| .* \|$/m);
    expect(md.stderr).toBe('');
  }, 120_000);
});

describe('a trial that is lost after its first rung', () => {
  const args = [
    'compare',
    'sgd',
    '-c',
    'lost.yaml',
    '--tune',
    'lr=1,2,3,5',
    '--seeds',
    '1',
    '-n',
    'l',
    '-j',
    '2',
  ];
  const lastOf = (cwd: string) => tuningOf(read(cwd, 'runs/compare-l/compare.json')).variants[0]!.trials;
  const facts = (trials: Trial[]) => trials.map(({ name, status, epochs }) => [name, status, epochs]);

  it('leaves the record of a finished comparison as it is, and what goes on after Ctrl-C', async () => {
    const [whole, cut] = [workspace(FILES), workspace(FILES)];
    const all = await lossnet(args, { cwd: whole });
    const trials = lastOf(whole);
    expect(trials.map(({ status }) => status)).toContain('diverged');
    expect(trials.map((trial) => trial.figure_at_first_rung)).not.toContain(null);
    const before = read(whole, 'runs/compare-l/compare.json');
    const again = await lossnet(args, { cwd: whole });
    expect([again.code, again.stderr.includes('rung')]).toEqual([all.code, false]);
    expect(read(whole, 'runs/compare-l/compare.json')).toBe(before);

    const stopped = await lossnet(args, {
      cwd: cut,
      onStart(child) {
        let isStopped = false;
        child.stderr!.on('data', (chunk) => {
          if (isStopped || !String(chunk).includes('diverged')) return;
          isStopped = true;
          child.kill('SIGINT');
        });
      },
    });
    expect(stopped.code).toBe(130);
    await lossnet(args, { cwd: cut });
    expect(facts(lastOf(cut))).toEqual(facts(trials));
  }, 120_000);
});

describe('a grid that --max-runs keeps from growing', () => {
  it('says so, and the verdict advises a wider range', async () => {
    const cwd = workspace(FILES);
    const tune = ['--tune', 'optimizer.lr=1e-6..1e-5', '--max-runs', '4', '--seeds', '1', '-n', 'm'];
    const { code, stdout, stderr } = await lossnet(['compare', 'small.yaml', ...tune], { cwd });
    expect(code).toBe(0);
    const said = stderr.replace(/\s+/g, ' ');
    // Ten epochs of twelve: two more are one trial, and what it may cost to go on with it.
    expect(said).toContain(
      '10 epochs in all, as many as 4 whole runs; up to 2 epochs more where a grid grows',
    );
    expect(said.match(/at the edge of its grid, which grows: one more trial/g)).toHaveLength(2);
    expect(said).toContain(
      'the best of small lies at the edge of its grid, which grows no further: that could take longer than --max-runs allows',
    );
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      "The best of small lies at the edge of what was tried: there may be a better one beyond. Try a wider range, such as --tune 'optimizer.lr=0.000001..0.01'.",
    );
    expect(stdout).toMatch(/^None has learnt/m);
    expect(stdout).not.toContain('fastest');
    const [only] = tuningOf(read(cwd, 'runs/compare-m/compare.json')).variants;
    expect(only!.trials.map(({ values, why }) => [values[0], why])).toEqual([
      [1e-6, 'grid'],
      [3.16e-6, 'grid'],
      [1e-5, 'grid'],
      [3.16e-5, 'beyond'],
      [1e-4, 'beyond'],
    ]);
  }, 60_000);
});

describe('a layer that is tuned', () => {
  it('is written as people write layers, in lines that a terminal has room for', async () => {
    const cwd = workspace(FILES);
    const tune = ['--tune', 'model.1.p=0.1,0.5', 'epochs=1', '--seeds', '1', '-n', 'd'];
    const dropout = SMALL.replace('  - { type: linear', '  - { type: dropout, p: 0.2 }\n  - { type: linear');
    writeFileSync(join(cwd, 'dropout.yaml'), dropout);
    const { code, stdout } = await lossnet(['compare', 'dropout.yaml', ...tune], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /\n {2}model:\n {4}- \{ type: flatten \}\n {4}- \{ type: dropout, p: 0\.[15] \}\n {4}- \{ type: linear, out_features: 10 \}\n/,
    );
  }, 60_000);
});

describe('what cannot be tuned', () => {
  const refused = async (what: string[], tune: string[], options: Parameters<typeof compare>[1] = {}) => {
    const cwd = process.cwd();
    process.chdir(reference);
    try {
      await compare(what, { ...options, tune });
    } catch (error) {
      if ('problems' in (error as object)) {
        const { problems } = error as { problems: { message: string; help: string[] }[] };
        return problems.map(({ message, help }) => [message, ...help].join('; ')).join('\n');
      }
      if (error instanceof UsageError) return [error.message, error.remedy].join(' ');
      throw error;
    } finally {
      process.chdir(cwd);
    }
    throw new Error('nothing is wrong');
  };
  const small = { config: 'small.yaml' };

  it.each([
    ['an unknown key', ['small.yaml'], ['optimizer.lrr'], 'did you mean `optimizer.lr`?'],
    ['a key that only one has', ['sgd', 'adam'], ['optimizer.momentum'], 'variant adam: there is no key'],
    ['the same by two names', ['small.yaml'], ['lr,optimizer.lr'], 'optimizer.lr is the same as lr'],
    ['no number', ['small.yaml'], ['loss.type'], 'loss.type is no number but `cross_entropy`'],
    ['a block', ['small.yaml'], ['loss'], 'loss is no number but a block'],
    [
      'a value that is not allowed',
      ['small.yaml'],
      ['optimizer.lr=0.1,-1'],
      'expected number ≥ 0; received -1',
    ],
    [
      'nothing to go around',
      ['small.yaml'],
      ['clip_grad_norm'],
      'clip_grad_norm is null, and there is no range',
    ],
    ['what the schedule sets', ['cycle.yaml'], ['optimizer.lr'], 'tune schedule.max_lr, or write --tune lr'],
    ['what varies already', ['optimizer.lr=0.1,0.2'], ['lr'], 'would have a variant for each value'],
    ['runs that are trained', ['runs/compare-x/sgd-s6'], ['lr'], 'these runs are trained already'],
    [
      'a whole number without values',
      ['small.yaml'],
      ['model.1.out_features'],
      'model.1.out_features=5,10,20',
    ],
    ['other samples', ['small.yaml', 'unlike.yaml'], ['lr'], 'not evaluated on the same samples'],
    ['a loss by its value', ['small.yaml'], ['loss.label_smoothing'], '--by eval_accuracy', 'eval_loss'],
    ['an end by the clock', ['small.yaml', 'max_time=60'], ['lr'], 'Set max_time=null'],
    ['other lengths', ['small.yaml', 'long.yaml'], ['lr'], 'differ in epochs or evaluation.every'],
  ])('%s', async (_, what, tune, text, by?: string) => {
    writeFileSync(join(reference, 'long.yaml'), SMALL.replace('epochs: 3', 'epochs: 4'));
    const unlike = SMALL.replace('eval_size: 60', 'eval_size: 60, split: { val: 0.3 }');
    writeFileSync(join(reference, 'unlike.yaml'), unlike);
    const isPreset = what.every((name) => !name.includes('.') || name.includes('='));
    const options = { ...(isPreset ? small : {}), ...(by === undefined ? {} : { by: by as 'eval_loss' }) };
    expect(await refused(what, tune, options)).toContain(text);
  });

  it.each([
    ['a part of it', { shard: '1/2' }, 'decided by the figures of all of them'],
    ['parts of one', { merge: ['x'] }, '--merge joins parts'],
    ['a figure of training', { by: 'train_loss' }, 'of the training part'],
    [
      'too much of it',
      { maxRuns: 5 },
      'This would train as long as 11 whole runs (2 variants, 3 trials each',
    ],
    ['in the folder of another', { name: 'x' }, 'holds a comparison of something else'],
  ] as const)('%s', async (_, options, text) => {
    const tune = ['optimizer.lr=0.001..0.01'];
    const merged = 'merge' in options ? { ...options, merge: [...options.merge] } : options;
    expect(await refused(['sgd', 'adam'], tune, { ...small, ...merged })).toContain(text);
  });

  it('where nothing is evaluated', async () => {
    const what = ['small.yaml', 'evaluation.every=0', 'checkpoint.monitor=train_loss'];
    expect(await refused(what, ['lr'])).toContain('is never evaluated (evaluation.every: 0)');
    expect(existsSync(join(reference, 'runs/compare-small-tuned'))).toBe(false);
  });
});
