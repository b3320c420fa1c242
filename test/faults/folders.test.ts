import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lossnet, type RunOptions, TINY, workspace } from '../helpers/cli.js';

/** Runs the program, which must end by itself: where Node's own mkdir never returns, nothing but this signal ends it. */
async function ends(args: string[], options: RunOptions) {
  let timer: NodeJS.Timeout | undefined;
  const result = await lossnet(args, {
    ...options,
    onStart: (child) => {
      timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    },
  });
  clearTimeout(timer);
  expect(result.signal).toBe(null);
  return result;
}

describe.skipIf(!existsSync('/proc/self'))(
  'a folder that cannot be made below one that is there',
  async () => {
    const cwd = workspace();
    expect((await lossnet(['train', 'tiny.yaml', '-q', 'epochs=1'], { cwd })).code).toBe(0);
    const kept = readdirSync(join(cwd, 'runs'));

    it.each<[string, string[], Record<string, string>, string]>([
      ['runs_dir', ['train', 'tiny.yaml', 'runs_dir=/proc/x'], {}, 'Cannot write /proc/x: no folder can'],
      [
        'export --output',
        ['export', 'runs/tiny', '-o', '/proc/x'],
        {},
        'Cannot write /proc/x: no folder can',
      ],
      [
        'report --output',
        ['report', 'runs/tiny', '--no-predictions', '-o', '/proc/x/report.html'],
        {},
        'Cannot write /proc/x: no folder can',
      ],
      ['dataset.root', ['train', 'cifar.yaml'], {}, 'cannot write /proc/x: no folder can be made in /proc'],
      [
        'LOSSNET_CACHE',
        ['train', 'tiny.yaml', '--name', 'b'],
        { LOSSNET_CACHE: '/proc/x' },
        'Cannot write /proc/x: no folder can be made in /proc.\n  Set LOSSNET_CACHE',
      ],
      [
        'HOME',
        ['train', 'tiny.yaml', '--name', 'b'],
        { HOME: '/proc', LOSSNET_CACHE: '', XDG_CACHE_HOME: '' },
        'Cannot write /proc/.cache: no folder can be made in /proc.\n  Set LOSSNET_CACHE',
      ],
    ])('%s is named, and the program ends', async (_, args, env, message) => {
      writeFileSync(
        join(cwd, 'cifar.yaml'),
        TINY.replace('type: shapes, train_size: 60, eval_size: 20', 'type: cifar10, root: /proc/x'),
      );
      const { code, stderr, stdout } = await ends(args, { cwd, env });
      expect(stderr).toContain(message);
      expect([code, stdout, readdirSync(join(cwd, 'runs'))]).toEqual([1, '', kept]);
    });
  },
);
