import { cpSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';
import { type FaultRule, faults, readCalls } from '../helpers/faults.js';

const SMALL = `epochs: 2
dataset: { type: shapes, train_size: 40, eval_size: 10 }
loader: { batch_size: 8 }
model: [{ type: flatten }, { type: linear, out_features: 10 }]
optimizer: { type: sgd, lr: 0.01 }
`;

const NEW = ['train', 'small.yaml', '-q'];
const FORCE = ['train', 'small.yaml', '-q', '-n', 'a', '--force'];
const RESUME = ['train', 'runs/b', '-q', '--resume', 'epochs=3'];
const REPORT = ['report', 'runs', '--no-predictions'];
const EXPORT = ['export', 'runs/a', '-o', 'out/model'];
const COMPARE = ['compare', 'runs/a', 'runs/b', '-q'];

/** What is done, the call that fails and how, the exit code, and what is said about it. */
const TABLE: readonly [string[], FaultRule, number, string][] = [
  [
    NEW,
    { call: 'open', path: 'small\\.yaml$', errno: 'EACCES' },
    2,
    'small.yaml cannot be read: permission denied',
  ],
  [
    NEW,
    { call: 'read', path: 'small\\.yaml$', errno: 'EIO' },
    2,
    'small.yaml cannot be read: the disk reports',
  ],
  [
    NEW,
    { call: 'stat', path: 'runs/small$', errno: 'ELOOP' },
    1,
    'Cannot read runs/small: its symbolic links',
  ],
  [
    NEW,
    { call: 'mkdir', path: 'runs/small$', errno: 'EROFS' },
    1,
    'Cannot write runs/small: the file system is read-only',
  ],
  [
    NEW,
    { call: 'open', path: '\\.lock-', errno: 'EDQUOT' },
    1,
    'Cannot write runs/small/.lock: the disk quota is used up',
  ],
  [
    NEW,
    { call: 'open', path: 'config\\.yaml$', errno: 'EMFILE' },
    1,
    'Cannot write runs/small/config.yaml: too many files are open',
  ],
  [
    NEW,
    { call: 'open', path: 'metrics\\.jsonl$', errno: 'ENFILE' },
    1,
    'Cannot write runs/small/metrics.jsonl: too many files are open on this',
  ],
  [
    NEW,
    { call: 'write', path: 'metrics\\.jsonl$', errno: 'EFBIG', from: 2 },
    1,
    'Cannot write runs/small/metrics.jsonl: the file would be larger',
  ],
  [
    NEW,
    { call: 'fsync', path: 'metrics\\.jsonl$', errno: 'EIO' },
    1,
    'Cannot write runs/small/metrics.jsonl: the disk reports',
  ],
  [
    NEW,
    { call: 'mkdir', path: 'checkpoints$', errno: 'EACCES' },
    1,
    'Cannot write runs/small/checkpoints: permission denied',
  ],
  [
    NEW,
    { call: 'write', path: 'resume\\.safetensors$', errno: 'ENOSPC' },
    1,
    'Cannot write runs/small/checkpoints/resume.safetensors: the disk is full',
  ],
  [
    NEW,
    { call: 'rename', path: 'best\\.safetensors$', errno: 'EPERM' },
    1,
    'Cannot write runs/small/checkpoints/best.safetensors: permission denied',
  ],
  [
    NEW,
    { call: 'close', path: 'summary\\.json$', errno: 'EDQUOT' },
    1,
    'Cannot write runs/small/summary.json: the disk quota is used up',
  ],
  [
    FORCE,
    { call: 'rename', path: 'runs/a$', errno: 'EROFS' },
    1,
    'Cannot remove runs/a: the file system is read-only',
  ],
  [FORCE, { call: 'readdir', path: 'runs/a$', errno: 'EACCES' }, 1, 'Cannot read runs/a: permission denied'],
  [FORCE, { call: 'rm', path: '\\.discarded', errno: 'EBUSY' }, 1, 'something else is using it'],
  [
    RESUME,
    { call: 'readFile', path: 'metrics\\.jsonl$', errno: 'EISDIR' },
    1,
    'Cannot read runs/b/metrics.jsonl: it is a folder',
  ],
  [
    RESUME,
    { call: 'readFile', path: 'resume\\.safetensors$', errno: 'EIO' },
    1,
    'Cannot read runs/b/checkpoints/resume.safetensors: the disk reports',
  ],
  [
    RESUME,
    { call: 'readdir', path: 'checkpoints$', errno: 'EACCES' },
    1,
    'runs/b/checkpoints: permission denied',
  ],
  [
    REPORT,
    { call: 'open', path: 'a/config\\.yaml$', errno: 'EACCES' },
    1,
    'warning: runs/a is left out. runs/a/config.yaml cannot be read: permission denied',
  ],
  [
    REPORT,
    { call: 'readFile', path: 'a/metrics\\.jsonl$', errno: 'ELOOP' },
    1,
    'warning: runs/a is left out. Cannot read runs/a/metrics.jsonl: its symbolic links form a circle',
  ],
  [
    REPORT,
    { call: 'stat', path: 'a/config\\.yaml$', errno: 'EACCES' },
    1,
    'warning: runs/a is left out. Cannot read runs/a/config.yaml: permission denied',
  ],
  [
    REPORT,
    { call: 'rename', path: 'report\\.png$', errno: 'EISDIR' },
    1,
    'Cannot write runs/report.png: it is a folder',
  ],
  [
    COMPARE,
    { call: 'readFile', path: 'b/summary\\.json$', errno: 'EACCES' },
    1,
    'Cannot read runs/b/summary.json: permission denied',
  ],
  [
    COMPARE,
    { call: 'mkdir', path: 'compare-', errno: 'EROFS' },
    0,
    'warning: no report was written: Cannot write runs/compare-a-b',
  ],
  [EXPORT, { call: 'mkdir', path: 'out$', errno: 'ENAMETOOLONG' }, 1, 'its name is too long'],
  [
    EXPORT,
    { call: 'readFile', path: 'best\\.safetensors$', errno: 'EMFILE' },
    1,
    'Cannot read runs/a/checkpoints/best.safetensors: too many files are open',
  ],
];

describe.concurrent('a call of the file system that fails is told, with its cause and a remedy', () => {
  const base = workspace({ 'small.yaml': SMALL });

  beforeAll(async () => {
    for (const name of ['a', 'b']) {
      expect((await lossnet([...NEW, '-n', name], { cwd: base })).code).toBe(0);
    }
  });

  it.for(TABLE)('%j %j', async ([args, rule, code, words], { expect }) => {
    const cwd = mkdtempSync(join(tmpdir(), 'lossnet-table-'));
    cpSync(base, cwd, { recursive: true });
    const met = join(cwd, 'met');
    const result = await lossnet(args, { cwd, env: faults({ rules: [rule], met }) });
    expect(readCalls(met)).not.toEqual([]);
    expect(result.stderr).toContain(words);
    expect(result.stderr).toMatch(new RegExp(`\\(${rule.errno}\\)|\\n {2,}\\S`));
    expect(result.stderr).not.toMatch(/defect|^ +at .*:\d+:\d+|undefined/m);
    if (code !== 0) expect(result.stderr).toMatch(/\n {2}\S|→ /);
    expect(result.code).toBe(code);
    expect(result.stdout).not.toContain('saved in');
    // What others are waiting for is given back, whatever happened.
    const runs = readdirSync(join(cwd, 'runs'), { recursive: true }).map(String);
    expect(runs.filter((name) => /^(?!\.discarded).*\.lock/.test(name))).toEqual([]);
    // One run that cannot be read does not keep the others from being shown.
    if (words.includes('left out')) expect(existsSync(join(cwd, 'runs/report.html'))).toBe(true);
  });
});

it('too few files that may be open: the program says so in place of a stack trace', async () => {
  const cwd = workspace({ 'small.yaml': SMALL });
  const { execFile } = await import('node:child_process');
  const bin = new URL('../../bin/lossnet.js', import.meta.url).pathname;
  const { stderr, code } = await new Promise<{ stderr: string; code: unknown }>((resolve) => {
    const script = `ulimit -n 30; exec "${process.execPath}" "${bin}" train small.yaml`;
    execFile('sh', ['-c', script], { cwd }, (error, _, text) => resolve({ stderr: text, code: error?.code }));
  });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(
      /^error: [^\n]*(only 30 files may be open|too many files are open)[^\n]*\n {2}Allow more of them: ulimit -n 4096\n$/,
    ),
  ]);
});
