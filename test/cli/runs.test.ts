import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, TINY, workspace } from '../helpers/cli.js';
import { faults } from '../helpers/faults.js';
import { inOneProcess } from '../helpers/one-process.js';
import { BIN, onTerminal } from '../helpers/terminal.js';

const NUMBERS = `epochs: 4
dataset: { type: csv, path: t.csv, target: { column: y, type: number }, split: { val: 0.2, test: 0.2 } }
model: [{ type: linear, out_features: 8 }, { type: relu }, { type: linear, out_features: 1 }]
loss: { type: mse }
optimizer: { type: sgd, lr: 0.05 }
`;
const TABLE = `a,y\n${Array.from({ length: 60 }, (_, i) => `${i % 7}.5,${(i % 7) * 2 + 1.25}`).join('\n')}\n`;

const cwd = workspace({ 'tiny.yaml': TINY, 'numbers.yaml': NUMBERS, 't.csv': TABLE });
const at = (path: string) => join(cwd, path);
const runs = (...args: string[]) => lossnet(['runs', ...args], { cwd });
const jsonOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, never> & { path: string });
const paths = async (...args: string[]) =>
  jsonOf((await runs('ls', '--json', ...args)).stdout).map(({ path }) => path);

/** A folder with copies of finished runs, to be spoilt. */
function copied(folder: string, ...names: string[]): string {
  mkdirSync(at(folder), { recursive: true });
  for (const name of names) cpSync(at(`runs/${name}`), at(`${folder}/${name}`), { recursive: true });
  return folder;
}

function changed(path: string, change: (text: string) => string): void {
  writeFileSync(at(path), change(readFileSync(at(path), 'utf8')));
}

beforeAll(async () => {
  const train = (...args: string[]) => lossnet(['train', '-q', ...args], { cwd });
  const codes = [
    await train('tiny.yaml'),
    await train('tiny.yaml', '-n', 'sgd', 'optimizer.type=sgd', 'optimizer.lr=0.1', 'epochs=2'),
    await train(
      'tiny.yaml',
      '-n',
      'hot',
      'optimizer.type=sgd',
      'optimizer.lr=1e30',
      'schedule.type=constant',
    ),
    await train('numbers.yaml'),
  ].map(({ code, stderr }) => (code === 0 || code === 3 ? code : stderr));
  expect(codes).toEqual([0, 0, 3, 0]);
});

describe('lossnet runs', () => {
  it('lists runs of several tasks with their figures', async () => {
    const { code, stdout, stderr } = await runs();
    expect(code).toBe(0);
    // Whole in a pipe: on a terminal it fits (width.test.ts).
    const masks = [
      [/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'TIME'],
      [/\d+(\.\d+)? k?B/g, 'SIZE'],
      [/\d+\.\d{2,4}( %)?(?= )/g, '#'],
      [/ +/g, ' '],
    ] as const;
    expect(
      masks.reduce((text, [pattern, mask]) => text.replace(pattern, mask), stdout),
    ).toMatchInlineSnapshot(`
      "run status epochs eval accuracy eval rmse eval loss test rmse optimizer lr changed size data parameters model
      hot diverged 0/3 sgd 1e30 TIME SIZE shapes 2,690 conv2d, linear
      numbers done 4/4 # # # sgd # TIME SIZE t.csv 25 2 linear
      sgd done 2/2 # # sgd 0.1 TIME SIZE shapes 2,690 conv2d, linear
      tiny done 3/3 # # adam # TIME SIZE shapes 2,690 conv2d, linear
      "
    `);
    expect(stderr).toMatch(/^4 runs, [\d.]+ kB\n$/);
  });

  it('tells scripts everything, a line for each run', async () => {
    const { stdout, stderr } = await runs('--json');
    expect(stderr).toBe('');
    const [, numbers] = jsonOf(stdout);
    const { final, test } = JSON.parse(readFileSync(at('runs/numbers/summary.json'), 'utf8'));
    expect(numbers).toMatchObject({
      type: 'run',
      path: 'runs/numbers',
      status: 'done',
      epoch: 4,
      epochs: 4,
      lr: 0.05,
      data: 't.csv',
      model: '2 linear',
      parameters: 25,
      best: { monitor: 'eval_loss' },
      figures: { eval_rmse: final.eval_rmse, test_rmse: test.test_rmse },
      config: { optimizer: { type: 'sgd' } },
    });
    const entries = readdirSync(at('runs/numbers'), { recursive: true, encoding: 'utf8' });
    const sizes = entries
      .map((name) => statSync(at(`runs/numbers/${name}`)))
      .filter((entry) => entry.isFile());
    expect(numbers).toMatchObject({ bytes: sizes.reduce((sum, { size }) => sum + size, 0) });
  });

  const CHOICES: [args: string[], expected: string[]][] = [
    [['--where', 'optimizer.type=adam'], ['runs/tiny']],
    [
      ['-w', 'optimizer.type!=adam', '-w', 'epoch>0'],
      ['runs/numbers', 'runs/sgd'],
    ],
    [
      ['--where', 'eval_accuracy>=0'],
      ['runs/sgd', 'runs/tiny'],
    ],
    [
      ['--where', 'eval_accuracy!=7'],
      ['runs/hot', 'runs/numbers', 'runs/sgd', 'runs/tiny'],
    ],
    [['--where', 'status=diverged'], ['runs/hot']],
    [['--where', 'changed>2020-01-01', '--where', 'model=2 linear'], ['runs/numbers']],
    [['--where', 'clip_grad_norm=null', '--limit', '1'], ['runs/hot']],
    [
      ['--sort', '-optimizer.lr'],
      ['runs/hot', 'runs/sgd', 'runs/numbers', 'runs/tiny'],
    ],
    [
      ['--sort', 'eval_rmse', '-l', '2'],
      ['runs/numbers', 'runs/hot'],
    ],
  ];

  it('chooses by conditions, and puts in order', () => {
    const found = inOneProcess(
      CHOICES.map(([args]) => ['runs', '--json', ...args]),
      { cwd },
    );
    for (const [i, [args, expected]] of CHOICES.entries())
      expect(
        jsonOf(found[i]!.stdout).map(({ path }) => path),
        args.join(' '),
      ).toEqual(expected);
  });

  it('refuses all that is wrong with conditions at once', async () => {
    const wrong = ['eval_acuracy>0.6', 'lr=1', 'bogus=1'].flatMap((text) => ['--where', text]);
    const { code, stdout, stderr } = await runs('ls', ...wrong, '--sort', '-stauts');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      [
        'error: --where "eval_acuracy>0.6": no run has a value `eval_acuracy`; did you mean eval_accuracy?',
        '--where "lr=1": no run has a value `lr`; did you mean optimizer.lr?',
        '--where "bogus=1": no run has a value `bogus`',
        '--sort -stauts: no run has a value `stauts`; did you mean status?',
        '  Take a figure, a key of the configuration, or what is known of each run: status, epoch, parameters, bytes, changed; eval_accuracy, best_eval_loss; optimizer.type',
        '',
      ].join('\n'),
    );
  });

  const REFUSALS: [args: string[], said: string][] = [
    [['--where', 'eval_accuracy>60 %'], '60 % is no number; write 0.6.'],
    [['--where', 'eval_accuracy'], 'expected name, operator, value.'],
    [['--where', 'optimizer.type>adam'], 'adam is no number.'],
    [['--where', 'optimizer.type>1'], 'optimizer.type is a text, such as sgd: take = or !=.'],
    [['--where', 'changed>soon'], 'soon is no time, such as 2026-11-26.'],
    [['--limit', '0'], 'Expected a whole number'],
    [['shwo', 'runs/tiny'], 'There is no command lossnet runs shwo, and no such folder. Did you mean show?'],
    [['ls', 'rnus/x'], 'There is no folder rnus/x.'],
    [['show', 'runs/tinny'], 'There is no folder runs/tinny. Did you mean runs/tiny?'],
    [['show', 'runs'], 'runs is not the folder of a run: it has no config.yaml.'],
    [['diff', 'runs/tiny', 'tiny.yaml'], 'tiny.yaml is not the folder of a run'],
    [['rm', 'runs/tiny'], 'There is no terminal to ask on'],
    [['rm', 'runs', '--keep-best', 'x', '-y'], 'Expected a whole number'],
  ];

  it('refuses what is wrong, and says what is right', () => {
    const refused = inOneProcess(
      REFUSALS.map(([args]) => ['runs', ...args]),
      { cwd },
    );
    for (const [i, [, said]] of REFUSALS.entries()) {
      const { code, stdout, stderr } = refused[i]!;
      expect(stderr).toContain(said);
      expect([code, stdout], said).toEqual([2, '']);
      expect(stderr).not.toContain('    at ');
    }
  });

  it('says that there are no runs yet', async () => {
    const none = await lossnet(['runs'], { cwd: workspace() });
    expect([none.code, none.stdout]).toEqual([0, '']);
    expect(none.stderr).toBe(
      'No runs yet: there is no folder runs here. Start one: lossnet train <config>\n',
    );
  });

  it('lists what cannot be read with the reason, and follows no links in a folder', async () => {
    const odd = copied('odd', 'tiny', 'sgd', 'hot');
    changed('odd/tiny/summary.json', (text) => text.slice(0, 40));
    changed(
      'odd/sgd/config.yaml',
      (text) => `${text.replace(/lossnet [\d.]+/, 'lossnet 99.0.0')}future: 1\n`,
    );
    symlinkSync('..', at('odd/circle'));
    symlinkSync('../runs/tiny', at('odd/link'));
    mkdirSync(at('odd/empty'));
    writeFileSync(at('odd/file'), '');
    const { code, stdout, stderr } = await runs('ls', odd);
    expect(code).toBe(0);
    expect(stdout.replace(/ +/g, ' ')).toMatch(/\nsgd unreadable \d/);
    expect(stdout.replace(/ +/g, ' ')).toMatch(/\ntiny damaged \d/);
    expect(stderr).toContain('warning: odd/tiny: odd/tiny/summary.json is damaged: it is no JSON');
    expect(stderr).toContain('lossnet 99.0.0 wrote it, and this is');
    const [, sgd] = jsonOf((await runs('--json', odd)).stdout);
    expect(sgd).toMatchObject({ status: 'unreadable', problem: { code: 'LOSSNET_CONFIG_INVALID' } });
    for (const command of [
      ['show', 'odd/tiny'],
      ['diff', 'odd/tiny', 'odd/hot'],
      ['show', 'odd/tiny', '--json'],
    ]) {
      const refused = await runs(...command);
      expect([refused.code, refused.stderr]).toEqual([
        1,
        expect.stringContaining('odd/tiny/summary.json is damaged'),
      ]);
    }
  });

  it('lists a folder that cannot be looked into with the reason', async () => {
    const env = faults({ rules: [{ call: '*', path: 'runs/sgd/metrics', errno: 'EACCES' }] });
    const { code, stdout, stderr } = await lossnet(['runs'], { cwd, env });
    expect([code, stdout.replace(/ +/g, ' ')]).toEqual([0, expect.stringContaining('\nsgd unreadable')]);
    expect(stderr).toContain(
      'warning: runs/sgd: Cannot read runs/sgd/metrics.jsonl: permission denied (EACCES).',
    );
  });

  it('ends well when nobody reads on', () => {
    const command = `'${process.execPath}' '${BIN}' runs --json | head -n 1; exit "\${PIPESTATUS[0]}"`;
    const { status, stderr } = spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('lossnet runs show', () => {
  it('shows what comes of the samples that were left for the end', async () => {
    const { test } = JSON.parse(readFileSync(at('runs/numbers/summary.json'), 'utf8'));
    const { stdout } = await runs('show', 'runs/numbers');
    expect(stdout).toContain(`\n  test      rmse ${test.test_rmse.toFixed(4)}, `);
  });

  it('shows layers, configuration, epochs and checkpoints', async () => {
    const { code, stdout, stderr } = await runs('show', 'runs/tiny');
    expect([code, stderr]).toEqual([0, '']);
    for (const line of [
      'runs/tiny  done, 3 of 3 epochs, ',
      '  data      shapes',
      '  best      epoch ',
      '  layer  type          output       parameters  multiply-adds  memory, batch 8',
      '  0      conv2d        4 x 32 x 32         112        110,592           131 kB',
      '  6      linear        10                2,570          2,560            320 B',
      '         total                           2,690        113,152           418 kB',
      '  seed: 5                          # tiny.yaml:2',
      '  accumulate: 1                    # default',
      '      stride: 1                    # default',
      '  epoch  train loss  train accuracy  eval loss  eval accuracy        lr',
      '  runs/tiny/checkpoints/best.safetensors  ',
    ]) {
      expect(stdout).toContain(line);
    }
    expect(stdout).not.toContain('┤');
  });

  it('tells scripts the same', async () => {
    const details = JSON.parse((await runs('show', 'runs/tiny', '--json')).stdout);
    expect(details).toMatchObject({
      type: 'run',
      model: { parameters: 2690, multiply_adds: 113_152, batch_size: 8, input: [3, 32, 32] },
      origins: { accumulate: { kind: 'default' }, seed: { kind: 'file', file: 'tiny.yaml', line: 2 } },
      checkpoints: [{ file: 'runs/tiny/checkpoints/best.safetensors' }, {}, {}],
    });
    expect(details.history).toHaveLength(3);
    expect(details.summary.status).toBe('done');
  });

  it('knows where each value came from, also of a run that was resumed; of an older run, where it stands', async () => {
    const own = workspace();
    const origins = async () =>
      JSON.parse((await lossnet(['runs', 'show', 'runs/tiny', '--json'], { cwd: own })).stdout).origins;
    const env = { LOSSNET_LOG_EVERY: '5' };
    await lossnet(['train', 'tiny.yaml', 'epochs=1', 'schedule.type=constant', '-q'], { cwd: own, env });
    await lossnet(['train', 'runs/tiny', '--resume', 'epochs=2', '-q'], { cwd: own });
    const expected = {
      epochs: { kind: 'argument' },
      log_every: { kind: 'env', variable: 'LOSSNET_LOG_EVERY' },
      seed: { kind: 'file', file: 'tiny.yaml', line: 2 },
      accumulate: { kind: 'default' },
    };
    expect(await origins()).toMatchObject(expected);
    rmSync(join(own, 'runs/tiny/sources.json'));
    const { epochs, accumulate, seed } = await origins();
    expect([epochs.file, seed.file, accumulate.kind]).toEqual([
      'runs/tiny/config.yaml',
      'runs/tiny/config.yaml',
      'default',
    ]);
  });

  it('draws the loss on a terminal, and leaves out most of many epochs', async () => {
    const folder = copied('long', 'tiny');
    const epoch = /^\{"type":"epoch".*\n/m;
    changed('long/tiny/metrics.jsonl', (text) => {
      const [line] = epoch.exec(text)!;
      const more = Array.from({ length: 27 }, (_, i) => line.replace('"epoch":1', `"epoch":${i + 4}`));
      return `${text}${more.join('')}`.replaceAll('"best":true', '"best":false');
    });
    rmSync(at('long/tiny/summary.json'));
    const command = [process.execPath, BIN, 'runs', 'show', `${folder}/tiny`];
    const { output, code } = await onTerminal(command, [], { cwd });
    expect(code).toBe(0);
    expect(output).toContain('unfinished');
    expect(output).toContain('┤');
    expect(output).toContain('19 more: --json has all');
  });

  it('shows a run whose table is gone, by what it has recorded', async () => {
    const gone = workspace({});
    cpSync(at('runs/numbers'), join(gone, 'numbers'), { recursive: true });
    const { code, stdout } = await lossnet(['runs', 'show', 'numbers'], { cwd: gone });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/ 2 +linear +1 +9 +8 /)]);
  });
});

describe('lossnet runs diff', () => {
  it('shows what differs, and says what does not', async () => {
    const { code, stdout } = await runs('diff', 'runs/tiny', 'runs/sgd');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^optimizer\.type +adam +sgd$/m);
    expect(stdout).toMatch(/^epochs +3 +2$/m);
    expect(stdout).toMatch(/^optimizer\.momentum +- +0$/m);
    expect(stdout).toMatch(/^eval_loss +[\d.]+ +[\d.]+$/m);
    expect(stdout).not.toMatch(/^(seed|data|versions)/m);
    expect(stdout).toContain('the same: data, first weights, order of batches\n');
    const other = JSON.parse((await runs('diff', 'runs/tiny', 'runs/numbers', '--json')).stdout);
    expect(other).toMatchObject({ type: 'diff', same_weights: false, same_batches: false });
    expect(other.data.map(({ key }: { key: string }) => key)).toEqual(['train', 'eval', 'test']);
    expect((await runs('diff', 'runs/tiny', 'runs/tiny')).stdout).toBe(
      'the same: configuration, data, first weights, order of batches\n',
    );
  });
});

describe('lossnet runs rm', () => {
  it('removes what is named, and says what comes free', async () => {
    const folder = copied('gone', 'tiny', 'sgd', 'hot');
    const dry = await runs('rm', folder, '--where', 'status=done', '--dry-run');
    expect(dry.stdout.replace(/[\d.]+ kB/g, '#')).toBe(
      'would remove gone/sgd (#)\nwould remove gone/tiny (#)\nnothing was removed: without --dry-run, 2 runs would free #\n',
    );
    const { code, stdout } = await runs('rm', 'gone/hot', 'gone/tiny', '--yes');
    expect([code, stdout.replace(/[\d.]+ k?B/g, '#')]).toEqual([
      0,
      'removed gone/hot (#)\nremoved gone/tiny (#)\n2 runs removed, # free again\n',
    ]);
    expect(readdirSync(at(folder))).toEqual(['sgd']);
    const json = jsonOf((await runs('rm', folder, '-y', '--json')).stdout);
    expect(json).toMatchObject([
      { type: 'removed', path: 'gone/sgd' },
      { type: 'end', removed: 1, kept: [], left: [], failed: [] },
    ]);
    expect(readdirSync(at(folder))).toEqual([]);
  });

  it('asks on a terminal, and takes anything but yes for no', async () => {
    copied('asked', 'tiny', 'sgd');
    const rm = (...args: string[]) => [process.execPath, BIN, 'runs', 'rm', ...args];
    const question = 'Remove 1 run, [\\d.]+ kB\\? \\[y/N\\] ';
    for (const [send, expected] of [
      ['\n', 1],
      ['\u0003', 130],
      ['\u0004', 130],
    ] as const) {
      const { code, output } = await onTerminal(rm('asked/tiny'), [{ wait: question, send }], { cwd });
      expect([code, output]).toEqual([expected, expect.stringContaining('Nothing was removed.')]);
    }
    expect(existsSync(at('asked/tiny/summary.json'))).toBe(true);
    const agreed = await onTerminal(rm('asked/tiny'), [{ wait: question, send: 'y\n' }], { cwd });
    expect([agreed.code, readdirSync(at('asked'))]).toEqual([0, ['sgd']]);
  });

  it('keeps the best, and the comparison that they belong to as long as it has runs', async () => {
    const own = workspace();
    const compared = await lossnet(
      ['compare', 'optimizer.lr=0.003,0.001', '--config', 'tiny.yaml', '-n', 'x', '-q', 'epochs=1'],
      { cwd: own },
    );
    expect(compared.code, compared.stderr).toBe(0);
    const values = jsonOf((await lossnet(['runs', '--json'], { cwd: own })).stdout) as unknown as {
      path: string;
      best: { value: number };
    }[];
    expect(values.map(({ path }) => path)).toEqual(['runs/compare-x/lr-0.003', 'runs/compare-x/lr-0.001']);
    const [best, worst] = values.toSorted((a, b) => a.best.value - b.best.value);
    const { code, stdout } = await lossnet(['runs', 'rm', 'runs', '--keep-best', '-y'], { cwd: own });
    expect(code).toBe(0);
    expect(stdout).toContain(`removed ${worst!.path} (`);
    expect(stdout).toContain(`kept ${best!.path}: eval loss ${best!.best.value.toFixed(4)} in epoch 1`);
    expect(existsSync(join(own, 'runs/compare-x/compare.json'))).toBe(true);
    expect((await lossnet(['runs', 'rm', 'runs/compare-x', '-y'], { cwd: own })).code).toBe(0);
    expect(readdirSync(join(own, 'runs'))).toEqual([]);
  });

  it('keeps nothing by figures that cannot be held against each other', async () => {
    const different = await runs('rm', 'runs', '--keep-best', '2', '-y');
    expect([different.code, different.stdout]).toEqual([2, '']);
    expect(different.stderr).toContain('--keep-best: the');
    expect(await paths()).toHaveLength(4);
  });

  it('refuses links, what is no run, and what lossnet did not write: all at once, and removes nothing then', async () => {
    const folder = copied('held', 'tiny', 'sgd', 'hot');
    const outside = workspace({});
    cpSync(at('runs/tiny'), join(outside, 'deep/tiny'), { recursive: true });
    symlinkSync(join(outside, 'deep'), at('held/out'));
    symlinkSync(join(outside, 'deep/tiny'), at('held/one'));
    symlinkSync('.', at('held/circle'));
    writeFileSync(at('held/hot/thesis.txt'), 'mine');
    mkdirSync(at('held/none'));
    const named = ['one', 'out/tiny', 'circle/sgd', 'none', 'nope'].map((name) => `held/${name}`);
    const refused = await runs('rm', 'held/tiny', ...named, '--yes');
    expect(refused.code).toBe(2);
    for (const said of [
      'Nothing was removed:',
      `held/one is reached by a link: it lies in ${outside}/deep/tiny.`,
      `held/out/tiny is reached by a link: it lies in ${outside}/deep/tiny.`,
      `held/circle/sgd is reached by a link: it lies in ${realpathSync(at('held/sgd'))}.`,
      'held/none is no run, and holds none.',
      'There is no folder held/nope.',
    ]) {
      expect(refused.stderr).toContain(said);
    }
    const foreign = await runs('rm', 'held/hot', '-y');
    expect([foreign.code, foreign.stderr]).toEqual([
      2,
      'error: held/hot holds what lossnet did not write: thesis.txt.\n',
    ]);
    // Found in a folder, such a run stays, and the others go.
    const some = await runs('rm', folder, '-y');
    expect([some.code, some.stderr]).toEqual([
      1,
      'warning: held/hot stays: it holds what lossnet did not write: thesis.txt.\n',
    ]);
    expect(readdirSync(at(folder)).sort()).toEqual(['circle', 'hot', 'none', 'one', 'out']);
    expect(existsSync(join(outside, 'deep/tiny/summary.json'))).toBe(true);
  });

  it('keeps the run that it is called in, and says how to remove it', async () => {
    const folder = copied('inside', 'tiny', 'sgd');
    const from = (place: string, ...args: string[]) => lossnet(['runs', 'rm', ...args], { cwd: at(place) });
    const [here, above] = [
      await from(`${folder}/tiny`, '.', '-y'),
      await from(`${folder}/tiny/checkpoints`, '../..', '-y'),
    ];
    expect([here.code, here.stderr]).toEqual([
      2,
      `error: . holds the folder that this is run in.\n  Go out of it first: cd ${realpathSync(at(folder))} && lossnet runs rm tiny\n`,
    ]);
    // The others go.
    expect([above.code, above.stderr]).toEqual([
      1,
      'warning: ../../tiny stays: it holds the folder that this is run in.\n',
    ]);
    expect(readdirSync(at(folder))).toEqual(['tiny']);
  });

  it('leaves alone what is being trained, which is shown as running', async () => {
    const own = workspace();
    let seen: Promise<unknown[]> | undefined;
    const trained = await lossnet(['train', 'tiny.yaml', 'epochs=2000', '--json'], {
      cwd: own,
      onOutput: (stdout, child) => {
        if (seen !== undefined || !stdout.includes('"epoch":2')) return;
        const all = ['runs', 'runs rm runs/tiny -y', 'runs rm runs -y'].map((args) =>
          lossnet(args.split(' '), { cwd: own }),
        );
        seen = Promise.all(all).finally(() => child.kill('SIGINT'));
      },
    });
    const [listed, refused, left] = (await seen) as { code: number; stdout: string; stderr: string }[];
    expect(listed!.stdout).toMatch(/^tiny +running +\d+\/2000/m);
    expect([refused!.code, refused!.stderr]).toEqual([2, 'error: runs/tiny is being trained.\n']);
    expect([left!.code, left!.stderr]).toEqual([1, 'warning: runs/tiny stays: it is being trained.\n']);
    expect(trained.code).toBe(130);
    expect((await lossnet(['runs'], { cwd: own })).stdout).toMatch(/^tiny +interrupted/m);
  });

  it('leaves nothing that looks like a run when it is killed, and clears up the next time', async () => {
    const folder = copied('killed', 'tiny', 'sgd');
    const kill = { call: 'rename', path: '\\.discarded', signal: 'SIGKILL', after: true } as const;
    const killed = await lossnet(['runs', 'rm', 'killed/tiny', '-y'], {
      cwd,
      env: faults({ rules: [kill] }),
    });
    expect(killed.signal).toBe('SIGKILL');
    expect(await paths(folder)).toEqual(['killed/sgd']);
    expect(readdirSync(at(folder))).toHaveLength(2);
    expect((await runs('rm', 'killed/sgd', '-y')).code).toBe(0);
    expect(readdirSync(at(folder))).toEqual([]);
  });

  it('says what it could not remove', async () => {
    copied('stuck', 'tiny');
    const env = faults({ rules: [{ call: 'rename', path: '\\.discarded', errno: 'EACCES' }] });
    const { code, stdout, stderr } = await lossnet(['runs', 'rm', 'stuck/tiny', '-y'], { cwd, env });
    expect([code, stdout]).toEqual([1, '0 runs removed, 0 B free again\n']);
    expect(stderr).toBe('warning: stuck/tiny stays. Cannot remove stuck/tiny: permission denied (EACCES).\n');
    expect(existsSync(at('stuck/tiny/summary.json'))).toBe(true);
  });
});
