import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tagOf, thisProcess } from '../../src/base/process.js';
import { lossnet, TINY, workspace } from '../helpers/cli.js';

const TWO = ['compare', 'sgd', 'adam', '--config', 'tiny.yaml'];
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
const comparisonIn = (cwd: string) => {
  const [folder] = readdirSync(join(cwd, 'runs'));
  return join(cwd, 'runs', folder!);
};

interface Results {
  sha256: string;
  threads: { intra_op: number };
  results: {
    fairness: { seeds: { init_sha256: string }[]; same_weights: boolean; same_batches: boolean };
    verdict: string[];
    variants: { name: string; status: string; rank: number | null; verdict: string[] }[];
    expect: { gate: string; passed: boolean }[];
  };
}

const reference = workspace();
let first: Awaited<ReturnType<typeof lossnet>>;
beforeAll(async () => {
  first = await lossnet([...TWO, '--expect', 'adam.eval_loss<=100'], { cwd: reference });
}, 60_000);

describe('lossnet compare', () => {
  it('trains presets from the same weights on the same batches, and says which is best', () => {
    expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('variants sgd, adam')]);
    expect(first.stderr.match(/^(sgd |adam) {2}epoch [123] {2}train loss/gm)).toHaveLength(6);
    expect(first.stdout).toContain('eval loss by epoch');
    expect(first.stdout).toMatch(/^1 {2}(sgd|adam) /m);
    expect(first.stdout).toMatch(/^fair: all variants have the same first weights \([0-9a-f]{8}\)/m);
    expect(first.stdout).toMatch(/^None has learnt: (sgd|adam) is first with eval accuracy \d+\.\d\d %/m);
    expect(first.stdout).toContain('a fast start with little');
    expect(first.stdout).toMatch(/^passed {2}adam\.eval_loss<=100/m);
    expect(first.stdout).not.toContain('\u001b');
    expect(Math.max(...first.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('keeps an ordinary run folder for each, and what was asked and found', () => {
    const folder = comparisonIn(reference);
    expect(folder).toMatch(/runs\/compare-sgd-adam-[0-9a-f]{8}$/);
    expect(readdirSync(folder).sort()).toEqual([
      'adam',
      'compare.json',
      'report.html',
      'report.png',
      'report.svg',
      'sgd',
    ]);
    const { results, threads } = JSON.parse(read(folder, 'compare.json')) as Results;
    const start = JSON.parse(read(folder, 'adam/metrics.jsonl').split('\n', 1)[0]!) as {
      init_sha256: string;
    };
    expect(results.fairness).toMatchObject({ same_weights: true, same_batches: true });
    expect(results.fairness.seeds).toMatchObject([{ seed: 5, init_sha256: start.init_sha256 }]);
    expect(JSON.parse(read(folder, 'sgd/summary.json'))).toMatchObject({
      name: 'sgd',
      status: 'done',
      threads: { intra_op: threads.intra_op },
    });
  });

  it('run again, trains nothing: the same results at once, as JSON and as Markdown', async () => {
    const folder = comparisonIn(reference);
    const before = read(folder, 'adam/timings.jsonl');
    const json = await lossnet([...TWO, '--json'], { cwd: reference });
    const { results } = JSON.parse(json.stdout) as Results;
    expect([json.code, json.stderr]).toEqual([0, '']);
    expect(results.variants.map(({ rank }) => rank)).toEqual([1, 2]);

    const summary = join(reference, 'summary.md');
    const md = await lossnet([...TWO, '--md', '--expect', 'eval_accuracy>=0.999'], {
      cwd: reference,
      env: { GITHUB_STEP_SUMMARY: summary },
    });
    expect(md.code).toBe(4);
    expect(md.stdout).toMatch(/^\| 1 \| (sgd|adam) \| \d+\.\d\d % \|/m);
    expect(md.stdout).toContain('❌ `sgd.eval_accuracy>=0.999`');
    expect(read(summary)).toContain(md.stdout.trim());
    expect(read(folder, 'adam/timings.jsonl')).toBe(before);
    expect(readdirSync(join(reference, 'runs'))).toHaveLength(1);
  });

  it('run again after its table was changed, says that its figures are of what that was', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => `${i % 7}.5,${i % 5},${i % 7}.25`);
    const own = workspace({
      't.csv': `a,b,y\n${rows.join('\n')}\n`,
      't.yaml': `epochs: 1
dataset: { type: csv, path: t.csv, target: { column: y, type: number }, split: { val: 0.3 } }
model: [{ type: linear, out_features: 1 }]
loss: { type: mse }
optimizer: { type: sgd, lr: 0.01 }
`,
    });
    const args = ['compare', 'optimizer.lr=0.1,0.01', '--config', 't.yaml', '--name', 'own'];
    const before = await lossnet(args, { cwd: own });
    expect(before.stderr).not.toContain('was changed');
    writeFileSync(join(own, 't.csv'), `a,b,y\n${rows.slice(1).join('\n')}\n`);
    const after = await lossnet(args, { cwd: own });
    expect(after.code).toBe(0);
    expect(after.stderr).toContain(
      'warning: t.csv was changed after lr-0.1, lr-0.01 were trained, whose figures are of what it was; --force trains all anew\n',
    );
    expect(after.stdout.match(/^1 .*$/m)).toEqual(before.stdout.match(/^1 .*$/m));
  });

  it('compares finished runs without training, and reports on them in a folder of its own', async () => {
    const folder = comparisonIn(reference);
    const runs = [join(folder, 'sgd'), join(folder, 'adam')];
    const args = ['compare', ...runs, '--target', 'train_loss<=3', '--by', 'eval_loss'];
    const { code, stdout } = await lossnet(args, { cwd: reference });
    expect([code, stdout]).toEqual([0, expect.stringContaining('ranked by eval loss at the end; to 3.0000')]);
    expect(stdout).toMatch(/^1 {2}(sgd|adam) .* 1 epoch, /m);
    const report = /report +(runs\/compare-sgd-adam-[0-9a-f]{8})\/report\.html/.exec(stdout)?.[1] ?? '';
    const own = join(reference, report);
    expect(readdirSync(own).sort()).toEqual(['compare.json', 'report.html', 'report.png', 'report.svg']);
    expect(JSON.parse(read(own, 'compare.json'))).toMatchObject({
      runs: runs.map((run) => relative(own, run)),
      threads: null,
    });
    expect(read(own, 'report.html')).toMatch(/None has learnt: \w+ is first with eval loss/);

    // The comparison's own folder stands for its runs, in its order.
    const whole = await lossnet(['compare', folder, '--json', '--name', 'whole'], { cwd: reference });
    const { variants } = (JSON.parse(whole.stdout) as Results).results;
    expect([whole.code, variants.map(({ name }) => name).sort()]).toEqual([0, ['adam', 'sgd']]);
    rmSync(join(reference, 'runs/compare-whole'), { recursive: true });

    const again = await lossnet([...args, '--json'], { cwd: reference });
    expect([again.code, JSON.parse(again.stdout)]).toEqual([0, expect.objectContaining({ folder: report })]);
    rmSync(own, { recursive: true });
  });

  it('refuses a run that lacks records', async () => {
    const cwd = workspace({});
    cpSync(comparisonIn(reference), join(cwd, 'runs'), { recursive: true });
    const metrics = join(cwd, 'runs/sgd/metrics.jsonl');
    const lines = read(metrics).split('\n');
    writeFileSync(metrics, `${lines.filter((line) => !line.includes('"epoch":3')).join('\n')}`);
    const { code, stderr } = await lossnet(['compare', 'runs/sgd', 'runs/adam'], { cwd });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('metrics.jsonl is damaged: it tells of 2 epochs, and the run had 3'),
    ]);
  });

  it('tells its results although no report can be written', async () => {
    const report = join(comparisonIn(reference), 'report.html');
    rmSync(report);
    mkdirSync(report);
    const { code, stdout, stderr } = await lossnet([...TWO, '-q'], { cwd: reference });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^None has learnt: (sgd|adam) is first/m)]);
    expect(stderr).toMatch(
      /^warning: no report was written: Cannot write runs\/.*report\.html: it is a folder, not a file \(EISDIR\)/,
    );
    rmSync(report, { recursive: true });
  });

  it('continues what Ctrl-C or a kill left, to the same bytes as if nothing had been', async () => {
    const cwd = workspace();
    let sent = false;
    const stopped = await lossnet(TWO, {
      cwd,
      onStart: (child) =>
        child.stderr?.on('data', (chunk) => {
          if (sent || !String(chunk).includes('epoch 1')) return;
          sent = true;
          child.kill('SIGINT');
        }),
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('the same command again continues the rest');

    // Killed at once, it leaves its runs behind: they notice that nobody listens, save and end.
    let killed = false;
    await lossnet(TWO, {
      cwd,
      onStart: (child) =>
        child.stderr?.on('data', (chunk) => {
          if (killed || !/epoch [23]/.test(String(chunk))) return;
          killed = true;
          child.kill('SIGKILL');
        }),
    });
    // At once, while they may still be at it.
    const last = await lossnet([...TWO, '-q'], { cwd });
    const said = last.stderr.replace(
      /^((sgd|adam): waiting for process \d+, |Nothing was saved yet in ).*\n/gm,
      '',
    );
    expect([last.code, said], last.stdout).toEqual([0, '']);
    const folder = comparisonIn(cwd);
    for (const run of ['sgd', 'adam']) {
      expect(read(folder, run, 'metrics.jsonl')).toBe(read(comparisonIn(reference), run, 'metrics.jsonl'));
    }
  }, 60_000);

  it('begins no run anew that was saved, and says what to do', async () => {
    const cwd = workspace();
    cpSync(join(reference, 'runs'), join(cwd, 'runs'), { recursive: true });
    const folder = comparisonIn(cwd);
    const lost = join(folder, 'sgd/checkpoints/resume.safetensors');
    rmSync(lost);
    rmSync(join(folder, 'sgd/summary.json'));
    const before = read(folder, 'sgd/metrics.jsonl');
    const refused = await lossnet([...TWO, '-q'], { cwd });
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('Not decided: sgd failed.')]);
    expect(refused.stdout).toContain(`sgd was saved before, and cannot be continued: ${relative(cwd, lost)}`);
    expect(refused.stdout).toContain(
      `of a comparison, remove ${relative(cwd, join(folder, 'sgd'))} and compare again`,
    );
    expect(read(folder, 'sgd/metrics.jsonl')).toBe(before);
    rmSync(join(folder, 'sgd'), { recursive: true });
    expect((await lossnet([...TWO, '-q'], { cwd })).code).toBe(0);
    expect(read(folder, 'sgd/metrics.jsonl')).toBe(before);
  }, 60_000);

  it('says that a run begins anew that was killed before it was saved', async () => {
    const cwd = workspace();
    cpSync(join(reference, 'runs'), join(cwd, 'runs'), { recursive: true });
    const folder = comparisonIn(cwd);
    const before = read(folder, 'sgd/metrics.jsonl');
    rmSync(join(folder, 'sgd/checkpoints'), { recursive: true });
    rmSync(join(folder, 'sgd/summary.json'));
    const steps = before.split('\n').slice(0, 4).join('\n');
    writeFileSync(join(folder, 'sgd/metrics.jsonl'), `${steps}\n{"type":"st`);
    const { code, stderr } = await lossnet([...TWO, '-q'], { cwd });
    const run = relative(cwd, join(folder, 'sgd'));
    expect([code, stderr]).toEqual([0, `Nothing was saved yet in ${run}: starting at the first step.\n`]);
    expect(read(folder, 'sgd/metrics.jsonl')).toBe(before);
  }, 60_000);

  it.each([700, 1400, 2100])(
    'begins anew at once after a kill within %i ms of its start',
    async (delay) => {
      const cwd = workspace();
      await lossnet(TWO, { cwd, onStart: (child) => setTimeout(() => child.kill('SIGKILL'), delay) });
      const { code, stdout } = await lossnet([...TWO, '-q'], { cwd });
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^None has learnt: (sgd|adam) is first/m)]);
      for (const run of ['sgd', 'adam']) {
        expect(read(comparisonIn(cwd), run, 'metrics.jsonl')).toBe(
          read(comparisonIn(reference), run, 'metrics.jsonl'),
        );
      }
    },
    60_000,
  );

  it('repeats with seeds; a variant that diverges is reported, and takes no other down', async () => {
    const cwd = workspace();
    const args = [
      'compare',
      'optimizer.lr=0.003,0.001,1e30',
      '--config',
      'tiny.yaml',
      '--seeds',
      '2',
      'epochs=1',
    ];
    const { code, stdout } = await lossnet([...args, '--json'], { cwd });
    expect(code).toBe(0);
    const { results } = JSON.parse(stdout) as Results;
    expect(results.variants.map(({ name, status }) => `${name} ${status}`).sort()).toEqual([
      'lr-0.001 done',
      'lr-0.003 done',
      'lr-1e30 diverged',
    ]);
    expect(results.variants.at(-1)!.verdict[0]).toMatch(
      /^diverged at step \d+: lr-0\.003, with a lower optimizer\.lr, got to the end$/,
    );
    expect(results.fairness.seeds).toHaveLength(2);
    expect(readdirSync(comparisonIn(cwd))).toContain('lr-0.003-s6');
    const shown = await lossnet(args, { cwd });
    expect(shown.stdout).toMatch(/^1 {2}lr-0\.00[13] +\d+\.\d\d ± \d+\.\d\d %/m);
    expect(shown.stdout).toMatch(/mean ± 95 % confidence interval over 2 seeds/);
    expect(shown.stdout).toMatch(/not\s+significant|[Ss]ignificantly better|level with/);
  }, 60_000);

  it('draws no curves where there are none, and breaks a long list of names between them', async () => {
    const cwd = workspace();
    const large = Array.from({ length: 6 }, (_, i) => `${i + 1}e30`);
    const args = [
      'compare',
      `optimizer.lr=${large.join()}`,
      'model.0.bias=true,false',
      '--config',
      'tiny.yaml',
    ];
    const { stdout, stderr } = await lossnet(args, { cwd });
    expect(stdout).not.toMatch(/ by epoch|[└┤]/);
    expect(stdout).toMatch(/^No variant got to the end\.$/m);
    expect(
      Math.max(
        ...stderr
          .split('\n')
          .slice(0, 4)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80);
    expect(stderr).toMatch(/^variants .*,\n {9}\S/m);
  }, 60_000);
});

describe('a run of a comparison', () => {
  it('gives the same bytes as `lossnet train`, whatever threads each has', async () => {
    const cwd = workspace({
      'cnn.yaml': `epochs: 1
dataset: { type: shapes, train_size: 96, eval_size: 20 }
loader: { batch_size: 32 }
model:
  - { type: conv2d, out_channels: 16, kernel_size: 5, padding: 2 }
  - { type: max_pool2d, kernel_size: 4 }
  - { type: flatten }
  - { type: linear, out_features: 10 }
log_every: 1
`,
    });
    expect((await lossnet(['compare', 'sgd', 'adam', '--config', 'cnn.yaml', '-q'], { cwd })).code).toBe(0);
    const alone = ['train', 'cnn.yaml', 'optimizer={ type: adam }', '-n', 'alone', '-q'];
    expect((await lossnet(alone, { cwd })).code).toBe(0);
    const [compared] = readdirSync(join(cwd, 'runs')).filter((name) => name.startsWith('compare-'));
    for (const file of ['metrics.jsonl', 'checkpoints/resume.safetensors']) {
      const bytes = (run: string) => readFileSync(join(cwd, 'runs', run, file)).toString('base64');
      expect(bytes(`${compared}/adam`)).toBe(bytes('alone'));
    }
  });
});

describe('a process that trains several runs', () => {
  const config = ['--config', 'tiny.yaml', '--jobs', '1'];
  const grid = ['compare', 'optimizer.lr=0.001,0.003,0.01', ...config];

  it('leaves the same bytes as a process for each', async () => {
    const cwd = workspace();
    expect((await lossnet([...grid, '-q'], { cwd })).code).toBe(0);
    const folder = comparisonIn(cwd);
    const { threads } = JSON.parse(read(folder, 'compare.json')) as {
      threads: { intra_op: number; inter_op: number };
    };
    const alone = ['train', 'tiny.yaml', 'optimizer.lr=0.01', '--name', 'alone', '-q'];
    const env = {
      TF_NUM_INTRAOP_THREADS: `${threads.intra_op}`,
      TF_NUM_INTEROP_THREADS: `${threads.inter_op}`,
    };
    expect((await lossnet(alone, { cwd, env })).code).toBe(0);
    for (const file of ['metrics.jsonl', 'checkpoints/resume.safetensors']) {
      const bytes = (run: string) => readFileSync(join(run, file)).toString('base64');
      expect(bytes(join(folder, 'lr-0.01'))).toBe(bytes(join(cwd, 'runs/alone')));
    }
  });

  it('is replaced when it is killed: the run under way fails, those to come do not', async () => {
    const cwd = workspace();
    let killed = false;
    const { code, stdout } = await lossnet(grid, {
      cwd,
      onStart: (child) =>
        child.stderr?.on('data', (chunk) => {
          if (killed || !/^lr-0\.003 +epoch 1/m.test(String(chunk))) return;
          killed = true;
          const { pid } = JSON.parse(read(comparisonIn(cwd), 'lr-0.003/.lock')) as { pid: number };
          process.kill(pid, 'SIGKILL');
        }),
    });
    expect([killed, code]).toEqual([true, 1]);
    expect(stdout).toMatch(/^lr-0\.003 {2}failed: see its log$/m);
    expect(stdout).toContain('lr-0.003: killed by SIGKILL, perhaps as the memory was full');
    expect(stdout.match(/^\d {2}lr-0\.(001|01) /gm)).toHaveLength(2);

    const repeated = await lossnet([...grid, '-q'], { cwd });
    const said = repeated.stderr.replace(/^Nothing was saved yet in .*\n/gm, '');
    expect([repeated.code, said]).toEqual([0, '']);
  });
});

describe('a variant that fails', () => {
  it('is reported with the reason, ends the whole with 1, and takes no other down', async () => {
    const broken = TINY.replace(
      '{ type: shapes, train_size: 60, eval_size: 20 }',
      '{ type: cifar10, download: false, root: nowhere }',
    );
    const cwd = workspace({ 'tiny.yaml': TINY, 'configs.yaml': broken });
    const { code, stdout, stderr } = await lossnet(['compare', 'tiny.yaml', 'configs.yaml', 'epochs=1'], {
      cwd,
    });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('configs-v2  failed: CIFAR-10 is not available.'),
    ]);
    expect(stdout).toMatch(/^1 {2}tiny /m);
    expect(stdout).toMatch(/^configs-v2 {2}failed: see its log$/m);
    expect(stdout).toMatch(/^configs-v2: CIFAR-10 is not available\.\n {2}Looked in /m);
    expect(stdout).toContain('nowhere');
    expect(read(comparisonIn(cwd), 'logs/configs-v2.log')).toContain('CIFAR-10 is not available.');
  });
});

describe('what cannot be compared is refused before anything is trained', () => {
  it.each([
    [['sgd'], 'at least two variants'],
    [['sgd', 'adma'], 'did you mean `adam`?'],
    [['sgd', 'adam', 'epoch=2'], 'did you mean `epochs`?'],
    [['sgd', 'adam', 'optimizer.momentum=0.5,0.9'], 'variants adam-momentum-0.5 and adam-momentum-0.9:'],
    [['seed=1', 'optimizer.lr=0.1,1e-1'], 'are the same configuration'],
    [['optimizer.lr=1,2,3,4,5,6', '--seeds', '6'], '--max-runs 36'],
    [['sgd', 'adam', '--seeds', '0'], 'whole number'],
    [['sgd', 'adam', '--expect', 'adm.eval_loss<1'], 'did you mean `adam`?'],
    [['sgd', 'adam', '--target', 'eval_los<1'], 'did you mean `eval_loss`?'],
    [['sgd', 'adam', '--json', '--md'], 'name one of them'],
    [['tiny.yaml', 'tiny.yaml'], 'named twice'],
    [['runs/none', 'sgd'], 'does not exist'],
    [['none.yaml'], 'none.yaml does not exist'],
    [['sgd', 'optimizer.lrr=0.1'], 'did you mean `optimizer.lr`?'],
    [['sgd', 'adam', '--target', 'foo'], '--target'],
  ])('%j', async (args, expected) => {
    const cwd = workspace();
    const base = args[0] === 'tiny.yaml' ? [] : ['--config', 'tiny.yaml'];
    const { code, stdout, stderr } = await lossnet(['compare', ...args, ...base], { cwd });
    const asJson = expect.stringMatching(/^\{"type":"error",.*\n$/);
    expect([code, stdout]).toEqual([2, args.includes('--json') ? asJson : '']);
    expect(stderr.replace(/\s+/g, ' ')).toContain(expected);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(existsSync(join(cwd, 'runs'))).toBe(false);
  });

  it('a name that is taken by something else', async () => {
    const cwd = workspace();
    const named = [...TWO, 'epochs=1', '--name', 'x'];
    expect((await lossnet([...named, '-q'], { cwd })).code).toBe(0);
    const other = await lossnet([...named, 'seed=9'], { cwd });
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringContaining('holds a comparison of something else'),
    ]);
    // A folder that older versions made.
    mkdirSync(join(cwd, 'runs/compare-x/configs'));
    writeFileSync(join(cwd, 'runs/compare-x/configs/sgd.yaml'), '');
    for (const file of ['mine.txt', 'configs/mine.yaml'])
      writeFileSync(join(cwd, 'runs/compare-x', file), '');
    const forced = await lossnet([...named, 'seed=9', '--force'], { cwd });
    expect([forced.code, forced.stderr]).toEqual([2, expect.stringContaining('not of this comparison')]);
    expect(forced.stderr).toContain('configs/mine.yaml and mine.txt');
    expect(existsSync(join(cwd, 'runs/compare-x/sgd/config.yaml'))).toBe(true);

    const file = join(cwd, 'runs/compare-x/compare.json');
    const before = read(file);
    for (const damaged of ['{"type":"comparison","variants":5}', 'no JSON']) {
      writeFileSync(file, damaged);
      const refused = await lossnet([...named, '--force'], { cwd });
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('compare.json is damaged')]);
    }
    const threads = { intra_op: -3, inter_op: 1 };
    for (const damaged of ['no JSON', JSON.stringify({ ...JSON.parse(before), threads })]) {
      writeFileSync(file, damaged);
      const unchanged = await lossnet(named, { cwd });
      expect([unchanged.code, unchanged.stderr]).toEqual([
        2,
        expect.stringContaining('compare.json is damaged'),
      ]);
    }
    writeFileSync(file, before);

    for (const file of ['mine.txt', 'configs/mine.yaml']) rmSync(join(cwd, 'runs/compare-x', file));
    const gone = tagOf({ ...thisProcess(), pid: 4194305 }); // No process has such a number.
    const left = join(cwd, `runs/.discarded.tmp-1-${gone}-0`);
    mkdirSync(left);
    const replaced = await lossnet([...named, 'seed=9', '--force', '-q'], { cwd });
    expect([replaced.code, existsSync(left)]).toEqual([0, false]);
  });
});
