import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';
import { scalarsIn } from '../helpers/events.js';

/** Three epochs of eight steps, and the same run of two. */
const reference = workspace();
const CONSTANT = ['schedule.type=constant', 'checkpoint.monitor=train_loss', 'tensorboard=true'];
beforeAll(async () => {
  const train = (...args: string[]) => lossnet(['train', 'tiny.yaml', '-q', ...args], { cwd: reference });
  expect((await train(...CONSTANT, '-n', 'whole')).code).toBe(0);
  expect((await train(...CONSTANT, '-n', 'two', 'epochs=2')).code).toBe(0);
});

const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
const digest = (...path: string[]) =>
  createHash('sha256')
    .update(readFileSync(join(...path)))
    .digest('hex');
/** What must not depend on how a run came about; its first record says how long it was to be at first. */
const resultsOf = (run: string) => [
  read(run, 'metrics.jsonl').replace(/^\{"type":"start","epochs":\d/, ''),
  ...['resume', 'last', 'best'].map((name) => digest(run, 'checkpoints', `${name}.safetensors`)),
];
const everything = (run: string) =>
  readdirSync(run, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name} ${digest(entry.parentPath, entry.name)}`)
    .sort();

/** A copy of a run of the reference, by itself in a folder. */
function copyOf(run: 'whole' | 'two') {
  const cwd = mkdtempSync(join(tmpdir(), 'lossnet-damage-'));
  const path = join(cwd, 'runs', run);
  cpSync(join(reference, 'runs', run), path, { recursive: true });
  const change = (file: string, to: (text: string) => string) =>
    writeFileSync(join(path, file), to(readFileSync(join(path, file), 'utf8')));
  const remove = (...files: string[]) => {
    for (const file of files) rmSync(join(path, file), { recursive: true });
  };
  const resume = (...args: string[]) => lossnet(['train', `runs/${run}`, '--resume', ...args], { cwd });
  return { cwd, path, change, remove, resume };
}
/** Two epochs that go on to three. */
const whole = () => resultsOf(join(reference, 'runs/whole'));
const ON = ['epochs=3', '-q'];

describe('a run without resume.safetensors', () => {
  it.each([
    ['that has its weights', ['checkpoints/resume.safetensors'], ['-q']],
    [
      'that has its best weights',
      ['checkpoints/resume.safetensors', 'checkpoints/last.safetensors', 'metrics.jsonl'],
      ['--json'],
    ],
    ['that has records of epochs', ['checkpoints', 'summary.json'], []],
  ])('%s is not begun anew by --resume', async (_, missing, args) => {
    const { path, remove, resume } = copyOf('whole');
    remove(...missing);
    const before = everything(path);
    const { code, stdout, stderr } = await resume(...args);
    const asJson = expect.stringMatching(/^\{"type":"error","code":"LOSSNET_RESUME_MISSING".*\n$/);
    expect([code, stdout]).toEqual([2, args.includes('--json') ? asJson : '']);
    expect(stderr).toContain('runs/whole was saved before, and cannot be continued: ');
    expect(everything(path)).toEqual(before);
  });

  it('is told what to do', async () => {
    const { cwd, remove, resume } = copyOf('whole');
    remove('checkpoints/resume.safetensors');
    expect((await resume()).stderr).toMatchInlineSnapshot(`
      "error: runs/whole was saved before, and cannot be continued: runs/whole/checkpoints/resume.safetensors is missing.
        Put it back; or replace the run: lossnet train runs/whole/config.yaml --force (of a comparison, remove runs/whole and compare again).
        To begin another run with its weights: init.from=runs/whole/checkpoints/best.safetensors
      "
    `);
    const forced = await lossnet(['train', 'runs/whole/config.yaml', '--force', '-q'], { cwd });
    expect([forced.code, forced.stderr]).toEqual([0, '']);
    expect(resultsOf(join(cwd, 'runs/whole'))).toEqual(whole());
  });

  it.each([['-q'], ['--json']])(
    'that was killed before it was saved begins anew, and says so with %s',
    async (flag) => {
      const cwd = workspace();
      let sent = false;
      const killed = await lossnet(['train', 'tiny.yaml', ...CONSTANT, '-n', 'whole', '--json'], {
        cwd,
        onOutput: (stdout, child) => {
          if (sent || stdout.split('"type":"step"').length < 5) return;
          sent = true;
          child.kill('SIGKILL');
        },
      });
      expect(killed.signal).toBe('SIGKILL');
      expect(existsSync(join(cwd, 'runs/whole/checkpoints/resume.safetensors'))).toBe(false);
      const { code, stderr } = await lossnet(['train', 'runs/whole', '--resume', flag!], { cwd });
      expect([code, stderr]).toEqual([
        0,
        'Nothing was saved yet in runs/whole: starting at the first step.\n',
      ]);
      expect(resultsOf(join(cwd, 'runs/whole'))).toEqual(whole());
      expect(scalarsIn(join(cwd, 'runs/whole'))).toEqual(scalarsIn(join(reference, 'runs/whole')));
    },
  );
});

describe('a run that diverged when its first epoch was to be saved', () => {
  it('diverges again when it is resumed', async () => {
    const cwd = workspace();
    const hot = ['dataset.train_size=8', 'evaluation.every=0', 'checkpoint.monitor=train_loss', 'epochs=2'];
    const args = [
      'train',
      'tiny.yaml',
      '-q',
      ...hot,
      'optimizer={type: sgd, lr: 1e39}',
      'schedule.type=constant',
    ];
    const first = await lossnet(args, { cwd });
    const metrics = read(cwd, 'runs/tiny/metrics.jsonl');
    expect([first.code, metrics]).toEqual([
      3,
      expect.stringMatching(/"type":"epoch".*\n\{"type":"diverged","phase":"saving"/),
    ]);
    const again = await lossnet([...args, '--resume'], { cwd });
    expect([again.code, again.stderr]).toEqual([
      3,
      expect.stringContaining('Nothing was saved yet in runs/tiny'),
    ]);
    expect(read(cwd, 'runs/tiny/metrics.jsonl')).toBe(metrics);
  });
});

describe('a kill while a checkpoint is written', () => {
  it.each([
    ['after what counts', ['checkpoints/last.safetensors', 'checkpoints/best.safetensors'], true],
    ['before the best weights', ['checkpoints/best.safetensors'], true],
    ['before the epoch is recorded', [], true],
    ['before the summary', [], false],
  ])('%s: the same bytes', async (_, missing, isUnrecorded) => {
    const { path, change, remove, resume } = copyOf('two');
    // The last epoch is the best one.
    remove(...missing, 'summary.json');
    if (isUnrecorded) change('metrics.jsonl', (text) => text.replace(/\{"type":"epoch","epoch":2.*\n/, ''));
    const { code, stderr } = await resume(...ON);
    expect([code, stderr]).toEqual([0, '']);
    expect(resultsOf(path)).toEqual(whole());
  });
});

describe('--resume with other epochs', () => {
  it('refuses fewer than the run has had, and leaves its configuration', async () => {
    const { path, resume } = copyOf('whole');
    const before = everything(path);
    const { code, stderr } = await resume('epochs=2');
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "error: runs/whole has had 3 epochs already, and epochs: 2 would end it before that.
        Resume it as it is with: lossnet train runs/whole --resume
        Or start a new run with --name.
      "
    `);
    expect(everything(path)).toEqual(before);
    expect((await resume('epochs=3', '-q')).code).toBe(0);
    expect(resultsOf(path)).toEqual(whole());
  });

  it('refuses to end in the middle of an epoch, and ends after it', async () => {
    const cwd = workspace();
    const stopped = await lossnet(['train', 'tiny.yaml', ...CONSTANT, 'dataset.train_size=1600', '--json'], {
      cwd,
      onOutput: (stdout, child) => {
        if (stdout.includes('"type":"step","epoch":2,') && !child.killed) child.kill('SIGTERM');
      },
    });
    expect(stopped.code).toBe(143);
    const resume = (epochs: number) =>
      lossnet(['train', 'runs/tiny', '--resume', '-q', `epochs=${epochs}`], { cwd });
    const refused = await resume(1);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('runs/tiny is in epoch 2 already'),
    ]);
    expect((await resume(2)).code).toBe(0);
    const summary = JSON.parse(read(cwd, 'runs/tiny/summary.json')) as object;
    expect(summary).toMatchObject({ status: 'done', epochs: 2, steps: 400 });
  });

  it('tells of no end that is past', async () => {
    const { cwd, path, resume } = copyOf('two');
    const killed = await lossnet(['train', 'runs/two', '--resume', 'epochs=3', '--json'], {
      cwd,
      onOutput: (stdout, child) => void (stdout.includes('"type":"step"') && child.kill('SIGKILL')),
    });
    expect([killed.signal, existsSync(join(path, 'summary.json'))]).toEqual(['SIGKILL', false]);
    const { code } = await lossnet(['report', 'runs/two', '--no-predictions'], { cwd });
    expect(code).toBe(0);
    expect(readFileSync(join(path, 'report.html'), 'utf8')).toContain('has not ended: it was killed');
    expect((await resume(...ON)).code).toBe(0);
    expect(resultsOf(path)).toEqual(whole());
  });
});

describe('records that are not whole', () => {
  it('the last line, cut short, is put back from the checkpoint', async () => {
    const { path, change, resume } = copyOf('two');
    change('metrics.jsonl', (text) => text.slice(0, -30));
    const { code, stderr } = await resume(...ON);
    expect([code, stderr]).toEqual([
      0,
      'warning: runs/two/metrics.jsonl was cut short: the record of epoch 2 is put back\n',
    ]);
    expect(resultsOf(path)).toEqual(whole());
  });

  it('of a run that is done are mended too', async () => {
    const { cwd, path, change, resume } = copyOf('whole');
    change('metrics.jsonl', (text) => text.slice(0, -1));
    const report = () => lossnet(['report', 'runs/whole', '--no-predictions'], { cwd });
    const refused = await report();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatchInlineSnapshot(`
      "error: runs/whole/metrics.jsonl is damaged: it tells of 2 epochs, and the run had 3.
        It was changed or cut short after lossnet wrote it. Mend it with: lossnet train runs/whole --resume
        If that cannot, train the run again.
      "
    `);
    expect((await resume('-q')).code).toBe(0);
    expect(resultsOf(path)).toEqual(whole());
    expect((await report()).code).toBe(0);
  });

  it('an epoch that nothing knows any more ends the run', async () => {
    const { path, change, resume } = copyOf('whole');
    change('metrics.jsonl', (text) =>
      text.replace('{"type":"epoch","epoch":1,', '{"type":"epoch","epoch":"1",'),
    );
    const before = everything(path);
    const { code, stderr } = await resume();
    expect(code).toBe(1);
    expect(stderr.slice(stderr.indexOf('error'))).toMatchInlineSnapshot(`
      "error: runs/whole/metrics.jsonl is damaged: the figures of epoch 1 are lost, and no checkpoint knows them any more
        runs/whole/metrics.jsonl:18 is damaged and left out: epoch is "1"; expected a number.
        Put the file back as it was, or train the run again: lossnet train runs/whole/config.yaml --force
      "
    `);
    expect(everything(path)).toEqual(before);
  });

  it.each(['timings.jsonl', 'events.out.tfevents.0.x.0'])(
    'is not touched, where %s cannot be read',
    async (name) => {
      const { path, change, resume } = copyOf('two');
      // Of the time after the checkpoint: resuming would cut it.
      change(
        'metrics.jsonl',
        (text) => `${text}{"type":"step","epoch":3,"step":17,"loss":1,"lr":1,"grad_norm":null}\n`,
      );
      rmSync(join(path, name), { force: true });
      mkdirSync(join(path, name));
      const before = everything(path);
      const { code, stderr } = await resume(...ON);
      expect(code).toBe(1);
      expect(stderr).toContain(name);
      expect(everything(path)).toEqual(before);
    },
  );

  it('what is lost for good is said', async () => {
    const { path, change, resume } = copyOf('two');
    change('metrics.jsonl', (text) =>
      text
        .split('\n')
        .slice(0, -4)
        .map((line) =>
          line.replace('"type":"step","epoch":1,"step":3,', '"type":"step","epoch":1,"step":null,'),
        )
        .join('\n'),
    );
    change('timings.jsonl', (text) => text.split('\n').slice(1).join('\n'));
    const { code, stderr } = await resume(...ON);
    expect(code).toBe(0);
    expect(stderr).toMatchInlineSnapshot(`
      "warning: runs/two/metrics.jsonl:6 is damaged and left out: step is null; expected a number
      warning: runs/two/metrics.jsonl was cut short: the record of epoch 2 is put back
      warning: runs/two/metrics.jsonl has lost the figures of steps up to 16
      warning: runs/two/metrics.jsonl has lost the figures of layers up to step 16
      warning: runs/two/timings.jsonl has lost the times of epoch 1
      "
    `);
    expect(resultsOf(path).slice(1)).toEqual(whole().slice(1));
  });

  it('records of a newer version stay', async () => {
    const { path, change, resume } = copyOf('two');
    change('metrics.jsonl', (text) =>
      text
        .replace('{"type":"step"', '{"type":"newer","step":1}\n{"type":"step"')
        .replace('"best":', '"newer":1,"best":'),
    );
    const { code, stderr } = await resume(...ON);
    expect([code, stderr]).toEqual([0, '']);
    const lines = readFileSync(join(path, 'metrics.jsonl'), 'utf8').split('\n');
    expect(lines[1]).toBe('{"type":"newer","step":1}');
    expect(lines.filter((line) => line.includes('"newer"'))).toHaveLength(2);
  });
});

describe("TensorBoard's files", () => {
  it('tell every step once, however often a run was killed', async () => {
    const cwd = workspace();
    const args = ['train', 'tiny.yaml', ...CONSTANT, '-n', 'whole', 'checkpoint.every_steps=3', '--json'];
    for (let kills = 0; kills < 5; kills++) {
      const before = kills === 0 ? args : [...args, '--resume'];
      const after = 1 + Math.floor(Math.random() * 7);
      await lossnet(before, {
        cwd,
        onOutput: (stdout, child) => {
          if (stdout.split('"type":"step"').length > after && !child.killed) child.kill('SIGKILL');
        },
      });
    }
    expect((await lossnet([...args, '--resume'], { cwd })).code).toBe(0);
    const expected = scalarsIn(join(reference, 'runs/whole'));
    expect(scalarsIn(join(cwd, 'runs/whole'))).toEqual(expected);
    expect(new Set(expected).size).toBe(expected.length);
    expect(expected.filter((line) => /^24 eval\/loss /.test(line))).toHaveLength(1);
  });

  it('lose what is beyond damage, and say so', async () => {
    const { path, resume } = copyOf('two');
    const [name] = readdirSync(path).filter((file) => file.startsWith('events'));
    const file = join(path, name!);
    appendFileSync(file, Buffer.alloc(100));
    const { code, stderr } = await resume(...ON);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(
        /^warning: runs\/two\/events\S+ is damaged from byte \d+ on: what followed is lost\n$/,
      ),
    ]);
    expect(scalarsIn(path)).toEqual(scalarsIn(join(reference, 'runs/whole')));
  });
});
