import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, TINY, workspace } from '../helpers/cli.js';
import { inOneProcess } from '../helpers/one-process.js';
import { BIN, onTerminal } from '../helpers/terminal.js';

const cwd = workspace({ 'tiny.yaml': TINY, 'my own.yaml': TINY, 'other.txt': '', 'odd\nname.yaml': '' });
const env = { PATH: `${join(cwd, 'bin')}:${process.env.PATH}` };

beforeAll(() => {
  mkdirSync(join(cwd, 'bin'));
  writeFileSync(join(cwd, 'bin/lossnet'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  chmodSync(join(cwd, 'bin/lossnet'), 0o755);
  for (const run of ['runs/adam-1', 'runs/compare-x/adam']) {
    mkdirSync(join(cwd, run), { recursive: true });
    writeFileSync(join(cwd, run, 'config.yaml'), '');
  }
  cpSync(join(cwd, 'tiny.yaml'), join(cwd, 'configs/deep.yaml'), { recursive: true });
  symlinkSync('.', join(cwd, 'circle'));
});

/** What the last of the words of each line may become, without what it is. */
function candidates(lines: readonly (readonly string[])[]): string[][] {
  const asked = lines.map((words) => ['complete', '--', ...words]);
  return inOneProcess(asked, { cwd, unloaded: 'tfjs' }).map(({ code, stdout, stderr }) => {
    expect([code, stderr]).toEqual([0, '']);
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : line.split('\t')[0]!));
  });
}

const CASES: readonly [what: string, words: string[], expected: string[]][] = [
  ['commands', ['tr'], ['train']],
  ['commands that help is about', ['help', 'lr'], ['lr-find']],
  ['commands below a command', ['runs', 'd'], ['diff']],
  ['options', ['train', 'tiny.yaml', '--pr'], ['--print-config']],
  ['options of what is meant without a command', ['runs', '--so'], ['--sort']],
  ['surfaces', ['paths', 'rav'], ['ravine']],
  ['runs to look around', ['landscape', 'runs/adam'], ['runs/adam-1']],
  ['values of options', ['export', 'runs/adam-1', '--weights', ''], ['best', 'last']],
  ['values behind =', ['export', '--weights=b'], ['--weights=best']],
  ['figures', ['train', 'tiny.yaml', '--expect', 'best_eval_acc'], ['best_eval_accuracy']],
  ['configurations', ['train', 'ti'], ['tiny.yaml']],
  ['names with blanks', ['validate', 'my'], ['my own.yaml']],
  ['what is in a folder', ['data', 'configs/'], ['configs/deep.yaml']],
  ['presets', ['compare', 'sgd', 'adag'], ['adagrad']],
  ['lists of presets', ['lr-find', 'x.yaml', '--optimizers', 'sgd,adag'], ['sgd,adagrad']],
  ['blocks', ['train', 'tiny.yaml', 'opti'], ['optimizer.']],
  ['keys', ['train', 'tiny.yaml', 'ep'], ['epochs=']],
  ['kinds', ['train', 'tiny.yaml', 'optimizer.type=adad'], ['optimizer.type=adadelta']],
  ['kinds without a configuration', ['compare', 'loss.type=hu'], ['loss.type=huber']],
  [
    'keys of the kind that the configuration has',
    ['train', 'tiny.yaml', 'optimizer.am'],
    ['optimizer.amsgrad='],
  ],
  [
    'keys of the kind that is asked for',
    ['train', 'tiny.yaml', 'optimizer.type=sgd', 'optimizer.nes'],
    ['optimizer.nesterov='],
  ],
  ['values of whatever kind has such a key', ['compare', 'loss.reduction=su'], ['loss.reduction=sum']],
  [
    'true and false',
    ['train', 'tiny.yaml', 'loader.shuffle='],
    ['loader.shuffle=true', 'loader.shuffle=false'],
  ],
  ['layers', ['train', 'tiny.yaml', 'model.6'], ['model.6.']],
  ['keys of layers', ['train', 'tiny.yaml', 'model.0.gr'], ['model.0.groups=']],
  ['paths as values', ['train', 'tiny.yaml', 'init.from=runs/ad'], ['init.from=runs/adam-1/']],
  ['runs', ['runs', 'show', 'ru'], ['runs/adam-1', 'runs/compare-x/', 'runs/']],
  ['runs within a comparison', ['report', 'runs/compare-x/'], ['runs/compare-x/adam']],
  ['runs to go on', ['train', '--resume', 'runs/a'], ['runs/adam-1/', 'runs/adam-1']],
  ['shells', ['completion', ''], ['bash', 'zsh', 'fish']],
  ['nothing where it knows nothing', ['train', 'tiny.yaml', '--name', 'x'], []],
  ['nothing of what there is not', ['train', 'tiny.yaml', 'bogus.x'], []],
  ['nothing in a folder that is not there', ['train', 'nope/'], []],
  [
    'what a folder holds that can be meant, and no name that breaks lines',
    ['train', ''],
    ['configs/deep.yaml', 'bin/', 'circle/', 'configs/', 'my own.yaml', 'runs/', 'tiny.yaml'],
  ],
];

describe('lossnet complete', () => {
  let found: string[][];
  beforeAll(() => {
    found = candidates(CASES.map(([, words]) => words));
  });

  it.each(CASES.map(([what, , expected], i) => ({ what, expected, i })))(
    'completes $what',
    ({ expected, i }) => {
      expect(found[i]).toEqual(expected);
    },
  );

  it('is not in the way of variables that are wrong', async () => {
    const options = { cwd, env: { TF_NUM_INTRAOP_THREADS: 'x', LOSSNET_NO__SUCH: '1' } };
    expect((await lossnet(['complete', '--', 'tr'], options)).stdout).toMatch(/^train\t/);
  });
});

describe('lossnet completion', () => {
  it.each([
    [['completion'], "missing required argument 'shell'"],
    [['completion', 'powershell'], 'Allowed choices are bash, zsh, fish'],
  ])('refuses %j', async (args, said) => {
    const { code, stdout, stderr } = await lossnet(args, { cwd });
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)]);
  });

  it('says how it is installed', async () => {
    const { stdout } = await lossnet(['completion', '--help'], { cwd });
    expect(stdout).toContain("bash   echo 'source <(lossnet completion bash)' >> ~/.bashrc");
  });

  it('works in bash as it cuts words', () => {
    const line = (...words: string[]) =>
      `COMP_WORDS=(${words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _lossnet 2>/dev/null; printf '%s|' "\${COMPREPLY[@]}"; echo`;
    const script = [
      'source <(lossnet completion bash)',
      line('lossnet', 'val'),
      line('lossnet', 'train', 'tiny.yaml', 'optimizer.type', '=', 'ada'),
      line('lossnet', 'train', 'tiny.yaml', 'engine', '='),
      line('lossnet', 'train', 'my'),
      line('lossnet', 'train', "'my"),
      line('lossnet', 'export', '--format', '=', 'sav'),
      line('lossnet', 'runs', 'show', 'runs/a'),
      'COMP_WORDBREAKS=" "',
      line('lossnet', 'train', 'tiny.yaml', 'engine='),
    ].join('\n');
    const { stdout } = spawnSync('bash', ['--norc', '-c', script], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    expect(stdout.trimEnd().split('\n')).toEqual([
      'validate|',
      'adam|adamw|adagrad|adadelta|adamax|',
      'graph|eager|',
      'my\\ own.yaml|',
      'my own.yaml|',
      'savedmodel|',
      'runs/adam-1|',
      'engine=graph|engine=eager|',
    ]);
  });

  /** What a shell says once it edits the line, and takes Tab for what it is. */
  const LINE_EDITOR = 'READY[^!]*2004h';

  /** What a shell shows after words and Tab were typed at its prompt; `!` shows whether a blank was put behind. */
  async function typed(shell: readonly string[], setUp: string, ...keys: string[]): Promise<string> {
    const steps = keys.map((text, i) => ({
      wait: i === 0 ? LINE_EDITOR : '! $|!$',
      send: `${i === 0 ? '' : '\u0015'}${text}\t!`,
    }));
    const { output } = await onTerminal(
      shell,
      [{ wait: '[$#%] *', send: `${setUp}; echo REA''DY\n` }, ...steps, { wait: '!', send: '\u0015exit\n' }],
      { cwd, env },
    );
    return output;
  }
  const isThere = (shell: string) => spawnSync(shell, ['--version']).error === undefined;

  it('completes on a terminal in bash', async () => {
    const output = await typed(
      ['bash', '--norc', '--noprofile', '-i'],
      'source <(lossnet completion bash)',
      'lossnet train tiny.yaml optimizer.type=adad',
      'lossnet train tiny.yaml opti',
    );
    expect(output).toContain('optimizer.type=adadelta !');
    expect(output).toContain('optimizer.!');
  });

  it.skipIf(!isThere('zsh'))('completes on a terminal in zsh', async () => {
    const output = await typed(
      ['zsh', '-f', '-i'],
      'autoload -U compinit; compinit -u -D; source <(lossnet completion zsh)',
      'lossnet train tiny.yaml optimizer.type=adad',
      'lossnet train tiny.yaml opti',
    );
    expect(output).toContain('optimizer.type=ada');
    expect(output).toMatch(/delta.* !/s);
    expect(output).toMatch(/optimizer\S*\.\S*!/);
  });

  it.skipIf(!isThere('fish'))('completes in fish', () => {
    const script = [
      'lossnet completion fish | source',
      ...['optimizer.type=adad', 'sched'].map((word) => `complete -C 'lossnet train tiny.yaml ${word}'`),
      "complete -C 'lossnet validate my'",
    ].join('\n');
    const { stdout } = spawnSync('fish', ['--no-config', '-c', script], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    expect(stdout.split('\n').map((line) => line.split('\t')[0])).toEqual([
      'optimizer.type=adadelta',
      'schedule.',
      'my own.yaml',
      '',
    ]);
  });
});
