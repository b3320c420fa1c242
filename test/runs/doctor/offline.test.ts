import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { checkData } from '../../../src/runs/doctor/data-sets.js';
import { checkEnvironment } from '../../../src/runs/doctor/environment.js';
import { fetchData } from '../../../src/runs/doctor/fetch.js';
import { checkMachine } from '../../../src/runs/doctor/machine.js';
import { checkLibrary } from '../../../src/runs/doctor/step.js';
import { nativeOrigin, provideNativeLibrary } from '../../../src/train/backend/native/provision.js';
import { workspace } from '../../helpers/cli.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('says that nothing is downloaded while LOSSNET_OFFLINE is set, and leaves no folders behind', async () => {
  const cwd = workspace({});
  vi.stubEnv('LOSSNET_OFFLINE', '1');
  vi.stubEnv('LOSSNET_CACHE', join(cwd, 'cache'));
  vi.stubEnv('LOSSNET_LIBTENSORFLOW', '');
  for (const check of await checkData(join(cwd, 'data'))) {
    expect(check).toMatchObject({
      level: 'note',
      text: expect.stringMatching(/^not here, and the network is not asked/),
    });
  }
  for await (const { level, text, help } of fetchData([], join(cwd, 'data'), {})) {
    expect([level, text]).toEqual(['problem', expect.stringContaining('Did not try to download')]);
    // What trains without the data provides none.
    expect(help.join()).not.toMatch(/generated shapes|begin without/);
  }
  if (nativeOrigin().from === 'cache') {
    expect(checkLibrary()).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('LOSSNET_OFFLINE is set'),
    });
    await expect(provideNativeLibrary(() => {})).rejects.toThrow('LOSSNET_OFFLINE is set');
  }
  expect(['cache', 'data'].filter((name) => existsSync(join(cwd, name)))).toEqual([]);
});

it('names what is wrong with a variable once, under its own name', () => {
  const env = { LOSSNET_OFFLINE: 'banana', TF_NUM_INTEROP_THREADS: 'many', LOSSNET_DATA: 'sets' };
  const checks = [...checkMachine(env), ...checkEnvironment(env)];
  const about = (word: string) =>
    checks.filter(({ text }) => text.includes(word)).map(({ name, level }) => [name, level]);
  expect(about('banana')).toEqual([['LOSSNET_OFFLINE', 'problem']]);
  expect(about('many')).toEqual([['threads', 'problem']]);
  expect(about('sets')).toEqual([['LOSSNET_DATA', 'ok']]);
});
