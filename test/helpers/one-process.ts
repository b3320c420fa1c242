import { spawnSync } from 'node:child_process';
import { inheritedEnv, type Result } from './cli.js';

const MAIN = new URL('../../dist/program/main.js', import.meta.url).href;

/**
 * Gives the real program many command lines, one after another, in one process: it has to be loaded once alone. For lines that change
 * nothing of the process and write little.
 *
 * @param lines the arguments of each
 * @param options the working folder, and a module that is to be checked at the end, such as one that must not have been loaded
 * @returns what came of each
 */
export function inOneProcess(
  lines: readonly (readonly string[])[],
  { cwd, unloaded }: { readonly cwd: string; readonly unloaded?: string },
): Pick<Result, 'code' | 'stdout' | 'stderr'>[] {
  const script = `
    const { main } = await import(${JSON.stringify(MAIN)});
    const { createRequire } = await import('node:module');
    const streams = ['stdout', 'stderr'];
    const writes = streams.map((name) => process[name].write);
    // Each call listens for itself.
    for (const name of streams) process[name].setMaxListeners(0);
    const results = [];
    for (const args of ${JSON.stringify(lines)}) {
      const result = { code: null, stdout: '', stderr: '' };
      for (const name of streams) {
        process[name].write = (text, done) => { result[name] += text; done?.(); return true; };
      }
      result.code = await main(args);
      results.push(result);
    }
    streams.forEach((name, i) => { process[name].write = writes[i]; });
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes(${JSON.stringify(unloaded ?? '\0')}));
    process.stdout.write(JSON.stringify({ results, loaded }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd,
    encoding: 'utf8',
    env: inheritedEnv(),
    maxBuffer: 2 ** 26,
  });
  if (stdout === '') throw new Error(stderr);
  const { results, loaded } = JSON.parse(stdout) as { results: Result[]; loaded: string[] };
  if (loaded.length > 0) throw new Error(`${loaded[0]} was loaded`);
  return results;
}
