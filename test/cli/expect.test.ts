import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lossnet, TINY, workspace } from '../helpers/cli.js';

const SHORT = TINY.replace('epochs: 3', 'epochs: 1');

describe('lossnet train with gates', () => {
  it('ends with exit code 4 and the figures when one fails, and appends to the summary of a CI job', async () => {
    const cwd = workspace({ 'tiny.yaml': `${SHORT}expect: [eval_loss<=100]\n` });
    const summary = join(cwd, 'summary.md');
    writeFileSync(summary, 'before\n');
    const { code, stdout } = await lossnet(['train', 'tiny.yaml', '-q', '--expect', 'eval_accuracy>=0.99'], {
      cwd,
      env: { GITHUB_STEP_SUMMARY: summary },
    });
    expect(code).toBe(4);
    expect(stdout).toMatch(/^passed {2}eval_loss<=100 {2}\(it is \d\.\d+\)$/m);
    expect(stdout).toMatch(/^FAILED {2}eval_accuracy>=0\.99 {2}\(it is 0(\.\d+)?\)$/m);
    const markdown = readFileSync(summary, 'utf8');
    expect(markdown).toMatch(/^before\n### lossnet train: tiny done\n/);
    expect(markdown).toContain('- ❌ `eval_accuracy>=0.99`: 0');

    // What is expected may change when a run is continued, and an unwritable summary is no failure.
    writeFileSync(join(cwd, 'tiny.yaml'), `${SHORT}expect: [train_loss>0]\n`);
    const again = await lossnet(['train', 'tiny.yaml', '--resume', '--json'], {
      cwd,
      env: { GITHUB_STEP_SUMMARY: cwd },
    });
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('warning: cannot append to')]);
    expect(JSON.parse(again.stdout.trimEnd().split('\n').at(-1)!)).toEqual({
      type: 'expect',
      gate: 'train_loss>0',
      value: expect.any(Number),
      passed: true,
    });
  });

  it('does not wait for anybody to read a summary that is a pipe', async () => {
    const cwd = workspace({ 'tiny.yaml': SHORT });
    const summary = join(cwd, 'pipe');
    execFileSync('mkfifo', [summary]);
    const { code, stderr } = await lossnet(['train', 'tiny.yaml', '-q'], {
      cwd,
      env: { GITHUB_STEP_SUMMARY: summary },
    });
    expect([code, stderr]).toEqual([0, expect.stringContaining('warning: cannot append to')]);
  });

  it('says what is wrong with a gate before it trains, wherever it is written', async () => {
    const cwd = workspace({ 'tiny.yaml': `${SHORT}expect: [eval_acuracy>=0.6, adam.eval_loss<1]\n` });
    const inFile = await lossnet(['train', 'tiny.yaml'], { cwd });
    expect([inFile.code, inFile.stdout]).toEqual([2, '']);
    expect(inFile.stderr).toContain('tiny.yaml:20:10  expect.0');
    expect(inFile.stderr).toContain('did you mean `eval_accuracy`?');
    expect(inFile.stderr).toContain('would be a variant of a comparison');

    const typed = await lossnet(['train', 'tiny.yaml', '--expect', 'eval_los<1'], { cwd });
    expect([typed.code, typed.stderr]).toEqual([2, expect.stringContaining('did you mean `eval_loss`?')]);
    const never = await lossnet(
      ['train', 'tiny.yaml', 'expect=["eval_loss<1"]', 'evaluation.every=0', 'checkpoint.monitor=train_loss'],
      { cwd },
    );
    expect([never.code, never.stderr]).toEqual([2, expect.stringContaining('eval_loss is never known')]);
  });

  it('a run that diverges ends with 3, whatever is expected of it', async () => {
    const args = [
      'train',
      'tiny.yaml',
      'optimizer={ type: sgd, lr: 1e30 }',
      '--expect',
      'eval_accuracy>=0.9',
    ];
    expect((await lossnet(args, { cwd: workspace() })).code).toBe(3);
  });

  it('is refused before training where a share could never be so', async () => {
    const { code, stderr } = await lossnet(['train', 'tiny.yaml', '--expect', 'eval_accuracy>=60'], {
      cwd: workspace(),
    });
    expect(code).toBe(2);
    expect(stderr).toContain('eval_accuracy is a share from 0 to 1; received 60');
    expect(stderr).toContain('write 0.6');
    const compared = await lossnet(['compare', 'sgd', 'adam', '--expect', 'adam.eval_accuracy<=-1'], {
      cwd: workspace(),
    });
    expect([compared.code, compared.stderr]).toEqual([2, expect.stringContaining('is a share from 0 to 1')]);
  });
});

describe('a gate on shapes that stand in for a data set', () => {
  const cwd = workspace({
    'c.yaml': TINY.replace(
      /dataset: .*/,
      'dataset: { type: cifar10, root: here, download: false, if_unavailable: shapes }',
    )
      .replace(/epochs: 3/, 'epochs: 1\nevaluation: { limit: 64 }')
      .replace('batch_size: 8', 'batch_size: 8, limit: 64'),
  });
  mkdirSync(join(cwd, 'here'));

  it('fails, whatever the figure is, unless that is allowed', async () => {
    const args = ['train', 'c.yaml', '-q', '--expect', 'eval_accuracy>=0'];
    const failed = await lossnet(args, { cwd });
    expect([failed.code, failed.stdout]).toEqual([
      4,
      expect.stringMatching(
        /FAILED {2}eval_accuracy>=0 {2}\(it is [\d.]+, on shapes, not on cifar10: --allow-stand-in/,
      ),
    ]);
    const allowed = await lossnet([...args, '--allow-stand-in', '--force'], { cwd });
    expect([allowed.code, allowed.stdout]).toEqual([0, expect.stringContaining('passed  eval_accuracy>=0')]);
    const evaluated = await lossnet(['evaluate', 'runs/c', '--expect', 'loss<100'], { cwd });
    expect([evaluated.code, evaluated.stdout]).toEqual([
      4,
      expect.stringContaining('on shapes, not on cifar10'),
    ]);
    await lossnet(['train', 'c.yaml', '-q', '--name', 'd', 'optimizer.lr=0.01'], { cwd });
    const args2 = ['compare', 'runs/c', 'runs/d', '--expect', 'c.eval_loss<100', '--json'];
    const compared = await lossnet(args2, { cwd });
    expect([compared.code, compared.stdout]).toEqual([
      4,
      expect.stringContaining('on shapes, not on cifar10'),
    ]);
    expect((await lossnet([...args2, '--allow-stand-in'], { cwd })).code).toBe(0);
  });

  it('is never met where the folder that was named is not there: that is an error', async () => {
    const { code, stderr } = await lossnet(['train', 'c.yaml', '--name', 'x', 'dataset.root=hear'], { cwd });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/Looked in .*hear .*there is no such folder/)]);
    expect(stderr).not.toContain('if_unavailable');
  });
});
