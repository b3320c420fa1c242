import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LossnetError } from '../../src/base/errors.js';
import { readBaseline } from '../../src/runs/baseline.js';
import { RunFolder } from '../../src/runs/store/folder.js';
import { checkResumable } from '../../src/runs/train/resume.js';
import { lossnet, TINY, workspace } from '../helpers/cli.js';

const SHORT = TINY.replace('epochs: 3', 'epochs: 1');

describe('--baseline', () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = workspace({ 'tiny.yaml': SHORT });
    const [run, comparison] = [
      await lossnet(['train', 'tiny.yaml', '-n', 'main', '-q'], { cwd }),
      await lossnet(['compare', 'sgd', 'adam', '-c', 'tiny.yaml', '--seeds', '2', '-n', 'main', '-q'], {
        cwd,
      }),
    ];
    expect([run.code, comparison.code]).toEqual([0, 0]);
  });

  const finalOf = (run: string): Record<string, number> =>
    JSON.parse(readFileSync(join(cwd, run, 'summary.json'), 'utf8')).final;

  it("of train tells what has changed, and decides gates by the baseline's figure", async () => {
    const env = { GITHUB_STEP_SUMMARY: join(cwd, 'summary.md') };
    const args = ['--baseline', 'runs/main', '--expect', 'eval_loss<=baseline-5'];
    const { code, stdout } = await lossnet(['train', 'tiny.yaml', 'seed=1', '-q', ...args], { cwd, env });
    const [before, now] = [finalOf('runs/main').eval_loss!, finalOf('runs/tiny').eval_loss!];
    expect(code).toBe(4);
    expect(stdout).toContain(`  eval loss               ${before.toFixed(4)} -> ${now.toFixed(4)}  `);
    expect(stdout).toMatch(/^FAILED {2}eval_loss<=baseline-5 {2}\(it is [\d.]+, the baseline [\d.]+, so/m);
    expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8')).toContain(
      `| eval loss | ${now.toFixed(4)} | ${before.toFixed(4)} | `,
    );
    // The same run again, which is done: the same figures, and as data for scripts.
    const again = await lossnet(
      [
        'train',
        'tiny.yaml',
        'seed=1',
        '--resume',
        '--json',
        ...args.slice(0, 2),
        '--expect',
        'eval_loss<=2*baseline',
      ],
      { cwd },
    );
    const lines = again.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-2)).toMatchObject({ type: 'baseline', path: 'runs/main' });
    expect(lines.at(-2).changes).toContainEqual({
      ...{ metric: 'eval_loss', value: now, baseline: before, difference: now - before, margin: null },
    });
    expect(lines.at(-1)).toMatchObject({ passed: true, baseline: before, bound: 2 * before });
  });

  it('of compare pairs variants by name and runs by seed', async () => {
    const args = [
      'compare',
      'sgd',
      'adam',
      '-c',
      'tiny.yaml',
      'optimizer.lr=0.02',
      '--seeds',
      '2',
      '-n',
      'next',
    ];
    const gate = ['--expect', 'sgd.eval_loss<=baseline+9'];
    const { code, stdout } = await lossnet([...args, '--json', '--baseline', 'runs/compare-main', ...gate], {
      cwd,
    });
    expect(code).toBe(0);
    const { results } = JSON.parse(stdout);
    const losses = (comparison: string) =>
      [5, 6].map((seed) => finalOf(`runs/compare-${comparison}/sgd-s${seed}`).eval_loss!);
    const differences = losses('next').map((loss, i) => loss - losses('main')[i]!);
    const [expected] = results.expect;
    expect(expected.value - expected.baseline).toBeCloseTo((differences[0]! + differences[1]!) / 2, 9);
    // t(0.975, 1) * s / sqrt(2), of two differences.
    expect(expected.margin).toBeCloseTo((12.7062 * Math.abs(differences[0]! - differences[1]!)) / 2, 3);
    expect(results.baseline.variants.map(({ name }: { name: string }) => name).sort()).toEqual([
      'adam',
      'sgd',
    ]);

    // A run has one seed, and is every variant's.
    const markdown = await lossnet([...args, '--md', '--baseline', 'runs/main'], { cwd });
    expect(markdown.stdout).toMatch(
      /^\| adam \| eval accuracy \| [\d.]+ % -> [\d.]+ % \| [+-]?[\d.]+ points \|$/m,
    );
  });

  it.each([
    [['train', 'tiny.yaml', '--expect', 'eval_loss<=baseline'], 'none is named'],
    [['train', 'tiny.yaml', 'expect=[eval_loss<=baseline]'], 'none is named'],
    [['train', 'tiny.yaml', '--baseline', ''], '--baseline is empty'],
    [['train', 'tiny.yaml', '--baseline', 'runs/mian'], 'Did you mean runs/main?'],
    [['train', 'tiny.yaml', '--baseline', 'runs/compare-main'], 'Its variants: sgd, adam.'],
    [['compare', 'sgd', 'adan', '-c', 'tiny.yaml', '--baseline', 'runs/compare-main'], 'adan'],
    [
      ['compare', 'sgd', 'momentum', '-c', 'tiny.yaml', '--baseline', 'runs/compare-main'],
      'has no variant momentum',
    ],
    [['compare', 'sgd', 'adam', '-c', 'tiny.yaml', '--baseline', 'runs/main', '--shard', '1/2'], '--merge'],
    [
      ['compare', 'sgd', 'adam', '-c', 'tiny.yaml', '--target', 'eval_loss<=baseline'],
      'nothing to be reached',
    ],
    [['evaluate', 'runs/main', '--expect', 'accuracy>=baseline'], 'none is named'],
  ])('%j is refused before anything is trained', async (args, words) => {
    const { code, stdout, stderr } = await lossnet(args, { cwd });
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(words)]);
  });

  it('names another run first where the baseline is damaged, and the folder of a run that was moved', () => {
    const moved = join(cwd, 'else/b');
    cpSync(join(cwd, 'runs/main'), moved, { recursive: true });
    writeFileSync(join(moved, 'metrics.jsonl'), '');
    const said = (work: () => unknown): LossnetError => {
      try {
        work();
      } catch (error) {
        return error as LossnetError;
      }
      throw new Error('nothing was refused');
    };
    expect(said(() => readBaseline(moved)).remedy).toMatch(
      /^Name another run or comparison .*\n.*Mend it with: lossnet train /,
    );
    rmSync(join(moved, 'checkpoints/resume.safetensors'));
    const anew = `lossnet train ${moved}/config.yaml runs_dir=${cwd}/else name=b --force (`;
    expect(said(() => checkResumable(new RunFolder(moved))).remedy).toContain(anew);
  });

  it('says where figures are of other samples, and reads no run that is damaged or not done', async () => {
    const others = await lossnet(
      ['train', 'tiny.yaml', 'dataset.eval_size=30', '-n', 'other', '-q', '--baseline', 'runs/main'],
      { cwd },
    );
    expect([others.code, others.stderr]).toEqual([
      0,
      expect.stringMatching(/warning: eval figures are not of the samples/),
    ]);
    writeFileSync(join(cwd, 'runs/compare-main/compare.json'), '{');
    const damaged = await lossnet(['train', 'tiny.yaml', '--baseline', 'runs/compare-main'], { cwd });
    expect([damaged.code, damaged.stderr]).toEqual([2, expect.stringContaining('compare.json is damaged')]);
    const summary = join(cwd, 'runs/other/summary.json');
    writeFileSync(summary, readFileSync(summary, 'utf8').replace('"done"', '"interrupted"'));
    const open = await lossnet(['train', 'tiny.yaml', '--baseline', 'runs/other'], { cwd });
    expect([open.code, open.stderr]).toEqual([2, expect.stringContaining('did not get to its end')]);
  });
});
