import { copyFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lossSchema } from '../../src/config/schema/losses.js';
import { type Browser, findChromium, launchChromium } from '../helpers/browser.js';
import { lossnet, TINY, workspace } from '../helpers/cli.js';
import { inOneProcess } from '../helpers/one-process.js';

/** A column that would run a script if it were not escaped, and one that is endless. */
const EVIL = `<img src=x onerror=document.title='owned'>`;
const LONG = 'so long a name that nobody ever reads it to its very end wherever it stands';

const TABLE = `name: table
epochs: 2
engine: eager
dataset: { type: csv, path: table.csv, target: y }
loader: { batch_size: 4 }
model: [{ type: linear, out_features: 3 }, { type: tanh }, { type: linear, out_features: 1 }]
loss: { type: huber, delta: 0.5 }
optimizer: { type: rmsprop, lr: 0.01, momentum: 0.9, centered: true }
clip_grad_value: 0.01
log_every: 1
`;
const rows = Array.from(
  { length: 40 },
  (_, i) => `${(i * 7) % 11},${i % 5},${i % 2 ? 'a' : 'b'},${((i * 3) % 13) + 0.5}`,
);

const cwd = workspace({
  'tiny.yaml': TINY.replace('epochs: 3', 'epochs: 3\nengine: eager'),
  'table.yaml': TABLE,
  'table.csv': `${EVIL},${LONG},kind,y\n${rows.join('\n')}\n`,
  'text.yaml': `epochs: 1
engine: eager
dataset: { type: text, size: 2000, context: 8 }
loader: { batch_size: 4, limit: 40 }
model:
  - { type: embedding, num_embeddings: 19, embedding_dim: 4 }
  - { type: gru, hidden_size: 4 }
  - { type: linear, out_features: 19 }
optimizer: { type: adagrad, lr: 0.1 }
`,
});

const run = (...lines: string[][]) => inOneProcess(lines, { cwd });
const widest = (text: string) => Math.max(...text.split('\n').map((line) => [...line].length));

beforeAll(() => {
  const early = ['early_stopping={patience: 1, min_delta: 100}', 'epochs=9', '-n', 'early', '-q'];
  const trained = run(['train', 'table.yaml', 'epochs=1', '-q'], ['train', 'table.yaml', ...early]);
  for (const { code, stderr } of trained) expect(code, stderr).toBe(0);
  cpSync(join(cwd, 'runs/table'), join(cwd, 'runs/lost'), { recursive: true });
  rmSync(join(cwd, 'runs/lost/checkpoints'), { recursive: true });
});

describe('lossnet explain', () => {
  it('shows a step as a page of 80 columns, and writes nothing', async () => {
    const before = readdirSync(cwd);
    const { code, stdout, stderr } = await lossnet(['explain', 'tiny.yaml', '--step', '2', '--sample', '3'], {
      cwd,
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(readdirSync(cwd)).toEqual(before);
    expect(widest(stdout)).toBeLessThanOrEqual(80);
    expect(stdout).not.toContain('\u001b');
    const titles = [...stdout.matchAll(/^\d\. (.*?)(?: {2,}(.*))?$/gm)].map(
      ([, title, line]) => `${title}: ${line}`,
    );
    expect(titles).toEqual([
      'The image: for (const batch of loader.epoch(epoch))',
      'The learning rate: optimizer.set(schedule({ epoch, step }))',
      'Gradients are cleared: optimizer.zeroGrad()',
      'Forward: from input to outputs: const loss = program.loss(batch)',
      'The loss: const loss = program.loss(batch)',
      'Backward: the gradient: loss.backward()',
      'The step of adam: optimizer.step()',
      'The same batch after the step: program.loss(batch).item()',
    ]);
    expect(stdout).toMatch(/^Step 2 of 24: tiny\.yaml, trained up to there from its first weights\n/);
    expect(stdout).toMatch(/^ {5}[ .:=+*#%@-]{20,}$/m);
    expect(stdout).toMatch(
      /m = beta1 \* m \+ \(1 - beta1\) \* g {3}exp_avg: .*\n {7}= 0\.9 \* .*\n {7}= -?[\d.e-]+\n/,
    );
    expect(stdout).toMatch(/\n {5}loss = [\d.]+ -> [\d.]+\n/);
  });

  it('shows rows and texts, of a run and of a configuration, and all of it as JSON', () => {
    const [table, json, text] = run(
      ['explain', 'runs/table'],
      ['explain', 'runs/table', 'epochs=2', '--json', '--parameter', '0.weight[2,1]'],
      ['explain', 'text.yaml', '--step', '2', '--parameter', '1.weight_hh_l0'],
    );
    expect(table!.stdout).toContain('Step 10 of 10: runs/table, trained up to there from its first weights');
    expect(table).toMatchObject({ code: 0 });
    expect(widest(table!.stdout)).toBeLessThanOrEqual(80);
    expect(text!.code, text!.stderr).toBe(0);
    expect(text!.stdout).toMatch(/^ {5}next: /m);
    expect(widest(text!.stdout)).toBeLessThanOrEqual(80);
    expect(json!.stdout.trimEnd().split('\n')).toHaveLength(1);
    const step = JSON.parse(json!.stdout);
    expect(step).toMatchObject({
      ...{ type: 'explanation', source: 'runs/table', noun: 'row', optimizer: 'rmsprop' },
      step: { number: 11, from: { kind: 'checkpoint', step: 10 } },
      parameter: { name: '0.weight', shape: [3, 4], index: [2, 1], chosen: 'number' },
      gradient: { before: null },
      learning_rate: { value: 0.01, group: null },
      update: { t: 11, momentum: 0.9 },
    });
    expect(step.sample.values.map(({ name }: { name: string }) => name)).toEqual([
      EVIL,
      LONG,
      'kind = a',
      'kind = b',
    ]);
  });

  it('draws a loss and its gradient beside the others', () => {
    const [chart, json, help] = run(
      ['explain', '--loss', 'huber', 'delta=2'],
      ['explain', '--loss', 'cross_entropy', 'loss.weight=[1,3]', '--json'],
      ['explain', '--help'],
    );
    expect(chart).toMatchObject({ code: 0, stderr: '' });
    expect(widest(chart!.stdout)).toBeLessThanOrEqual(80);
    expect(chart!.stdout.match(/^ {2}● huber delta=2 {3}■ mse {3}▲ l1 {3}◆ smooth_l1$/gm)).toHaveLength(2);
    // Beyond delta a line of the slope delta, within it half a square.
    expect(chart!.stdout).toMatch(/^ +-4 +6 +-2$/m);
    expect(chart!.stdout).toMatch(/^ +1\.33333 +0\.888889 +1\.33333$/m);
    const { points, curves, ...rest } = JSON.parse(json!.stdout);
    expect(rest).toMatchObject({ type: 'loss_curves', loss: 'cross_entropy', against: 'logit' });
    expect(curves).toHaveLength(4);
    for (const { loss, gradient } of curves) {
      for (let i = 1; i < points.length - 1; i++) {
        const slope = (loss[i + 1] - loss[i - 1]) / (points[i + 1] - points[i - 1]);
        expect(Math.abs(slope - gradient[i])).toBeLessThan(2e-3);
      }
    }
    const losses = lossSchema.options.map(({ shape }) => shape.type.value);
    const choices = /\(choices: ([^)]*)\)/.exec(help!.stdout)![1]!;
    expect([...choices.matchAll(/"(\w+)"/g)].map(([, name]) => name).sort()).toEqual([...losses].sort());
  });

  it('says what is wrong, what is allowed and what to do next', () => {
    renameSync(join(cwd, 'table.csv'), join(cwd, 'gone.csv'));
    const [gone] = run(['explain', 'runs/table']);
    const other = readFileSync(join(cwd, 'gone.csv'), 'utf8').replace(/,12.5$/m, ',11.5');
    writeFileSync(join(cwd, 'table.csv'), other);
    const [changed] = run(['explain', 'runs/table']);
    copyFileSync(join(cwd, 'gone.csv'), join(cwd, 'table.csv'));
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no file table.csv') });
    expect(changed!.code).toBe(1);
    expect(changed!.stderr).toMatch(/was trained on something else:\n {2}training data: /);

    const table = (...args: string[]) => ['explain', 'table.yaml', ...args];
    const cases: [args: string[], code: number, message: RegExp][] = [
      [
        table('--parameter', '2.wieght'),
        2,
        /no such parameter \(did you mean 2\.weight\?\)\.\n {2}It trains 0\.weight \[3, 4\], /,
      ],
      [
        table('--parameter', '0.weight[3,0]'),
        2,
        /out of range\.\n {2}0\.weight has the shape \[3, 4\]: its indices go from 0 to 2 and 0 to 3\./,
      ],
      [table('--parameter', '0.weight[1]'), 2, /has one index, and 0\.weight 2\./],
      [table('--parameter', '0.bias[-1]'), 2, /an index is a whole number from 0/],
      [
        table('--parameter', '0.weight', 'freeze=[0]'),
        2,
        /0\.weight is frozen.*\n {2}Name one that is trained: 2\.weight and 2\.bias\./,
      ],
      [
        table('--sample', '4'),
        2,
        /sample 4 is out of range: the step has 4 rows\.\n {2}Name one from 0 to 3\./,
      ],
      [
        table('--step', '21'),
        2,
        /step 21 is beyond the run, which has 20 \(2 epochs of 10\)\.\n {2}Name one from 1 to 20, or set epochs higher\./,
      ],
      [table('--step', '20', 'early_stopping={patience: 1, min_delta: 100}', 'epochs=9'), 0, /^$|note/],
      [
        table('--step', '40', 'early_stopping={patience: 1, min_delta: 100}', 'epochs=9'),
        2,
        /early stopping ends it after step 20/,
      ],
      [
        ['explain', 'runs/table', '--step', '11'],
        2,
        /step 11 is beyond the run, which has 10 \(1 epoch of 10\)\.\n {2}Name one from 1 to 10\./,
      ],
      [
        ['explain', 'runs/early', '--step', '21'],
        2,
        /early stopping ended it after step 20\.\n.*from 1 to 20\./,
      ],
      [['explain', 'runs/early'], 0, /^note: table/],
      [
        ['explain', 'runs/lost'],
        2,
        /its checkpoint is missing: runs\/lost\/checkpoints\/resume\.safetensors/,
      ],
      [table('--step', '0'), 2, /Expected a whole number from 1/],
      [
        table('--step', '5', 'optimizer={type: sgd, lr: 1e38}', 'clip_grad_value=null', 'loss={type: mse}'),
        3,
        /is not a finite number/,
      ],
      [table('--force'), 2, /Add --html <file>/],
      [table('--html', 'page.txt'), 2, /does not end in \.html\.\n {2}Name it page\.html\./],
      [
        ['explain', 'runs/table', 'optimizer.lr=1'],
        2,
        /optimizer\.lr: 0\.01 in the run, 1 now\n {2}Leave that out/,
      ],
      [['explain', 'runs'], 2, /runs is not the folder of a run/],
      [['explain', 'runs/table/checkpoints/best.safetensors'], 2, /holds weights alone/],
      [['explain', 'tabel.yaml'], 2, /does not exist/],
      [
        ['explain', 'runs/nope'],
        2,
        /no folder runs\/nope\.\n {2}There are: runs\/early, runs\/lost, runs\/table/,
      ],
      [['explain', 'runs/table', '--loss', 'mse'], 2, /without a run .*; received runs\/table/],
      [table('--parameter', ''), 2, /--parameter is empty\.\n {2}Name one of 0\.weight \[3, 4\], /],
      [table('--html', ''), 2, /--html is empty\.\n {2}Name a file/],
      [['explain'], 2, /nothing to explain/],
      [['explain', '--loss', 'hubr', 'delt=2'], 2, /did you mean `delta`\?[\s\S]*did you mean `huber`\?/],
      [
        ['explain', '--loss', 'huber', 'delta=0', 'beta=1'],
        2,
        /expected number > 0; received 0[\s\S]*unknown key `beta`/,
      ],
      [['explain', '--loss', 'nll', 'weight=balanced'], 1, /a loss by itself has none/],
      [['explain', '--loss', 'mse', '--step', '2'], 2, /Leave out --loss, or the others/],
    ];
    const results = run(...cases.map(([args]) => args));
    for (const [i, [args, code, message]] of cases.entries()) {
      const { stderr, ...result } = results[i]!;
      expect([args, result.code], stderr).toEqual([args, code]);
      expect(stderr, args.join(' ')).toMatch(message);
      if (args.join(' ') === 'explain runs/early') expect(result.stdout).toMatch(/^Step 20 of 20: /);
      expect(stderr).not.toMatch(/^ {4}at /m);
    }
  });
});

const executable = findChromium();

/** What the functions that run in the page use of it. */
interface PageElement {
  readonly id: string;
  readonly tagName: string;
  readonly scrollWidth: number;
}
declare const document: { readonly activeElement: PageElement; readonly documentElement: PageElement };
declare function getComputedStyle(element: unknown): Readonly<Record<string, string>>;

describe.skipIf(executable === undefined)('the page of a step in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    const results = run(
      ['explain', 'tiny.yaml', 'clip_grad_norm=1', '--html', 'pages/step.html'],
      ['explain', 'table.yaml', '--html', 'row.html'],
      ['explain', 'table.yaml', '--html', 'row.html'],
      ['explain', 'table.yaml', '--html', 'row.html', '--force', '--json'],
      ['explain', '--loss', 'huber', '--html', 'loss.html'],
    );
    expect(results.map(({ code }) => code)).toEqual([0, 0, 2, 0, 0]);
    expect(results[0]!.stdout).toBe('step 1 explained: pages/step.html\n');
    expect(results[2]!.stderr).toContain('row.html exists already.\n  Add --force');
    expect(JSON.parse(results[3]!.stdout)).toMatchObject({ type: 'explanation', html: 'row.html' });
    browser = await launchChromium(executable!);
  });

  afterAll(async () => {
    await browser?.close();
  });

  it('is gone through with buttons and keys, in light and dark, on a phone, with no network', async () => {
    const page = await browser.context.newPage();
    const seen: string[] = [];
    page.on('request', (request) => seen.push(request.url().slice(0, 40)));
    page.on('console', (message) => seen.push(message.text()));
    page.on('pageerror', (error) => seen.push(error.message));
    const open = async (file: string) => {
      seen.length = 0;
      await page.goto(pathToFileURL(join(cwd, file)).href);
    };
    const shown = () => page.locator('section.step:visible').evaluateAll((all) => all.map(({ id }) => id));
    // Without its script all steps are there.
    const text = readFileSync(join(cwd, 'pages/step.html'), 'utf8');
    expect(text.match(/<section class="step" id="[a-z-]+" aria-labelledby="[a-z-]+">/g)).toHaveLength(9);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await open('pages/step.html');
    expect(await shown()).toEqual(['sample']);
    expect(
      await page
        .locator('img')
        .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    ).toBe(32);
    await page.click('#next');
    expect(await shown()).toEqual(['rate']);
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    expect(await shown()).toEqual(['clip']);
    expect(await page.evaluate(() => document.activeElement.id)).toBe('clip-title');
    await page.keyboard.press('ArrowLeft');
    await page.click('nav a[href="#step"]');
    expect(await shown()).toEqual(['step']);
    expect(await page.textContent('#position')).toBe('step 8 of 9');
    await page.check('#all');
    expect(await shown()).toHaveLength(9);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    const dark = await page.$eval('body', (body) => getComputedStyle(body).backgroundColor);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await page.$eval('body', (body) => getComputedStyle(body).backgroundColor)).not.toBe(dark);
    expect(seen.filter((line) => !/^(data:image|file:)/.test(line))).toEqual([]);

    await open('row.html');
    expect(await page.textContent('section#sample')).toContain(EVIL);
    expect(await page.title()).not.toBe('owned');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);

    await open('loss.html');
    expect(await page.locator('.plot').count()).toBe(2);
    await page.locator('.plot').first().press('ArrowRight');
    expect(await page.textContent('.readout')).toContain('huber 2.500');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(seen.filter((line) => !line.startsWith('file:'))).toEqual([]);
  });
});
