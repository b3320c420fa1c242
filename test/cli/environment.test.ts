import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';

describe('a variable that TensorFlow would not survive', () => {
  it.each([
    ['train', 'tiny.yaml'],
    ['compare', 'sgd', 'adam', '--config', 'tiny.yaml'],
    ['lr-find', 'tiny.yaml'],
    ['export', 'runs/tiny'],
    ['report', 'runs/tiny'],
  ])('is a mistake of usage that every command names: %s', async (...args) => {
    const cwd = workspace();
    const env = { TF_NUM_INTRAOP_THREADS: '-3', TF_NUM_INTEROP_THREADS: '100000' };
    const { code, signal, stdout, stderr } = await lossnet(args, { cwd, env });
    expect([code, signal, stdout]).toEqual([2, null, '']);
    expect(stderr).toBe(
      [
        'error: TF_NUM_INTRAOP_THREADS="-3": expected a whole number from 1 to 1024, or 0 for all cores.',
        'TF_NUM_INTEROP_THREADS="100000": expected a whole number from 1 to 1024, or 0 for all cores.',
        '  Unset it, or give it such a value.',
        '',
      ].join('\n'),
    );
    expect(readdirSync(cwd)).toEqual(['tiny.yaml']);
  });

  it('counts as unset when it is empty', async () => {
    const env = {
      TF_NUM_INTRAOP_THREADS: '',
      TF_NUM_INTEROP_THREADS: '',
      TF_ENABLE_ONEDNN_OPTS: '',
      TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE: '',
    };
    const { code, stderr } = await lossnet(['train', 'tiny.yaml', '-q', 'epochs=1'], {
      cwd: workspace(),
      env,
    });
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe('numbers of a size that nothing could hold', () => {
  it.each([
    ['model.0.out_channels=1e9', 'conv2d makes for each sample an output of 1000000000 x 32 x 32 numbers'],
    ['model.0.padding=1e6', 'conv2d makes for each sample an output of 4 x 2000030 x 2000030 numbers'],
    ['model.0.padding=1e12', 'to 1000000'],
    ['model.0.stride=1e15', 'to 1000000'],
    ['threads={intra: 5000, inter: 1}', 'expected integer from 1 to 1024; received 5000'],
    [
      'model=[{type: flatten}, {type: linear, out_features: 1e6}]',
      'linear makes a weight of 1000000 x 3072 numbers',
    ],
    ['model=[{type: gru, hidden_size: 4, num_layers: 1e9}]', 'expected integer from 1 to 1000'],
  ])('are refused before training: %s', async (override, message) => {
    const cwd = workspace();
    const { code, stderr } = await lossnet(['train', 'tiny.yaml', override], { cwd });
    expect([code, stderr.replace(/\s+/g, ' ')]).toEqual([2, expect.stringContaining(message)]);
  });
});
