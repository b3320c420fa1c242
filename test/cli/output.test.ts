import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';
import { BIN } from '../helpers/terminal.js';

const cwd = workspace();

/** Runs lossnet with its stdout, or what the command is piped into, as a shell has it. */
function inShell(args: string, after: string) {
  const command = `'${process.execPath}' '${BIN}' ${args} ${after}; exit "\${PIPESTATUS[0]}"`;
  const { status, stderr } = spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' });
  return { code: status, stderr };
}

beforeAll(async () => {
  for (const name of ['a', 'b'])
    expect((await lossnet(['train', 'tiny.yaml', '-q', 'epochs=1', '-n', name], { cwd })).code).toBe(0);
});

const COMMANDS = [
  ['validate tiny.yaml'],
  ['train tiny.yaml --print-config'],
  ['train tiny.yaml --dry-run --json'],
  ['compare runs/a runs/b --json'],
  ['compare runs/a runs/b'],
  ['report runs/a --no-predictions --force'],
  ['export runs/a --force'],
  ['runs ls'],
  ['runs show runs/a --json'],
  ['train --help'],
  ['--version'],
];

// There is such a device on Linux alone.
describe.skipIf(!existsSync('/dev/full'))('results that cannot be written, as the disk is full', () => {
  it.each(COMMANDS)('end %s with 1, and are missed on stderr', (args) => {
    const { code, stderr } = inShell(args, '>/dev/full');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /(^|\n)error: The results could not be written to stdout: the disk is full \(ENOSPC\)\.\n$/,
    );
  });

  it('stop a run that goes on printing, and are missed by one that prints at its end', () => {
    const begun = inShell('train tiny.yaml --json --name begun epochs=50', '>/dev/full');
    expect([begun.code, begun.stderr]).toEqual([
      1,
      expect.stringContaining('The output cannot be written any more: stopping, to save the run.'),
    ]);
    expect(begun.stderr).toContain('the disk is full');
    const ended = inShell('train tiny.yaml -q --name ended epochs=1', '>/dev/full');
    expect([ended.code, ended.stderr]).toEqual([
      1,
      'error: The results could not be written to stdout: the disk is full (ENOSPC).\n',
    ]);
  });

  it('leave a worse exit code as it is', () => {
    expect(
      inShell('train tiny.yaml --name worse -q --expect "eval_loss<0" epochs=1', '>/dev/full').code,
    ).toBe(4);
  });
});

describe('a reader that has enough', () => {
  it.each(COMMANDS)('is no error of %s', (args) => {
    const { code, stderr } = inShell(args, '| true');
    expect([code, stderr]).toEqual([0, expect.not.stringMatching(/error|any more/)]);
  });
});
