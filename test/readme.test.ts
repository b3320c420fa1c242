import { describe, expect, it } from 'vitest';
import { lossnet } from './helpers/cli.js';
import { PAGES, readPage } from './helpers/pages.js';

const README = readPage('README.md');

describe('the README', () => {
  it('is no longer than a newcomer reads', () => {
    expect(README.split('\n').length).toBeLessThan(180);
  });

  it('says where to read on: it names every page, once, under that heading', () => {
    const [, section = ''] = README.split('## Read on\n');
    const linked = [...section.matchAll(/\]\((docs\/[^)#]+)\)/g)].map(([, page]) => page);
    expect(linked.sort()).toEqual(PAGES.filter((page) => page !== 'README.md').sort());
  });

  it('has the steps of the loop as they are run, with the words beside them', () => {
    const shown = README.match(/^ {2}.*; \/\/ .*$/gm) ?? [];
    expect(shown).toHaveLength(4);
    // With gradient accumulation, a loss is divided by the number of images of the whole step.
    const loop = readPage('src/train/loop.ts').replace('(batch, divisor)', '(batch)');
    for (const line of shown) expect(loop).toContain(line.trim());
  });

  it('types commands that lossnet understands', async () => {
    const commands = [...README.matchAll(/^ {4}.*npx lossnet (train .+)$/gm)].map(([, args = '']) => args);
    expect(commands.length).toBeGreaterThan(1);
    for (const args of commands) {
      const { code, stderr } = await lossnet([...args.split(' '), '--print-config']);
      expect({ code, stderr }, args).toEqual({ code: 0, stderr: '' });
    }
  });
});
