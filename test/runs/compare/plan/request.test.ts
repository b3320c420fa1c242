import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../../../src/runs/compare/plan/request.js';
import { workspace } from '../../../helpers/cli.js';

const cwd = workspace();
const config = join(cwd, 'tiny.yaml');
const run = join(cwd, 'a-run');
mkdirSync(run);
writeFileSync(join(run, 'config.yaml'), '');
const comparison = join(cwd, 'compare-x');
mkdirSync(comparison);
writeFileSync(join(comparison, 'compare.json'), '{}');

/** What is wrong, as one text. */
function problems(...args: string[]): string {
  try {
    parseRequest(args);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
}

describe('an argument of compare is told by its form', () => {
  it('presets, axes and overrides', () => {
    expect(parseRequest(['sgd', 'adam', 'optimizer.lr=0.1,0.01', 'epochs=5', 'seed=3'])).toEqual({
      presets: ['sgd', 'adam'],
      configs: [],
      runs: [],
      axes: [{ text: 'optimizer.lr=0.1,0.01', key: 'optimizer.lr', values: ['0.1', '0.01'] }],
      overrides: ['epochs=5', 'seed=3'],
    });
  });

  it('configurations, folders of runs', () => {
    expect(parseRequest([config]).configs).toEqual([config]);
    expect(parseRequest([run]).runs).toEqual([run]);
  });

  it('what is there is no assignment, even if it looks like one', () => {
    const before = process.cwd();
    const folder = workspace();
    for (const name of ['x=1/runs/a', 'x=1/runs/b', 'x=2/runs/a', 'epochs=5', 'epochs=7']) {
      mkdirSync(join(folder, name), { recursive: true });
      if (name !== 'epochs=7') writeFileSync(join(folder, name, 'config.yaml'), '');
    }
    writeFileSync(join(folder, 'x=1/c.yaml'), '');
    process.chdir(folder);
    try {
      const runs = ['x=1/runs/a', 'x=1/runs/b', 'x=2/runs/a'];
      expect(parseRequest(runs)).toMatchObject({ runs, overrides: [], axes: [] });
      expect(parseRequest(['x=2', 'epochs=5']).runs).toEqual(['x=2/runs/a', 'epochs=5']);
      expect(parseRequest(['x=1/c.yaml'])).toMatchObject({ configs: ['x=1/c.yaml'], overrides: [] });
      // No run is there.
      expect(parseRequest(['sgd', 'epochs=7', 'seed=3'])).toMatchObject({
        overrides: ['epochs=7', 'seed=3'],
      });
      expect(problems('x=1/runs/a', 'x=1/runs/a')).toContain('x=1/runs/a is named twice');
    } finally {
      process.chdir(before);
    }
  });

  it('a folder with runs in it stands for them, each once', () => {
    expect(parseRequest([cwd]).runs).toEqual([run]);
    expect(parseRequest([run, cwd]).runs).toEqual([run]);
  });
});

describe('what makes no sense is said, all at once', () => {
  it.each([
    [['sdg', 'adam'], 'did you mean `sgd`?'],
    [['nadam'], 'presets: sgd, momentum'],
    [['sgd', 'sgd'], 'sgd is named twice'],
    [['optimizer.lr=0.1', 'optimizer.lr=0.2'], 'write all values behind one =: optimizer.lr=a,b'],
    [['optimizer.lr=0,01'], 'with a decimal point'],
    [['seed=1,2'], '--seeds 3'],
    [['name=x', 'sgd'], '--name'],
    [['sgd', 'optimizer.type=adam,sgd'], 'is what the presets set'],
    [['sgd', config], `--config ${config}`],
    [[run, 'sgd'], 'would have to be trained'],
    [[comparison], 'there is no run in'],
    [['other.yml'], 'other.yml does not exist'],
    [['no/such/run'], 'does not exist'],
  ])('%j', (args, expected) => {
    expect(problems(...args).replace(/\s+/g, ' ')).toContain(expected);
  });

  it('several problems together', () => {
    expect(problems('sdg', 'admm', 'seed=1,2')).toContain('3 problems on the command line');
  });
});
