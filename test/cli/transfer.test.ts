import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../src/train/safetensors.js';
import { lossnet, TINY, workspace } from '../helpers/cli.js';

/** The same with another layer before the last, for which weights are taken over. */
const OTHER = TINY.replace(
  '  - { type: linear, out_features: 10 }',
  '  - { type: linear, out_features: 12 }\n  - { type: linear, out_features: 10 }',
);
const GROUPS = 'optimizer.groups=[{layers: [6], lr: 0.001, betas: [0.8, 0.99]}]';
const SPARED = 'optimizer.weight_decay_on=weights';
const TRANSFER = [
  'init.from=runs/tiny',
  'init.strict=false',
  'freeze=[0-3]',
  GROUPS,
  SPARED,
  'optimizer.weight_decay=0.1',
];

/** Learns at once, so that there is a learning rate to be found. */
const WITH_GROUPS = `dataset: { type: shapes, train_size: 320, eval_size: 100 }
loader: { batch_size: 32 }
model:
  - { type: conv2d, out_channels: 8, kernel_size: 3, stride: 2 }
  - { type: relu }
  - { type: adaptive_avg_pool2d, output_size: 4 }
  - { type: flatten }
  - { type: linear, out_features: 10 }
optimizer:
  { type: adam, lr: 0.003, groups: [{ layers: [0], lr: 0.001 }, { parameters: '4.b*', weight_decay: 0 }] }
`;

const cwd = workspace({ 'tiny.yaml': TINY, 'other.yaml': OTHER, 'groups.yaml': WITH_GROUPS });
beforeAll(async () => {
  expect((await lossnet(['train', 'tiny.yaml', '-q'], { cwd })).code).toBe(0);
});

const file = (...parts: string[]) => join(cwd, 'runs', ...parts);
const weights = (run: string, name = 'last') => {
  const path = file(run, 'checkpoints', `${name}.safetensors`);
  return decodeSafetensors(readFileSync(path), path).tensors;
};
const records = (run: string, type: string) =>
  readFileSync(file(run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((record) => record.type === type);

describe('init.strict: false', () => {
  it('takes what fits of the best epoch of a run, says what does not, and keeps what is frozen', async () => {
    const { code, stderr } = await lossnet(['train', 'other.yaml', '--name', 'taken', ...TRANSFER], { cwd });
    expect(code).toBe(0);
    expect(stderr).toContain(
      "note: init.from: 7 of the model's 11 tensors from runs/tiny/checkpoints/best.safetensors; the rest begins anew\n" +
        'note: init.from: missing: 7.weight, 7.bias\n' +
        'note: init.from: other shape: 6.weight is [10, 256], the model needs [12, 256]; 6.bias is [10], the model needs [12]\n',
    );
    expect(stderr).toContain('3,334 parameters, 3,214 trainable and 120 frozen');
    expect(stderr).toContain('adam, lr 0.003, 1 group with 0.001, cosine schedule');
    const [start] = records('taken', 'start');
    expect(start).toMatchObject({
      parameters: 3334,
      trainable_parameters: 3214,
      transfer: {
        file: 'runs/tiny/checkpoints/best.safetensors',
        ...{ of: 11, missing: ['7.weight', '7.bias'], unexpected: [] },
        other_shape: [
          { name: '6.weight', saved: [10, 256], model: [12, 256] },
          { name: '6.bias', saved: [10], model: [12] },
        ],
      },
    });
    for (const name of ['0.weight', '0.bias', '1.weight', '1.bias'])
      expect(weights('taken').get(name)!.values, name).toEqual(weights('tiny', 'best').get(name)!.values);
    // As PyTorch's, running statistics go on.
    expect(weights('taken').get('1.running_mean')!.values).not.toEqual(
      weights('tiny', 'best').get('1.running_mean')!.values,
    );
  });

  it('records the learning rate of each group, which the schedule scales alike', () => {
    const steps = records('taken', 'step');
    expect(steps).toHaveLength(24);
    for (const { lr, group_lrs } of steps) expect(group_lrs[0] / lr).toBeCloseTo(1 / 3, 10);
    expect(records('taken', 'epoch')[1].group_lrs).toEqual([expect.any(Number)]);
    expect(records('taken', 'layers')[0].layers.map(({ layer }: { layer: string }) => layer)).toEqual([
      '6',
      '7',
    ]);
    const summary = JSON.parse(readFileSync(file('taken', 'summary.json'), 'utf8'));
    expect(summary.trainable_parameters).toBe(3214);
  });

  it.each(['graph', 'eager'])(
    'goes on to the same bytes after an interruption, engine %s',
    async (engine) => {
      const args = [...TRANSFER, `engine=${engine}`, 'checkpoint.every_steps=4'];
      const whole = await lossnet(['train', 'other.yaml', '--name', `whole-${engine}`, '-q', ...args], {
        cwd,
      });
      let sent = false;
      const stopped = await lossnet(['train', 'other.yaml', '--name', `cut-${engine}`, '--json', ...args], {
        cwd,
        onOutput: (stdout, child) => {
          if (sent || stdout.split('"type":"step"').length < 8) return;
          sent = true;
          child.kill('SIGINT');
        },
      });
      const resumed = await lossnet(['train', `runs/cut-${engine}`, '--resume', '-q'], { cwd });
      expect([whole.code, stopped.code, resumed.code, resumed.stderr]).toEqual([0, 130, 0, '']);
      for (const name of ['metrics.jsonl', 'checkpoints/resume.safetensors', 'checkpoints/best.safetensors'])
        expect(
          readFileSync(file(`cut-${engine}`, name)).equals(readFileSync(file(`whole-${engine}`, name))),
          name,
        ).toBe(true);
    },
  );

  it('is told of by a dry run and by validate, which write nothing', async () => {
    const dry = await lossnet(['train', 'other.yaml', '--dry-run', ...TRANSFER], { cwd });
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('112 parameters, frozen')]);
    expect(dry.stdout).toContain(
      'dry run: 3,334 parameters, 3,214 trainable and 120 frozen; nothing was written',
    );
    expect(dry.stderr).toContain('missing: 7.weight, 7.bias');
    const valid = await lossnet(['validate', 'other.yaml', ...TRANSFER], { cwd });
    expect([valid.code, valid.stderr]).toEqual([0, expect.stringContaining('other shape: 6.weight')]);
  });

  it('tests learning rates of all groups in proportion, and says what to write of each', async () => {
    const args = ['lr-find', 'groups.yaml', '--steps', '100'];
    const found = await lossnet(args, { cwd });
    expect(found.code).toBe(0);
    // Long lines are broken, for a shell and for YAML.
    const stdout = found.stdout.replace(/(?: \\)?\n {12}/g, ' ');
    const [, lr, group] = /optimizer\.lr=(\S+) optimizer\.groups\.0\.lr=(\S+)/.exec(stdout) ?? [];
    expect(Number(group) / Number(lr)).toBeCloseTo(1 / 3, 3);
    expect(stdout).toContain(
      `groups: [{ layers: [0], lr: ${group} }, { parameters: "4.b*", weight_decay: 0 }]`,
    );
    const zero = await lossnet(['lr-find', 'groups.yaml', 'optimizer.lr=0'], { cwd });
    expect([zero.code, zero.stderr]).toEqual([2, expect.stringContaining('optimizer.lr is 0')]);
  });
});

describe('weights that cannot be taken', () => {
  it.each([
    [['init.from=runs/tiny'], ['do not fit the model', 'missing: 7.weight [10, 12]', 'init.strict: false']],
    [
      ['init.from=runs/none', 'init.strict=false'],
      ['Cannot read runs/none', 'command line  init.from'],
    ],
    [
      ['init.from=runs/bare', 'init.strict=false'],
      [
        'runs/bare is a folder without checkpoints/best.safetensors',
        'Its last epoch has some: runs/bare/checkpoints/last.safetensors',
      ],
    ],
    [
      ['init.from=.', 'init.strict=false'],
      ['. is a folder without checkpoints/best.safetensors', 'Name the folder of a run'],
    ],
    [['init.from=tiny.yaml', 'init.strict=false'], ['tiny.yaml']],
    [
      [
        'model=[{type: flatten}, {type: linear, out_features: 10}]',
        'init.from=runs/tiny',
        'init.strict=false',
      ],
      [
        'Nothing in runs/tiny/checkpoints/best.safetensors fits the model',
        'other shape: 1.weight is [4], the model needs [10, 3072]',
      ],
    ],
    [
      ['freeze=[9]', 'optimizer.groups=[{layers: [2]}]'],
      ['there is no layer 9', 'layer 2 has no parameters: it is relu', '2 problems'],
    ],
  ])('%j', async (args, expected) => {
    mkdirSync(file('bare', 'checkpoints'), { recursive: true });
    copyFileSync(file('tiny/checkpoints/last.safetensors'), file('bare/checkpoints/last.safetensors'));
    const { code, stderr } = await lossnet(['train', 'other.yaml', '--name', 'refused', ...args], { cwd });
    expect(code).toBe(2);
    for (const text of expected) expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});
