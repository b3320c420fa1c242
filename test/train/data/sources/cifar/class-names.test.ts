import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CIFAR10 } from '../../../../../src/train/data/sources/cifar/formats.js';
import { type Cifar10Options, cifar10 } from '../../../../../src/train/data/sources/cifar/index.js';
import { ALL_FILES, batch, FOLDER, failure, temporaryFolder, writeCifar10 } from '../../helpers.js';

const OPTIONS: Omit<Cifar10Options, 'root'> = {
  ...{ type: 'cifar10', trainSplit: 'train', evalSplit: 'test', download: false, ifUnavailable: 'error' },
};
const FILE = CIFAR10.namesFile!;

/** Pictures of three classes, and what names them. */
function three(names: string | Uint8Array, labels = [0, 1, 2]): string {
  const root = temporaryFolder();
  const folder = writeCifar10(join(root, FOLDER));
  for (const [i, name] of ALL_FILES.entries()) writeFileSync(join(folder, name), batch(labels, i));
  writeFileSync(join(folder, FILE), names);
  return root;
}

const source = (root: string) => cifar10({ ...OPTIONS, root });
const namesOf = (root: string) => source(root).spec.target.names;
const refusal = (root: string) => {
  try {
    source(root).spec;
  } catch (error) {
    return (error as Error).message.replace(/\/\S*\//, '');
  }
  throw new Error('nothing is wrong with it');
};

describe('class names beside the files', () => {
  it.each([
    ['one a line', 'ant\nbee\ncrab\n'],
    ['with lines as Windows ends them, blanks, and empty ones at the end', 'ant \r\nbee\r\n crab\r\n\r\n'],
    ['after a byte order mark', '\ufeffant\nbee\ncrab'],
  ])('%s', async (_, text) => {
    const own = source(three(text));
    expect(own.spec.target).toEqual({ kind: 'class', names: ['ant', 'bee', 'crab'] });
    const { train } = await own.load();
    expect(train.spec).toEqual(own.spec);
    expect([...train.targets].slice(0, 3)).toEqual([0, 1, 2]);
  });

  it('are also found without a folder of their own, and official where there are none', () => {
    const folder = writeCifar10(temporaryFolder());
    expect(namesOf(folder)).toBe(CIFAR10.spec.target.names);
    writeFileSync(join(folder, FILE), 'ant\nbee\n');
    expect(namesOf(folder)).toEqual(['ant', 'bee']);
    expect(namesOf(join(folder, 'nowhere'))).toBe(CIFAR10.spec.target.names);
  });

  it('change what the data are, unless they are the official ones', async () => {
    const hashOf = async (text: string) => (await source(three(text)).load()).train.identity.sha256;
    const root = three('');
    writeFileSync(join(root, FOLDER, FILE), `${CIFAR10.spec.target.names.join('\n')}\n\n`);
    const official = (await source(root).load()).train.identity.sha256;
    const hashes = [official, await hashOf('ant\nbee\ncrab'), await hashOf('ant\nbee\ncat')];
    expect(new Set(hashes).size).toBe(3);
  });

  it('are read again with the pictures of a run', async () => {
    const root = three('ant\nbee\ncrab');
    const { train } = await source(root).load();
    const again = await cifar10({ ...OPTIONS, root: temporaryFolder() }).recall(train.identity, [root]);
    expect(again.identity).toEqual(train.identity);
    expect(again.spec.target.names).toEqual(['ant', 'bee', 'crab']);
  });

  it.each<[string, string | Uint8Array]>([
    ['names no class', '\n\n'],
    ['names one class', 'ant\n'],
    ['names 257 classes', Array.from({ length: 257 }, (_, i) => `c${i}`).join('\n')],
    ['names a class twice: `ant` in lines 1 and 3', 'ant\nbee\nant\n'],
    ['has no name in line 2, above others', 'ant\n\nbee\n'],
    ['is not UTF-8 text', Buffer.from('ant\nb\xe4r\n', 'latin1')],
    ['has 70000 bytes; at most 65536 are read', 'x'.repeat(70_000)],
  ])('are refused where the file %s', (message, names) => {
    expect(refusal(three(names))).toBe(`${FILE} ${message}`);
  });

  it('say how many there are where a label has none', async () => {
    const error = await failure(source(three('ant\nbee\n')).load());
    expect(error.code).toBe('LOSSNET_DATA_CORRUPT');
    expect(error.message).toContain(
      'record 2 (counted from 0) has the label 2, but labels are 0 to 1 (batches.meta.txt names 2 classes)',
    );
  });
});
