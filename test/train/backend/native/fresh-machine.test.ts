import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Ended,
  LOAD,
  makeFolder,
  pathWith,
  processesIn,
  removeFolder,
  run,
  start,
  USE,
} from './child.js';

const NAME = 'tfjs-node-4.22.0-tf2.21.0-linux-x64';

// One library, really downloaded and compiled, for all tests of this file: in the order of a machine's life.
describe('on a machine without the native library', () => {
  let cache: string;
  let env: NodeJS.ProcessEnv;
  beforeAll(() => {
    cache = makeFolder();
    env = { LOSSNET_CACHE: cache };
  });
  afterAll(() => removeFolder(cache));

  test('SIGTERM in the middle ends everything and leaves nothing', async () => {
    const first = start(LOAD, env);
    await first.step('downloading');
    first.process.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ signal: 'SIGTERM', stderr: '' });
    expect(readdirSync(cache)).toEqual([]);
    expect(processesIn(cache)).toEqual([]);
  });

  test('a listener of the application is left to decide what SIGINT does', async () => {
    const first = start(`process.on('SIGINT', () => {}); ${LOAD}`, env);
    await first.step('downloading');
    first.process.kill('SIGINT');
    const { code, lines } = await first.ended;
    expect(code).toBe(0);
    expect(lines.at(-1)).toEqual({ code: 'LOSSNET_NATIVE_INTERRUPTED', message: 'Stopped by SIGINT.' });
    expect(readdirSync(cache)).toEqual([]);
    expect(processesIn(cache)).toEqual([]);
  });

  test('process.exit in the middle ends everything and leaves nothing', async () => {
    const first = start(`process.on('SIGINT', () => process.exit(130)); ${LOAD}`, env);
    await first.step('downloading');
    first.process.kill('SIGINT');
    expect(await first.ended).toMatchObject({ code: 130, stderr: '' });
    expect(readdirSync(cache)).toEqual([]);
  });

  test('after a kill in the middle, three at once make one library', async () => {
    const killed = start(LOAD, env);
    await killed.step('downloading');
    killed.process.kill('SIGKILL');
    await killed.ended;
    expect(readdirSync(cache)).toEqual([`${NAME}.lock`, expect.stringContaining(`${NAME}.tmp-`)]);

    const three = await Promise.all([run(LOAD, env), run(LOAD, env), run(LOAD, env)]);
    for (const { lines, stderr } of three) {
      expect(lines.at(-1)).toMatchObject({ tfjs: '4.22.0', tensorflow: '2.21.0' });
      expect(stderr).toBe('');
    }
    expect(three.filter(has('downloading TensorFlow 2.21.0 (261 MB), once'))).toHaveLength(1);
    expect(three.filter(has("compiling lossnet's own part of the engine, with"))).toHaveLength(1);
    expect(three.filter(has('waiting for process')).length).toBeGreaterThanOrEqual(2);
    const addons = ['engine', 'process'].map((name) => expect.stringMatching(`^${name}-[0-9a-f]{16}$`));
    expect(readdirSync(cache)).toEqual([addons[0], addons[1], NAME]);
  });

  test('the next start uses it, without a word and without any tool', async () => {
    const { lines } = await run(LOAD, { ...env, PATH: pathWith() });
    expect(lines).toEqual([{ tfjs: '4.22.0', tensorflow: '2.21.0', seconds: expect.any(Number) }]);
    // 0.6 s on an idle machine; the rest is for a busy one.
    expect(lines[0]?.seconds).toBeLessThan(5);
  });

  test('so does one that finds the cache in another place', async () => {
    const moved = join(makeFolder(), 'moved');
    renameSync(cache, moved);
    try {
      const { lines } = await run(LOAD, { LOSSNET_CACHE: moved, PATH: pathWith() });
      expect(lines).toEqual([expect.objectContaining({ tensorflow: '2.21.0' })]);
    } finally {
      renameSync(moved, cache);
      removeFolder(dirname(moved));
    }
  });

  test('loading and the first operations are silent, with oneDNN on', async () => {
    // On, TensorFlow says so in a notice that no log level stops. By default it is on with newer processors only.
    expect(await run(USE, { ...env, TF_ENABLE_ONEDNN_OPTS: '1' })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  test("TF_CPP_MIN_LOG_LEVEL shows TensorFlow's log", async () => {
    const { stderr } = await run(USE, { ...env, TF_ENABLE_ONEDNN_OPTS: '1', TF_CPP_MIN_LOG_LEVEL: '0' });
    expect(stderr).toContain('oneDNN custom operations are on');
  });

  test('the log level does not leak into child processes', async () => {
    const { stdout } = await run(`${USE}; console.log(process.env.TF_CPP_MIN_LOG_LEVEL)`, env);
    expect(stdout).toBe('undefined\n');
  });

  test('LOSSNET_LIBTENSORFLOW: only the binding is compiled, once per library', async () => {
    const named = { LOSSNET_CACHE: join(cache, 'named'), LOSSNET_LIBTENSORFLOW: join(cache, NAME, 'deps') };
    const first = await run(LOAD, { ...named, PATH: pathWith('c++', 'g++', 'as', 'ld') });
    expect(first.lines).toEqual([
      { step: `compiling tfjs-node's binding for ${join(cache, NAME, 'deps', 'lib')} with c++` },
      { step: 'TensorFlow 2.21.0 is ready' },
      { step: "compiling lossnet's own part of the engine, with c++, once" },
      expect.objectContaining({ tensorflow: '2.21.0' }),
    ]);
    const second = await run(LOAD, { ...named, PATH: pathWith() });
    expect(second.lines).toEqual([expect.objectContaining({ tensorflow: '2.21.0' })]);
    expect(await run(USE, named)).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(readdirSync(named.LOSSNET_CACHE)).toHaveLength(3);
  });

  test('a library that cannot be loaded: an error with its path', async () => {
    const binding = join(cache, NAME, 'lib', 'napi-v8', 'tfjs_binding.node');
    writeFileSync(binding, 'not a library');
    const { lines, stderr } = await run(LOAD, env);
    expect(lines).toEqual([
      {
        code: 'LOSSNET_NATIVE_LOAD',
        message: `TensorFlow's native library ${binding} cannot be loaded: ${binding}: file too short.`,
        remedy: 'Remove it, and lossnet makes it anew.',
      },
    ]);
    expect(stderr).toBe('');
  });

  test('a damaged folder is made anew, and stays as it is when that fails', async () => {
    rmSync(join(cache, NAME, 'lib', 'napi-v8', 'tfjs_binding.node'));
    const { lines } = await run(LOAD, { ...env, PATH: pathWith() });
    expect(lines).toEqual([expect.objectContaining({ code: 'LOSSNET_NATIVE_TOOLS' })]);
    expect(existsSync(join(cache, NAME, 'deps'))).toBe(true);
    expect(statSync(join(cache, NAME)).isDirectory()).toBe(true);
  });
});

function has(step: string): (ended: Ended) => boolean {
  return ({ lines }) => lines.some((line) => line.step?.startsWith(step));
}
