import { describe, expect, it } from 'vitest';
import { type Move, migrate, versionIn } from '../../src/config/saved.js';
import { parseYaml } from '../../src/config/sources/parse-yaml.js';
import { type BlockTree, toPlain } from '../../src/config/sources/tree.js';
import { inTemporaryFolder, load, MINIMAL, problemsOf } from './helpers.js';

inTemporaryFolder();

const tree = (text: string) => parseYaml({ kind: 'file', file: 'config.yaml', text }).tree as BlockTree;
const plain = (block: BlockTree) => JSON.parse(JSON.stringify(toPlain(block)));

const MOVES: readonly Move[] = [
  { since: '0.2.0', from: 'batch', to: 'loader.batch' },
  { since: '0.10.0', from: 'loader.batch', to: 'loader.batch_size' },
  { since: '1.0.0', from: 'init.from', to: 'weights' },
];

describe('the configuration of a run that another version wrote', () => {
  it('names it', () => {
    expect(versionIn('# Resolved by lossnet 0.1.0: every default filled in.\nepochs: 1\n')).toBe('0.1.0');
    expect(versionIn('# mine\nepochs: 1\n')).toBe(null);
  });

  it('has its keys where they are now: each move that came after it, in their order', () => {
    const text = 'batch: 8\nepochs: 1\ninit: { from: a, weight: null }\n';
    const expected = { epochs: 1, init: { weight: null }, weights: 'a', loader: { batch_size: 8 } };
    expect(plain(migrate(tree(text), '0.1.0', MOVES))).toEqual(expected);
    const later = 'loader: { batch: 8 }\nepochs: 1\ninit: { from: a, weight: null }\n';
    expect(plain(migrate(tree(later), '0.9.9', MOVES))).toEqual(expected);
  });

  it('stays as it is where it is as new, or where a key has its new place already', () => {
    const text = 'batch: 8\nloader: { batch_size: 4 }\n';
    expect(plain(migrate(tree(text), '1.0.0', MOVES))).toEqual({ batch: 8, loader: { batch_size: 4 } });
    const both = 'weights: b\ninit: { from: a }\n';
    expect(plain(migrate(tree(both), '0.10.3', MOVES))).toEqual({ weights: 'b', init: {} });
  });

  it('is not changed where a person wrote it: of keys that do not exist there is to be told', () => {
    expect(plain(migrate(tree('batch: 8\n'), null, MOVES))).toEqual({ batch: 8 });
  });

  it('from a newer version is read as far as it can be, else the version is blamed', () => {
    const head = '# Resolved by lossnet 99.0.0: every default filled in.\n';
    expect(load(`${head}${MINIMAL}`).yaml.epochs).toBe(20);
    const [problem, ...others] = problemsOf(`${head}${MINIMAL}colour: red\n`);
    expect(others).toEqual([]);
    expect(problem).toMatch(/ → lossnet 99\.0\.0 wrote it, and this is \d/);
    expect(problemsOf(`${MINIMAL}colour: red\n`).join()).not.toContain('wrote it');
  });
});
