import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import { train } from '../../src/runs/train/train.js';
import { findChromium, launchChromium } from '../helpers/browser.js';
import { lossnet, workspace } from '../helpers/cli.js';

const BROWSER = findChromium();
const cwd = workspace();
const run = (args: string[]) => lossnet(args, { cwd });

/** In this process: each start of the program costs as much as what it does. */
beforeAll(async () => {
  for (const [name, lr] of [['adam', 0.003] as const, ['hot', 0.03] as const]) {
    const overrides = ['epochs=1', `optimizer.lr=${lr}`];
    const resolved = loadConfig({ file: join(cwd, 'tiny.yaml'), overrides });
    for await (const _ of train(resolved, { folder: join(cwd, 'runs', name) }));
  }
});

describe('lossnet landscape', () => {
  it('tells what it will take, draws a plane through runs, and says how flat it is', async () => {
    // A folder in the place of a file: what cannot be kept is no reason to lose what was measured.
    const blocked = join(cwd, 'runs/hot/flatness.json');
    mkdirSync(join(blocked, 'x'), { recursive: true });
    const args = ['landscape', 'runs', '--resolution', '5', '-o', 'out/both.html'];
    const { code, stdout, stderr } = await run(args);
    rmSync(blocked, { recursive: true });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^105 points of 20 samples, [\d.]+ ms each: about [\d.]+ s, and [\d.]+ kB for weights and directions\.$/m,
    );
    expect(stderr).toMatch(/^Measuring the loss: 50 % of 105$/m);
    expect(stdout).toMatch(/^loss on 20 val samples of shapes, at 5 x 5 points of a plane\n/);
    expect(stdout).toMatch(
      /\n {2}across {2}first principal direction between the runs, 100\.00 %\n {2}up {6}random direction across/,
    );
    expect(stdout).toMatch(
      /\nrun +loss +rise at 10 % +rise at 25 %\n(adam|hot) +\d\.\d{4} +-?[\d.]+ ± [\d.]+ +-?[\d.]+ ± [\d.]+\n/,
    );
    expect(stdout).toContain(
      "\nBatch norm's statistics move along with the weights, variances in their logarithms.\n",
    );
    expect(stdout).toMatch(
      /\nlandscape: out\/both\.html, out\/both\.svg, out\/both\.png\nflatness: runs\/adam\/flatness\.json\n$/,
    );
    expect(stderr).toMatch(/^warning: How flat it is was not kept with runs\/hot: .*flatness\.json/m);
    const svg = readFileSync(join(cwd, 'out/both.svg'), 'utf8');
    expect(svg).toContain('The loss around ');
    expect(svg).not.toMatch(/#a1e0|#b2/);
    expect(
      Math.max(...readdirSync(join(cwd, 'out')).map((name) => readFileSync(join(cwd, 'out', name)).length)),
    ).toBeLessThan(120_000);
  });

  it('prints everything as one object, and the report tells how flat each run ended', async () => {
    const { code, stdout, stderr } = await run(['landscape', 'runs', '--flatness', '--json', '--seed', '1']);
    expect([code, stderr.replace(/^(Measuring|80 points of).*\n/gm, '')]).toEqual([0, '']);
    const { type, runs } = JSON.parse(stdout);
    expect(type).toBe('flatness');
    expect(runs.map(({ name }: { name: string }) => name).sort()).toEqual(['adam', 'hot']);
    expect(runs[0].kept).toBe(`${runs[0].path}/flatness.json`);
    expect(runs[0].flatness).toMatchObject({ samples: 20, seed: 1, directions: 10 });
    const report = await run(['report', 'runs', '--no-predictions']);
    expect(report.code).toBe(0);
    const html = readFileSync(join(cwd, 'runs/report.html'), 'utf8');
    expect(html).toContain('>Loss rise at 10 %</th>');
  });

  it('leaves nothing when it is interrupted, and ends with 130', async () => {
    const before = readdirSync(join(cwd, 'runs/adam'));
    const { code, stdout, stderr } = await lossnet(['landscape', 'runs/adam', '--resolution', '201'], {
      cwd,
      onStart: (child) => {
        child.stderr!.on('data', (text) => {
          if (String(text).includes('points of')) child.kill('SIGINT');
        });
      },
    });
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr).toContain('Stopping. Nothing is written.');
    expect(readdirSync(join(cwd, 'runs/adam'))).toEqual(before);
  });

  it('refuses what is no run, what is there, and options that mean nothing, before it measures', async () => {
    const none = await run(['landscape', 'runs/adma', '--json']);
    expect(none.code).toBe(2);
    expect(JSON.parse(none.stdout)).toMatchObject({ type: 'error', code: 'LOSSNET_RUN_MISSING' });
    const taken = await run(['landscape', 'runs', '-o', 'out/both.html']);
    expect([taken.code, taken.stderr]).toEqual([
      2,
      'error: out/both.html and out/both.svg and out/both.png exist already.\n  Add --force to replace it, or name another file.\n',
    ]);
    const idle = await run(['landscape', 'runs', '--flatness', '--plane', 'runs']);
    expect([idle.code, idle.stderr]).toEqual([
      2,
      'error: --flatness looks at no plane, and --plane is about one.\n  Leave one of them out.\n',
    ]);
  });
});

describe.skipIf(BROWSER === undefined)('the page of a landscape', () => {
  it('reads out its losses by arrow keys, and fits a phone', async () => {
    const { context, close } = await launchChromium(BROWSER!);
    try {
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('console', (message) => errors.push(message.text()));
      page.on('pageerror', (error) => errors.push(error.message));
      await page.setViewportSize({ width: 360, height: 700 });
      await page.goto(`file://${join(cwd, 'out/both.html')}`);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      await page.locator('#landscape').focus();
      await page.keyboard.press('ArrowRight');
      const text = await page.locator('#readout').textContent();
      expect(text).toMatch(/^loss \d+\.\d+ at -?[\d.e-]+, -?[\d.e-]+$/);
      await page.keyboard.press('ArrowUp');
      expect(await page.locator('#readout').textContent()).not.toBe(text);
      expect(errors).toEqual([]);
    } finally {
      await close();
    }
  });
});
