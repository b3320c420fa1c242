import { describe, expect, it } from 'vitest';
import { keysOfFlag } from '../../src/cli/flag-keys.js';
import { OTHER_NAMES } from '../../src/cli/misnamed.js';
import { lossnet, workspace } from '../helpers/cli.js';

describe('what other programs would take is answered with the whole command', () => {
  it.each([
    ['train --epochs 2 tiny.yaml --lr=0.1 --json', 'train tiny.yaml epochs=2 optimizer.lr=0.1 --json'],
    ['train tiny.yaml --batch-size 64 --name a', 'train tiny.yaml loader.batch_size=64 --name a'],
    ['train tiny.yaml --optimizer adam --seed 1', 'train tiny.yaml optimizer.type=adam seed=1'],
    ['train tiny.yaml --no-shuffle --tensorboard', 'train tiny.yaml loader.shuffle=false tensorboard=true'],
    ['train tiny.yaml --model.0.out_channels 8', 'train tiny.yaml model.0.out_channels=8'],
    ['compare sgd adam --learning-rate 0.1,0.2 --seeds 2', 'compare sgd adam optimizer.lr=0.1,0.2 --seeds 2'],
    ['train tiny.yaml --freeze 0-3', "train tiny.yaml 'freeze=[0-3]'"],
    ['fit tiny.yaml --lr 0.1', 'train tiny.yaml optimizer.lr=0.1'],
    ['test runs/a', 'evaluate runs/a'],
    ['inference runs/a b.png', 'predict runs/a b.png'],
    ['resume runs/a', 'train runs/a --resume'],
  ])('%s', async (typed, meant) => {
    const { code, stdout, stderr } = await lossnet(typed.split(' '), { cwd: workspace() });
    expect(code).toBe(2);
    expect(stderr).toContain(`\n  Write: lossnet ${meant}\n`);
    if (!typed.includes('--json')) expect(stdout).toBe('');
  });

  it('quotes what a shell would read otherwise, and says what is missing', async () => {
    const { stderr } = await lossnet(['train', 'a b.yaml', '--lr']);
    expect(stderr).toBe(
      "error: --lr is no option: a value of the configuration is written key=value.\n  Write: lossnet train 'a b.yaml' 'optimizer.lr=<value>'\n",
    );
  });

  it('names the other keys that may be meant', async () => {
    const { stderr } = await lossnet(['train', 'a.yaml', '--eps', '1e-3']);
    expect(stderr).toContain('optimizer.eps=1e-3\n  --eps may also be schedule.eps.');
  });

  it('with --json, as a line of its own', async () => {
    const { stdout } = await lossnet(['train', 'a.yaml', '--lr', '1', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ type: 'error', code: 'LOSSNET_USAGE' },
      problems: [{ help: ['Write: lossnet train a.yaml optimizer.lr=1 --json'] }],
    });
  });

  it.each([
    [['train', 'a.yaml', '--jsn'], 'Did you mean --json?'],
    [['train', 'a.yaml', '--frobnicate', '3'], "unknown option '--frobnicate'"],
    [['report', 'runs/a', '--lr', '3'], "unknown option '--lr'"],
    [['frobnicate'], "unknown command 'frobnicate'"],
    // The value of an option, and what stands behind --, are nobody's options.
    [['train', 'a.yaml', '--name', '--lr'], 'name'],
    [['train', 'a.yaml', '--', '--lr'], 'command line'],
  ])('leaves the rest to others: %j', async (args, expected) => {
    const { code, stderr } = await lossnet(args, { cwd: workspace({ 'a.yaml': 'epochs: 1\n' }) });
    expect(code).toBe(2);
    expect(stderr).toContain(expected);
    expect(stderr).not.toContain('Write: lossnet');
  });
});

describe('names', () => {
  it.each([
    ['lr', ['optimizer.lr']],
    ['batchSize', ['loader.batch_size']],
    ['optimizer-lr', ['optimizer.lr']],
    ['seed', ['seed']],
    ['monitor', expect.arrayContaining(['schedule.monitor', 'checkpoint.monitor'])],
    ['type', expect.arrayContaining(['dataset.type', 'optimizer.type'])],
    ['model', []],
    ['evaluation', []],
    ['constructor', []],
  ])('%s', (flag, paths) => {
    expect(keysOfFlag(flag).map(({ path }) => path)).toEqual(paths);
  });

  it('of other programs lead to commands that there are', async () => {
    const { stdout } = await lossnet(['--help']);
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+) .*/gm)].map(([, name]) => name);
    const known = Object.values(OTHER_NAMES).filter(([command]) => commands.includes(command));
    expect(known.length).toBeGreaterThan(15);
    expect(Object.keys(OTHER_NAMES).filter((name) => commands.includes(name))).toEqual([]);
  });
});

describe('validate', () => {
  it('checks with other values', async () => {
    const cwd = workspace();
    const wider = await lossnet(['validate', 'tiny.yaml', 'model.0.out_channels=6'], { cwd });
    expect([wider.code, wider.stderr]).toEqual([0, '']);
    expect(wider.stdout).toContain('6 x 32 x 32');
    const wrong = await lossnet(['validate', 'tiny.yaml', 'epochs=0'], { cwd });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('expected integer ≥ 1; received 0');
    const alone = await lossnet(['validate', 'epochs=0'], { cwd });
    expect(alone.stderr).toContain('There is no configuration to check');
  });
});
