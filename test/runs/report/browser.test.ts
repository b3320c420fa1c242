import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, findChromium, launchChromium } from '../../helpers/browser.js';
import { lossnet, TINY, workspace } from '../../helpers/cli.js';

/** What the functions that run in the page use of it: the library for browsers would hold for all the tests. */
interface PageElement {
  readonly className: string;
  readonly tagName: string;
  readonly scrollWidth: number;
  readonly clientWidth: number;
}
declare const document: { readonly activeElement: PageElement; readonly documentElement: PageElement };
declare function getComputedStyle(element: unknown): Readonly<Record<string, string>>;

const executable = findChromium();
if (executable === undefined) {
  process.stderr.write(
    'The report is not tested in a browser: no Chromium found. Install it, or name it in CHROMIUM.\n',
  );
}

/** A path and a title that would run a script if they were not escaped. */
const EVIL = `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'">'`;

const cwd = workspace({
  'tiny.yaml': TINY,
  'evil.yaml': TINY.replace(
    /dataset: .*/,
    `dataset: { type: cifar10, root: ${JSON.stringify(EVIL)}, download: false, if_unavailable: shapes }`,
  )
    .replace('{ batch_size: 8 }', '{ batch_size: 8, limit: 24 }')
    .concat('evaluation: { limit: 30 }\n'),
});

let browser: Browser;
let page: Page;
const seen: string[] = [];

/** Opens a report, and notes all that the page asks for or complains about. */
async function open(path: string, { width = 1200, dark = false } = {}): Promise<void> {
  seen.length = 0;
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
  await page.goto(pathToFileURL(join(cwd, path)).href);
}

const color = (selector: string, property: string) =>
  page.$eval(selector, (element, name) => getComputedStyle(element)[name]!, property);

describe.skipIf(executable === undefined)('the report in Chromium', () => {
  beforeAll(async () => {
    const commands = [
      ['train', 'tiny.yaml', '-q'],
      ['train', 'evil.yaml', '-q', '-n', 'stand-in', 'optimizer.lr=0.01'],
      ['report', 'runs/tiny'],
      ['report', 'runs', '--title', EVIL],
    ];
    // A folder that was named must be there.
    mkdirSync(join(cwd, EVIL), { recursive: true });
    for (const command of commands) {
      const { code, stderr } = await lossnet(command, { cwd });
      expect([command, code], stderr).toEqual([command, 0]);
    }
    browser = await launchChromium(executable!);
    page = await browser.context.newPage();
    page.on('request', (request) => seen.push(`request ${request.url()}`));
    page.on('console', (message) => seen.push(`console ${message.text()}`));
    page.on('pageerror', (error) => seen.push(`error ${error.message}`));
  });

  beforeEach(async () => {
    await page.goto('about:blank');
  });

  afterAll(async () => {
    await browser?.close();
  });

  it.each(['runs/tiny/report.html', 'runs/report.html'])(
    '%s asks for nothing and complains of nothing',
    async (path) => {
      await open(path);
      await page.waitForTimeout(200);
      const others = seen.filter((line) => !line.startsWith('request data:image/png'));
      expect(others).toEqual([`request ${pathToFileURL(join(cwd, path)).href}`]);
    },
  );

  it('shows values as they are, whatever is in them', async () => {
    await open('runs/report.html');
    expect(await page.title()).toBe(`${EVIL} – lossnet`);
    expect(await page.textContent('h1')).toBe(EVIL);
    expect(await page.locator('code', { hasText: 'dataset.root' }).count()).toBeGreaterThan(0);
    expect(await page.locator('td', { hasText: EVIL }).count()).toBeGreaterThan(0);
    expect(await page.locator('script:not([type])').count()).toBe(1);
  });

  it('is kept by its policy from running or loading anything else', async () => {
    writeFileSync(
      join(cwd, 'runs/injected.html'),
      readFileSync(join(cwd, 'runs/report.html'), 'utf8').replace(
        '<main',
        `<script>document.title='owned'</script><img src="https://lossnet.invalid/x.png"><p id="styled" style="color:red">x</p><main`,
      ),
    );
    await open('runs/injected.html');
    expect(await page.title()).toBe(`${EVIL} – lossnet`);
    expect(
      seen.filter((line) => /^console .*Content Security Policy/.test(line)).length,
    ).toBeGreaterThanOrEqual(3);
    expect(await color('#styled', 'color')).not.toBe('rgb(255, 0, 0)');
  });

  it('names what stood in for the data that were asked for', async () => {
    await open('runs/report.html');
    await expect(page.textContent('.warning')).resolves.toContain('standing in for cifar10');
  });

  it.each([360, 768, 1200])('never scrolls sideways at a width of %i', async (width) => {
    for (const path of ['runs/tiny/report.html', 'runs/report.html']) {
      await open(path, { width });
      await page.$$eval('details', (all) => {
        for (const one of all) one.setAttribute('open', '');
      });
      const widths = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      expect(widths, path).toEqual([width, width]);
    }
  });

  it('says on a phone that a table goes on to the right, until it was scrolled', async () => {
    const cue = page.locator('#results .more');
    await open('runs/report.html');
    const isWide = await page.$eval('#results .scroll', (box) => box.scrollWidth > box.clientWidth);
    expect(await cue.isVisible()).toBe(isWide);
    for (const dark of [false, true]) {
      await open('runs/report.html', { width: 390, dark });
      await cue.waitFor({ state: 'visible' });
      expect(await cue.textContent()).toBe('More columns to the right →');
      expect(await color('#results .scroll', 'backgroundImage')).toContain('linear-gradient');
      await page.$eval('#results .scroll', (box) => {
        (box as unknown as { scrollLeft: number }).scrollLeft = 60;
      });
      await cue.waitFor({ state: 'hidden' });
    }
  });

  it('draws text large enough to read on a phone', async () => {
    await open('runs/report.html', { width: 360 });
    const heights = await page.$$eval('.plot text', (texts) =>
      texts.map((text) => text.getBoundingClientRect().height).filter((height) => height > 0),
    );
    expect(heights.length).toBeGreaterThan(20);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(9);
  });

  it('follows dark mode, in the page, its charts and its lines', async () => {
    const colors = async () => ({
      page: await color('body', 'backgroundColor'),
      text: await color('body', 'color'),
      chart: await color('.plot text', 'fill'),
      line: await color('.plot .run-0', 'stroke'),
      paper: await color('.scroll th[scope=row]', 'backgroundColor'),
    });
    await open('runs/report.html');
    const light = await colors();
    await open('runs/report.html', { dark: true });
    const dark = await colors();
    expect(light.page).toBe('rgb(255, 255, 255)');
    for (const key of Object.keys(light) as (keyof typeof light)[])
      expect(dark[key], key).not.toBe(light[key]);
  });

  it('is white on paper, even in dark mode', async () => {
    await open('runs/report.html', { dark: true });
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    expect(await color('body', 'backgroundColor')).toBe('rgb(255, 255, 255)');
    await page.emulateMedia({ media: 'screen' });
  });

  it('shows all runs on paper, and is as it was afterwards', async () => {
    await open('runs/report.html');
    const areOpen = () =>
      page.$$eval('details.run', (all) => all.map((section) => section.hasAttribute('open')));
    const before = await areOpen();
    expect(before).toContain(false);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await areOpen()).not.toContain(false);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await areOpen()).toEqual(before);
  });

  it('loads its images and shows their pixels', async () => {
    await open('runs/tiny/report.html');
    const images = await page.$$eval('img', (all) =>
      all.map((image) => {
        const { complete, naturalWidth, alt } = image as unknown as Record<string, unknown>;
        return { complete, naturalWidth, alt, rendering: getComputedStyle(image).imageRendering };
      }),
    );
    expect(images.length).toBeGreaterThan(0);
    for (const image of images) {
      expect(image).toMatchObject({ complete: true, naturalWidth: 32, rendering: 'pixelated' });
      expect(image.alt).toMatch(/^Image \d+: \w+, taken for \w+$/);
    }
  });

  it('is reached by keyboard: a link over the navigation, then charts and tables', async () => {
    await open('runs/tiny/report.html');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement.className)).toBe('skip');
    await page.keyboard.press('Enter');
    const reached = new Set<string>();
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab');
      reached.add(
        await page.evaluate(() => {
          const { className, tagName } = document.activeElement;
          return className || tagName;
        }),
      );
    }
    expect([...reached]).toEqual(expect.arrayContaining(['plot', 'scroll', 'SUMMARY']));
  });

  it('says in words what a chart shows', async () => {
    await open('runs/tiny/report.html');
    const chart = page.getByRole('img', { name: 'Loss by epoch' });
    expect(await chart.count()).toBe(1);
    expect(await chart.getAttribute('aria-describedby')).toBe('loss-words');
    expect(await page.textContent('#loss-words')).toMatch(/tiny, evaluation: [\d.]+ at epoch 1, [\d.]+ at 3/);
  });

  it('reads out values by arrow keys and under the pointer', async () => {
    await open('runs/report.html');
    const chart = page.locator('.plot').first();
    const readout = page.locator('.readout').first();
    await chart.focus();
    await page.keyboard.press('ArrowRight');
    expect(await readout.textContent()).toMatch(
      /epoch 1.*stand-in, training [\d.]+.*tiny, evaluation [\d.]+/,
    );
    await page.keyboard.press('End');
    expect(await readout.textContent()).toContain('epoch 3');
    const box = (await chart.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.45, box.y + 60);
    expect(await readout.textContent()).toContain('epoch 2');
  });

  it('hides a run in charts and tables, without a script', async () => {
    await open('runs/report.html');
    const line = page.locator('.plot svg.wide .run-0').first();
    expect(await line.isVisible()).toBe(true);
    await page.getByRole('checkbox', { name: 'stand-in' }).uncheck();
    expect(await line.isVisible()).toBe(false);
    expect(await page.locator('.results tr.run-0').isVisible()).toBe(false);
    expect(await page.locator('.metrics tr.run-0').isVisible()).toBe(false);
    expect(await page.locator('.results tr.run-1').isVisible()).toBe(true);
  });

  it('has a readable number in every cell of the confusion matrix', async () => {
    for (const dark of [false, true]) {
      await open('runs/tiny/report.html', { dark });
      const cells = await page.$$eval('.confusion td', (all) =>
        all.map((cell) => [getComputedStyle(cell).color!, getComputedStyle(cell).backgroundColor!] as const),
      );
      const own = cells.filter(([, background]) => background !== 'rgba(0, 0, 0, 0)');
      expect(own.length).toBeGreaterThan(5);
      for (const [text, background] of own) expect(contrast(text, background)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

/** WCAG's contrast of two colours as the browser computes them: `rgb(0-255)` or `color(srgb 0-1)`. */
function contrast(a: string, b: string): number {
  const luminance = (text: string) => {
    const numbers = text.match(/[\d.]+/g)!.map(Number);
    const [r, g, blue] = numbers.slice(0, 3).map((value) => {
      const share = text.startsWith('color(') ? value : value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * blue!;
  };
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}
