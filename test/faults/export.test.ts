import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, TINY, workspace } from '../helpers/cli.js';
import { type FaultRule, faults } from '../helpers/faults.js';

const cwd = workspace({ 'tiny.yaml': TINY });
const namesIn = (folder: string) => readdirSync(join(cwd, folder)).sort();
const bytesOf = (folder: string) => namesIn(folder).map((name) => readFileSync(join(cwd, folder, name)));
const exportTo = (folder: string, ...more: string[]) => [
  'export',
  'runs/tiny',
  '--format',
  'onnx',
  '-o',
  folder,
  ...more,
];

beforeAll(async () => {
  const { code } = await lossnet(['train', 'tiny.yaml', 'epochs=1', '-q'], { cwd });
  expect(code).toBe(0);
});

describe('an export that cannot be written', () => {
  it.each<[string, FaultRule, string]>([
    [
      'the disk is full at its model',
      { call: 'write', path: 'model\\.onnx', errno: 'ENOSPC' },
      'Cannot write out/new/model.onnx: the disk is full (ENOSPC).',
    ],
    [
      'the disk is full at its last file',
      { call: 'fsync', path: 'export\\.json', errno: 'ENOSPC' },
      'Cannot write out/new/export.json: the disk is full (ENOSPC).',
    ],
    [
      'it cannot be put in its place',
      { call: 'rename', path: 'out/new$', errno: 'EACCES' },
      'Cannot write out/new: permission denied (EACCES).',
    ],
    [
      'it cannot be read again',
      { call: 'readFile', path: 'new\\.tmp-.*model\\.onnx$', errno: 'EIO' },
      'Cannot read out/new/model.onnx: the disk reports an input/output error (EIO).',
    ],
  ])('leaves nothing behind where %s', async (_, rule, message) => {
    const env = faults({ rules: [rule] });
    const { code, stdout, stderr } = await lossnet(exportTo('out/new'), { cwd, env });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('.tmp-');
    // Not even the folder above it, which was made for it.
    expect(existsSync(join(cwd, 'out'))).toBe(false);
  });

  it.each<[string, FaultRule]>([
    ['the disk is full', { call: 'write', path: 'model\\.onnx', errno: 'ENOSPC' }],
    ['it cannot be put in its place', { call: 'rename', path: 'kept/a$', nth: 2, errno: 'EACCES' }],
  ])('leaves the one that was there as it was where %s, also with --force', async (_, rule) => {
    const made = await lossnet(exportTo('kept/a', '--batch-size', '2', '--force'), { cwd });
    expect(made.code).toBe(0);
    const before = bytesOf('kept/a');
    const { code } = await lossnet(exportTo('kept/a', '--force'), { cwd, env: faults({ rules: [rule] }) });
    expect(code).toBe(1);
    expect(namesIn('kept')).toEqual(['a']);
    expect(bytesOf('kept/a')).toEqual(before);
  });

  it('and was killed leaves nothing under its name, and the next one sweeps up', async () => {
    mkdirSync(join(cwd, 'swept'));
    writeFileSync(join(cwd, 'swept/a.txt'), 'mine');
    const rule: FaultRule = { call: 'rename', path: 'swept/a$', signal: 'SIGKILL' };
    const { signal } = await lossnet(exportTo('swept/a'), { cwd, env: faults({ rules: [rule] }) });
    expect(signal).toBe('SIGKILL');
    const left = namesIn('swept').filter((name) => name !== 'a.txt');
    expect(left).toEqual([expect.stringMatching(/^a\.tmp-/)]);
    expect((await lossnet(exportTo('swept/a', '--no-check'), { cwd })).code).toBe(0);
    expect(namesIn('swept')).toEqual(['a', 'a.txt']);
  });

  it('and is interrupted while it is tried out leaves nothing behind', async () => {
    // Once its last file is on the disk.
    const rule: FaultRule = {
      call: 'rename',
      path: 'stopped.*/export\\.json$',
      signal: 'SIGINT',
      after: true,
    };
    const args = exportTo('stopped/a');
    const { code, stdout, stderr } = await lossnet(args, { cwd, env: faults({ rules: [rule] }) });
    expect([code, stdout, stderr]).toEqual([130, '', 'Stopping. Nothing is exported.\n']);
    expect(existsSync(join(cwd, 'stopped'))).toBe(false);
  });
});
