import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inheritedEnv } from './cli.js';
import { type Block, option, ROOT } from './pages.js';

/** A command as it is typed, and what it prints. */
export interface Exchange {
  readonly command: string;
  readonly output: string;
}

/** The commands of a `console` block, each in a line behind `$ `, with the lines that follow it. */
export function exchangesOf({ body }: Block): Exchange[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const end = text.indexOf('\n');
      return { command: text.slice(0, end), output: text.slice(end + 1) };
    });
}

export function bodyOf(exchanges: readonly Exchange[]): string {
  return exchanges.map(({ command, output }) => `$ ${command}\n${output}`).join('');
}

/** A folder in which `npx lossnet` and the configurations are found, as in a fresh clone after the build. */
export function freshClone(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lossnet-docs-'));
  for (const name of ['package.json', 'bin', 'dist', 'node_modules']) {
    symlinkSync(`${ROOT}${name}`, join(folder, name));
  }
  cpSync(`${ROOT}configs`, join(folder, 'configs'), { recursive: true });
  return folder;
}

/** npm asks no registry and has no news of its own. */
const NPM = { npm_config_offline: 'true', npm_config_update_notifier: 'false' };

/**
 * Types the commands of a `console` block. Shown is what a terminal keeps of both streams, or stdout alone where the
 * block says `stdout`; all commands end with 0 unless it says `exit=`.
 *
 * @param block the block
 * @param cwd where to run them
 * @returns what they print now
 * @throws Error when a command ends with another exit code
 */
export async function replay(block: Block, cwd: string): Promise<Exchange[]> {
  const exit = Number(option(block, 'exit') ?? 0);
  const both = block.options.includes('stdout') ? '' : 'exec 2>&1\n';
  const exchanges: Exchange[] = [];
  for (const { command } of exchangesOf(block)) {
    const { code, stdout, stderr } = await shell(both + command, cwd);
    if (code !== exit) throw new Error(`${command}\nended with ${code}, not ${exit}:\n${stdout}${stderr}`);
    exchanges.push({ command, output: stdout.replace(/ +$/gm, '') });
  }
  return exchanges;
}

function shell(
  script: string,
  cwd: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn('bash', ['-c', script], {
    cwd,
    env: { ...inheritedEnv(), ...NPM },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
