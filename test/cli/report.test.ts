import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';

const cwd = workspace();
const at = (path: string) => join(cwd, path);
const read = (path: string) => readFileSync(at(path), 'utf8');
const report = (...args: string[]) => lossnet(['report', ...args], { cwd });

/** A copy of the trained run, changed. */
function changed(name: string, file: string, change: (text: string) => string): string {
  cpSync(at('runs/tiny'), at(`changed/${name}`), { recursive: true });
  const path = at(`changed/${name}/${file}`);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  return `changed/${name}`;
}

const lines = (text: string, keep: (record: Record<string, unknown>) => object | null) =>
  text
    .trimEnd()
    .split('\n')
    .flatMap((line) => keep(JSON.parse(line) as Record<string, unknown>) ?? [])
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');

beforeAll(async () => {
  const train = (...args: string[]) => lossnet(['train', 'tiny.yaml', '-q', ...args], { cwd });
  const codes = [
    await train(),
    await train('-n', 'hot', 'optimizer.type=sgd', 'optimizer.lr=1e30', 'schedule.type=constant'),
    await train('-n', 'blind', 'epochs=1', 'evaluation.every=0', 'checkpoint.monitor=train_loss'),
  ].map(({ code, stderr }) => (code === 0 || code === 3 ? code : stderr));
  expect(codes).toEqual([0, 3, 0]);
});

describe('lossnet report <run>', () => {
  it('writes an HTML file and its main chart into the folder of the run', async () => {
    const { code, stdout, stderr } = await report('runs/tiny');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.replace(/\(\d+ KB\)/, '(size)')).toMatchInlineSnapshot(`
      "report on 1 run: runs/tiny/report.html (size)
        its chart: runs/tiny/report.svg, runs/tiny/report.png
      "
    `);
    expect(read('runs/tiny/report.html')).toMatch(/^<!doctype html>/);
    expect(read('runs/tiny/report.svg')).toMatch(/^<svg /);
    expect(readFileSync(at('runs/tiny/report.png')).subarray(1, 4).toString()).toBe('PNG');
  });

  it('shows what the run recorded', () => {
    const page = read('runs/tiny/report.html');
    const { final } = JSON.parse(read('runs/tiny/summary.json')) as { final: Record<string, number> };
    expect(page).toContain(`<td>${final.eval_loss!.toPrecision(4)}</td>`);
    expect(page).toContain(`${(final.eval_accuracy! * 100).toFixed(2)} %`);
    for (const title of [
      'Loss by epoch',
      'Accuracy by epoch',
      'Training loss by step',
      'Learning rate by step',
    ]) {
      expect(page).toContain(`-caption">${title}</figcaption>`);
    }
    expect(page).toContain('Gradient norm by layer');
    expect(page).toContain('Update-to-weight ratio by layer</figcaption>');
    expect(page).not.toContain('No figures of layers');
  });

  it('explains it, with the verdict that the training ended with', () => {
    const page = read('runs/tiny/report.html');
    const { diagnosis } = JSON.parse(read('runs/tiny/summary.json')) as {
      diagnosis: { kind: string; finding: string; advice: string };
    };
    const verdict = `${diagnosis.finding} ${diagnosis.advice}`;
    expect(verdict.length).toBeGreaterThan(20);
    const [results, rates, layers] = ['results', 'learning-rate', 'layers'].map(
      (id) => page.split(`<section id="${id}"`)[1]!.split('</section>')[0]!,
    );
    for (const section of [results, rates]) expect(section).toContain(verdict);
    expect(rates).toMatch(
      /adam with optimizer\.lr=0\.003, schedule cosine: 0\.003 at first, down to [\de.-]+ by step 24\./,
    );
    expect(rates).toContain('Learning rate by step</figcaption>');
    expect(layers).toMatch(/A step of adam moved a parameter by [\d.]+ to [\d.]+, its gradient being/);
  });

  it('says that a run has no figures of layers', async () => {
    const run = changed('no-layers', 'metrics.jsonl', (text) =>
      text
        .split('\n')
        .filter((line) => !line.includes('"type":"layers"'))
        .join('\n'),
    );
    expect((await report(run, '--force', '--no-predictions')).code).toBe(0);
    expect(read(`${run}/report.html`)).toContain('No figures of layers were recorded by tiny');
  });

  it('has the model say the same of the evaluation images as it did in training', () => {
    const page = read('runs/tiny/report.html');
    const cells = (kind: string) => [...page.matchAll(new RegExp(`class="${kind} shade-\\d+">(\\d+)<`, 'g'))];
    const sum = (kind: string) => cells(kind).reduce((total, [, count]) => total + Number(count), 0);
    expect([cells('hit').length, cells('miss').length]).toEqual([10, 90]);
    expect(sum('hit') + sum('miss')).toBe(20);
    const best = read('runs/tiny/metrics.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; best?: boolean; eval_accuracy: number })
      .filter((record) => record.best)
      .at(-1)!;
    expect(sum('hit') / 20).toBe(best.eval_accuracy);
    expect(page).not.toContain('while the run recorded');
    expect(page.match(/<img src="data:image\/png;base64,/g)!.length).toBe(Math.min(18, sum('miss')));
  });

  it('keeps what is there, unless told to', async () => {
    const { code, stderr } = await report('runs/tiny');
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "error: runs/tiny/report.html and runs/tiny/report.svg and runs/tiny/report.png exist already.
        Add --force to write the report anew, or name another file with --output.
      "
    `);
  });

  it('gives the same bytes for the same run', async () => {
    const files = ['html', 'svg', 'png'].map((kind) => `runs/tiny/report.${kind}`);
    const before = files.map((file) => readFileSync(at(file)));
    expect((await report('runs/tiny', '--force')).code).toBe(0);
    for (const [i, file] of files.entries())
      expect(readFileSync(at(file)).equals(before[i]!), file).toBe(true);
  });

  it('leaves a run that can still be resumed, and replaced', async () => {
    const copy = changed('replaced', 'config.yaml', (text) => text);
    expect(existsSync(at(`${copy}/report.html`))).toBe(true);
    const { code } = await lossnet(
      ['train', 'tiny.yaml', '-q', '--force', '-n', 'replaced', 'runs_dir=changed', 'epochs=1'],
      { cwd },
    );
    expect([code, existsSync(at(`${copy}/report.html`))]).toEqual([0, false]);
  });

  it('shows the figures of layers', async () => {
    const run = changed('layers', 'metrics.jsonl', (text) =>
      lines(text, (record) => {
        if (record.type !== 'layers') return record;
        const figures = { grad_norm: 0.5, weight_norm: 2, update_ratio: null };
        const layers = ['0', '6'].map((layer) => ({ layer, ...figures }));
        return { type: 'layers', epoch: record.epoch, step: record.step, layers };
      }),
    );
    expect((await report(run, '--force', '--no-predictions')).code).toBe(0);
    const page = read(`${run}/report.html`);
    expect(page).toContain('Gradient norm by layer');
    expect(page).toContain('0 conv2d: 0.5000 at step 1');
    expect(page).not.toContain('No figures of layers');
    expect(page).not.toContain('Update-to-weight ratio by layer</figcaption>');
    expect(page).not.toContain('Confusion matrix');
  });
});

describe('runs that are not whole', () => {
  it('a run that diverged before its first epoch ended', async () => {
    expect((await report('runs/hot')).code).toBe(0);
    const page = read('runs/hot/report.html');
    expect(page).toMatch(/hot diverged at step \d, in epoch 1, at a learning rate of 1e30/);
    expect(page).toMatch(/optimizer\.lr=(1e\+?30), no schedule: 1e30 at every step/);
    expect(page).not.toContain('Learning rate by step</figcaption>');
    expect(page).toContain('no epoch came to its end');
    expect(page).not.toContain('NaN');
  });

  it('a run that diverged at its first step has no chart', async () => {
    const run = changed('first', 'metrics.jsonl', (text) =>
      lines(text, (record) => {
        if (record.type === 'start') return record;
        if (record.type !== 'step' || record.step !== 1) return null;
        return { ...record, type: 'diverged', phase: 'training', tensor: 'x', loss: null, suggested_lr: 0.1 };
      }),
    );
    for (const kind of ['html', 'svg', 'png']) rmSync(at(`${run}/report.${kind}`), { force: true });
    rmSync(at(`${run}/checkpoints`), { recursive: true });
    const { code, stdout } = await report(run);
    expect(code).toBe(0);
    expect(stdout).toContain('no chart as SVG and PNG: no run recorded a loss');
    expect(existsSync(at(`${run}/report.svg`))).toBe(false);
    expect(read(`${run}/report.html`)).toContain('diverged at step 1');
  });

  it('a run without evaluation, of one epoch', async () => {
    expect((await report('runs/blind')).code).toBe(0);
    const page = read('runs/blind/report.html');
    expect(page).toContain('No confusion matrix and no mistakes: The run was not evaluated');
    expect(page).toContain('blind, training: ');
    expect(page).not.toContain('blind, evaluation');
  });

  it('a run that was killed', async () => {
    const run = changed('killed', 'metrics.jsonl', (text) =>
      lines(text, (record) => (Number(record.epoch ?? 0) > 1 ? null : record)).concat('{"type":"st'),
    );
    rmSync(at(`${run}/summary.json`));
    expect((await report(run, '--force', '--no-predictions')).code).toBe(0);
    expect(read(`${run}/report.html`)).toContain(
      'has not ended: it was killed or still runs, after 1 of 3 epochs',
    );
  });

  it('never shows other images than those of the run', async () => {
    const run = changed('other', 'metrics.jsonl', (text) =>
      lines(text, (record) =>
        record.type === 'start'
          ? { ...record, eval: { ...(record.eval as object), sha256: '0'.repeat(64) } }
          : record,
      ),
    );
    const { code, stderr } = await report(run, '--force');
    expect([code, stderr]).toEqual([0, '']);
    const page = read(`${run}/report.html`);
    expect(page).toContain('are not those of the run: their SHA-256 is');
    expect(page).not.toContain('<img');
  });

  it('says when a checkpoint is damaged', async () => {
    const run = changed('damaged', 'checkpoints/best.safetensors', () => 'nonsense');
    expect((await report(run, '--force')).code).toBe(0);
    expect(read(`${run}/report.html`)).toMatch(/No confusion matrix and no mistakes: [^<]*best\.safetensors/);
  });
});

describe('lossnet report <runs…>', () => {
  it('takes a folder for the runs in it', async () => {
    const { code, stdout } = await report('runs');
    expect(code).toBe(0);
    expect(stdout).toContain('report on 3 runs: runs/report.html');
    const page = read('runs/report.html');
    expect(page).toContain('<h1>blind, hot, tiny</h1>');
    expect(page).toMatch(/<tr class="differs"><th scope="row"><code>optimizer\.lr<\/code>/);
    expect(page).not.toMatch(/<tr class="differs"><th scope="row"><code>(name|seed|loss\.type)<\/code>/);
    expect(page).toContain('The runs began with the same weights');
  });

  it('draws twelve runs, of one name or not', async () => {
    const runs = Array.from({ length: 12 }, (_, i) => {
      cpSync(at('runs/tiny'), at(`many/${i}`), { recursive: true });
      return `many/${i}`;
    });
    const { code, stdout } = await report(
      ...runs,
      '--no-predictions',
      '-o',
      'out/many.html',
      '--title',
      '<i>',
      '--json',
    );
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        ...{ type: 'report', runs: 12, left_out: 0, bytes: statSync(at('out/many.html')).size },
        ...{ html: 'out/many.html', svg: 'out/many.svg', png: 'out/many.png' },
      },
    ]);
    const page = read('out/many.html');
    expect(page).toContain('<title>&lt;i&gt; – lossnet</title>');
    expect(page).toContain('id="show-11"');
    expect(page).toContain('>11, evaluation<');
    expect(existsSync(at('out/many.png'))).toBe(true);
  });

  it.each([
    ['no run', ['nowhere']],
    ['a misspelt run', ['runs/tinny']],
    ['folders without runs', ['empty', 'nowhere']],
    ['an output that is no HTML file', ['runs/tiny', '-o', 'report.pdf']],
    ['no arguments', []],
  ])('refuses %s', async (_, args) => {
    mkdirSync(at('empty'), { recursive: true });
    const { code, stdout, stderr } = await report(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatchSnapshot();
  });

  it('says when it cannot write', async () => {
    writeFileSync(at('file'), '');
    const { code, stderr } = await report('runs/tiny', '--no-predictions', '-o', 'file/report.html');
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot write file');
  });
});
