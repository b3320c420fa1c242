import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.js';
import { errorOf, inTemporaryFolder, MINIMAL } from '../helpers.js';

inTemporaryFolder();

const failure = (file: string) => errorOf(() => loadConfig({ file })).message;

describe('a file that cannot be read', () => {
  it('is not there', () => {
    mkdirSync('configs');
    writeFileSync('configs/tutorial.yaml', MINIMAL);
    writeFileSync('configs/tiny.yml', MINIMAL);
    expect(failure('configs/tutoral.yaml')).toMatchInlineSnapshot(`
      "configs/tutoral.yaml does not exist
        → did you mean configs/tutorial.yaml?
        → there are: configs/tiny.yml, configs/tutorial.yaml"
    `);
    expect(failure('configs/tutorial')).toContain('did you mean configs/tutorial.yaml?');
    expect(failure('tutorial.yaml')).toContain('did you mean configs/tutorial.yaml?');
    expect(failure('nowhere/tutorial.yaml')).toMatchInlineSnapshot(`
      "nowhere/tutorial.yaml does not exist: there is no folder nowhere
        → there are: configs/tiny.yml, configs/tutorial.yaml"
    `);
    expect(failure('configs/tiny.yml/x.yaml')).toContain('there is no folder configs/tiny.yml');
  });

  it('is a folder', () => {
    expect(failure('configs')).toMatchInlineSnapshot(`
      "configs is a folder; a configuration is a YAML file
        → there are: configs/tiny.yml, configs/tutorial.yaml"
    `);
    mkdirSync('empty');
    expect(failure('empty')).toContain('there are no YAML files in empty');
  });

  it.skipIf(process.getuid?.() === 0)('may not be read', () => {
    writeFileSync('secret.yaml', MINIMAL);
    chmodSync('secret.yaml', 0);
    expect(failure('secret.yaml')).toContain('secret.yaml cannot be read: permission denied');
    rmSync('secret.yaml');
  });

  it('has a name that no file can have', () => {
    expect(failure(`${'x'.repeat(300)}.yaml`)).toContain(
      'cannot be read: its name is too long (ENAMETOOLONG)',
    );
  });
});

describe('a file that is no configuration', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['empty', '', 'x.yaml is empty\n  → a configuration needs at least dataset, model and optimizer'],
    [
      'only comments',
      '# a\n\n',
      'x.yaml holds no keys, only comments\n  → a configuration needs at least dataset, model and optimizer',
    ],
    ['binary', 'ab\0c', 'x.yaml is a binary file: byte 2 is 0x00\n  → give the path of a YAML file'],
    [
      'Latin-1',
      Buffer.from('a: 1\nb: é', 'latin1'),
      'x.yaml is not UTF-8 text: byte 8 is 0xe9, at line 2, column 4\n  → save it as UTF-8',
    ],
    [
      'cut off within a character',
      Buffer.from('é').subarray(0, 1),
      'x.yaml is not UTF-8 text: byte 0 is 0xc3, at line 1, column 1\n  → save it as UTF-8',
    ],
    [
      'UTF-16',
      Buffer.from('\ufeffa: 1', 'utf16le'),
      'x.yaml is UTF-16 text; a configuration is UTF-8\n  → save it as UTF-8 (in PowerShell: Set-Content -Encoding utf8)',
    ],
    [
      'huge',
      `#${' '.repeat(1_000_000)}`,
      'x.yaml is larger than 1 MB, which no configuration is\n  → give the path of a YAML file',
    ],
  ])('%s', (_, content, expected) => {
    writeFileSync('x.yaml', content);
    expect(failure('x.yaml')).toBe(expected);
  });

  it('may hold the replacement character, and a byte order mark', () => {
    writeFileSync('x.yaml', `\ufeff${MINIMAL}# \ufffd\n`);
    expect(loadConfig({ file: 'x.yaml' }).yaml.epochs).toBe(20);
  });

  it('stops reading a device that never ends', () => {
    expect(failure('/dev/zero')).toContain('/dev/zero is larger than 1 MB');
  });
});
