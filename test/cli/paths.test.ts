import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from '../helpers/browser.js';
import { lossnet, workspace } from '../helpers/cli.js';

const BROWSER = findChromium();

describe('lossnet paths', () => {
  it('draws paths within 80 columns and 24 lines, tells who arrives, and writes the page that was asked for', async () => {
    const cwd = workspace({});
    const args = [
      'paths',
      'ravine',
      'sgd',
      'adam',
      'schedule.type=cosine',
      '--steps',
      '60',
      '--html',
      'sub/ravine.html',
    ];
    const { code, stdout, stderr } = await lossnet(args, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(stdout).toMatch(/^ravine: f\(x, y\) = x² \/ 20 \+ y²\n/);
    expect(stdout).toMatch(/\n {2}\+ start {3}× lowest {3}● sgd {3}■ adam\n/);
    expect(stdout).toMatch(/\nsgd +[\d.]+ \* +(step \d+|not yet) +f [\d.e-]+ at -?\d\.\d{3}, -?\d\.\d{3}\n/);
    expect(stdout).toMatch(/\npage: sub\/ravine.html \(\d+ KB\)\n$/);
    const html = readFileSync(join(cwd, 'sub/ravine.html'), 'utf8');
    expect(html).toContain('default-src &#39;none&#39;');
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    expect(html.length).toBeLessThan(400_000);
  });

  it('prints everything as one object, and exits with 3 where all paths diverge', async () => {
    const cwd = workspace({});
    const args = [
      'paths',
      'rosenbrock',
      'sgd',
      'optimizer.lr=0.01,0.02',
      '--start',
      '-1.2,1',
      '--start',
      '1.5,-1',
      '--json',
    ];
    const { code, stdout, stderr } = await lossnet(args, { cwd });
    expect([code, stderr]).toEqual([3, '']);
    const { type, surface, starts, steps, variants } = JSON.parse(stdout);
    expect([type, surface.name, surface.minima, starts, steps]).toEqual([
      'paths',
      'rosenbrock',
      [[1, 1]],
      [
        [-1.2, 1],
        [1.5, -1],
      ],
      200,
    ]);
    expect(
      variants.map(({ name, lr, is_lr_named }: Record<string, unknown>) => [name, lr, is_lr_named]),
    ).toEqual([
      ['sgd-lr-0.01', 0.01, true],
      ['sgd-lr-0.02', 0.02, true],
    ]);
    for (const { paths } of variants) {
      expect(paths.length).toBe(2);
      for (const path of paths) {
        expect(path.diverged_at).toBeGreaterThan(0);
        expect(path.points.length).toBe(path.values.length);
      }
    }
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('calls no learning rate the best where all end alike', async () => {
    const args = ['paths', 'saddle', 'sgd', 'adam', '--start', '0,0', '--steps', '5'];
    const { code, stdout } = await lossnet(args, { cwd: workspace({}) });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^sgd +any +/m);
    expect(stdout).not.toContain('the best of');
    expect(stdout).toContain('any: all 14 tried end alike from there');
  });

  it('tells all that is wrong with surface and optimizers at once', async () => {
    const { code, stdout, stderr } = await lossnet([
      'paths',
      'ravin',
      'sdg',
      'epochs=3',
      'seed=1,2',
      '--json',
    ]);
    expect(code).toBe(2);
    const { code: name, problems } = JSON.parse(stdout);
    expect(name).toBe('LOSSNET_CONFIG_INVALID');
    expect(problems.map(({ message }: { message: string }) => message)).toEqual([
      'there is no surface `ravin`',
      'there is no preset `sdg`',
      'epochs means nothing on a surface',
      'seed cannot vary',
    ]);
    expect(stderr).toContain('did you mean `ravine`?');
  });

  it('refuses a page that is there, before it walks, and groups, which a surface has none of', async () => {
    const cwd = workspace({ 'there.html': 'mine' });
    const taken = await lossnet(['paths', 'bowl', '--html', 'there.html'], { cwd });
    expect([taken.code, taken.stderr]).toEqual([
      2,
      'error: there.html exists already.\n  Add --force to replace it, or name another file.\n',
    ]);
    expect(readFileSync(join(cwd, 'there.html'), 'utf8')).toBe('mine');
    const grouped = await lossnet(
      ['paths', 'bowl', 'adam', 'optimizer.groups=[{layers: [1], lr: 1}]', '--html', 'x.txt'],
      {
        cwd,
      },
    );
    expect(grouped.code).toBe(2);
    expect(grouped.stderr).toMatch(/x\.txt does not end in \.html/);
    expect(existsSync(join(cwd, 'x.txt'))).toBe(false);
  });
});

describe.skipIf(BROWSER === undefined)('the page of paths', () => {
  it('plays, is stepped through by keys, and looks through learning rates, on a phone too', async () => {
    const cwd = workspace({});
    const args = ['paths', 'bowl', 'sgd', 'momentum', '--steps', '40', '--html', 'bowl.html'];
    expect((await lossnet(args, { cwd })).code).toBe(0);
    const { context, close } = await launchChromium(BROWSER!);
    try {
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('console', (message) => errors.push(message.text()));
      page.on('pageerror', (error) => errors.push(error.message));
      await page.setViewportSize({ width: 360, height: 700 });
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.goto(`file://${join(cwd, 'bowl.html')}`);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      // Nothing moves by itself: the whole paths are there.
      expect(await page.locator('#step-out').textContent()).toBe('40');
      const whole = await page.locator('#trail-1-0 .trail').getAttribute('d');
      await page.locator('#step').focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      expect(await page.locator('#step-out').textContent()).toBe('1');
      expect((await page.locator('#trail-1-0 .trail').getAttribute('d'))!.split('L').length).toBe(2);
      await page.locator('#lr').focus();
      await page.keyboard.press('ArrowRight');
      expect(await page.locator('#row-0-0 td').first().textContent()).toBe('0.0001');
      await page.keyboard.press('Home');
      await page.locator('#play').click();
      await page.locator('#step-out').filter({ hasText: /^[^1]/ }).waitFor();
      expect(await page.locator('#play').textContent()).toBe('Pause');
      await page.keyboard.press('Space');
      expect(await page.locator('#play').textContent()).toBe('Play');
      await page.locator('#step').focus();
      await page.keyboard.press('End');
      expect(await page.locator('#trail-1-0 .trail').getAttribute('d')).toBe(whole);
      expect(errors).toEqual([]);
    } finally {
      await close();
    }
  });
});
