import { expect, it } from 'vitest';
import { type ConfigInput, loadConfig } from '../../../src/config/index.js';
import { findPlace } from '../../../src/runs/parallel/place.js';
import { LAUNCH, resumeCommand } from '../../../src/runs/parallel/way-on.js';
import { RunFolder } from '../../../src/runs/store/folder.js';
import { checkSameRun } from '../../../src/runs/train/resume.js';
import { beginTogether } from '../../../src/runs/train/together.js';
import { newProgress } from '../../../src/train/progress.js';
import { workspace } from '../../helpers/cli.js';
import { memoryGroup } from '../../helpers/memory-group.js';
import { classes } from '../../helpers/tasks.js';

const shared = (parts: number | null = null, hosts: string[] | null = null) => ({ parts, hosts });
const place = (size: number, isLaunched: boolean) => ({ size, isLaunched });

it.each([
  ['lossnet train runs/a --resume', null, null],
  ['lossnet launch -n 2 -- train runs/a --resume', shared(), place(2, true)],
  ['lossnet launch -n 2 -- train runs/a --resume', shared(4), place(2, true)],
  // What was asked for now need not fit the run.
  ['lossnet launch -n 1 -- train runs/a --resume', shared(3), place(2, true)],
  ['lossnet launch -n 1 -- train runs/a --resume', shared(), null],
  ['lossnet train runs/a --resume, started for each rank as before', shared(), place(2, false)],
  ['lossnet train runs/a --resume, started for each rank as before', shared(null, ['a', 'b']), null],
])('%s', (command, parallel, at) => {
  expect(resumeCommand('runs/a', parallel, at)).toBe(command);
  expect(resumeCommand('runs/a b', parallel, at)).toBe(command.replace('runs/a', "'runs/a b'"));
});

it('a run that was begun by several is refused under another configuration with a command that works', () => {
  const config: ConfigInput = {
    name: 'a',
    dataset: { type: 'shapes' },
    model: [{ type: 'flatten' }, { type: 'linear', out_features: 10 }],
    optimizer: { type: 'sgd' },
  };
  const text = JSON.stringify({ ...config, parallel: { hosts: ['a', 'b'], timeout: 3 } });
  const folder = new RunFolder(workspace({ 'config.yaml': text }));
  const now = (parallel: NonNullable<ConfigInput['parallel']>) =>
    loadConfig({ config: { ...config, parallel } });
  const cluster = { worker: ['a:1', 'b:1'] };
  const TF_CONFIG = JSON.stringify({ cluster, task: { type: 'worker', index: 0 }, environment: LAUNCH });
  const launched = findPlace(now({}), { TF_CONFIG });
  expect(() => checkSameRun(now({ parts: 4 }), folder, launched)).toThrow(
    expect.objectContaining({
      remedy: expect.stringContaining(`lossnet launch -n 2 -- train ${folder.path} --resume\n`),
    }),
  );
  // Where the ranks are, and how long they wait, may differ.
  checkSameRun(now({ hosts: ['c', 'd', 'e'], join_timeout: 5 }), folder, launched);
});

it('what rank 0 cannot begin all ranks are told', async () => {
  const taken = new Error('runs/a exists already.');
  const progress = newProgress(classes(4));
  const [own, told] = await Promise.allSettled(
    memoryGroup(2).map((group) =>
      beginTogether(group, () => {
        if (group.rank === 0) throw taken;
        return progress;
      }),
    ),
  );
  expect(own).toMatchObject({ status: 'rejected', reason: taken });
  expect(told).toMatchObject({
    status: 'rejected',
    reason: { message: 'Not all ranks can take part:\n  rank 0: runs/a exists already.' },
  });
  expect(await Promise.all(memoryGroup(2).map((group) => beginTogether(group, () => progress)))).toEqual([
    progress,
    progress,
  ]);
});
