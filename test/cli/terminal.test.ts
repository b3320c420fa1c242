import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lossnet, TINY, workspace } from '../helpers/cli.js';
import { BIN, onTerminal, type Step } from '../helpers/terminal.js';

const LOSSNET = [process.execPath, BIN];
/** Long enough to be met at work. */
const LONG = TINY.replace('epochs: 3', 'epochs: 300').replace('train_size: 60', 'train_size: 4000');
const HANG_UP: Step = { wait: '2/300', send: null };
const METRICS = 'runs/tiny/metrics.jsonl';

const statusIn = (cwd: string) =>
  (JSON.parse(readFileSync(join(cwd, 'runs/tiny/summary.json'), 'utf8')) as { status: string }).status;

/** A shell whose prompt is known, that is told lines, ^Z and ^\ by the steps. */
const SHELL = ['bash', '--norc', '--noprofile', '-i'];
const PROMPT = 'PROMPT% $';
const shell = (...steps: Step[]): Step[] => [
  { wait: '[$#] $', send: "PS1='PROMPT% '\n" },
  ...steps,
  { wait: PROMPT, send: 'exit\n' },
];

const ESC = String.fromCharCode(27);
/** What the last words about cursor and line wrap say. */
function modesAfter(output: string): { cursor: string | undefined; wrap: string | undefined } {
  const last = (mode: string) => output.split(`${ESC}[?${mode}`).slice(1).at(-1)?.[0];
  return { cursor: last('25'), wrap: last('7') };
}
const ON = { cursor: 'h', wrap: 'h' };

describe('a terminal that is closed', () => {
  it('lets the run save, and ends it with 129', async () => {
    const cwd = workspace({ 'tiny.yaml': LONG });
    const closed = await onTerminal([...LOSSNET, 'train', 'tiny.yaml'], [HANG_UP], { cwd });
    expect([closed.code, closed.signal, statusIn(cwd)]).toEqual([129, null, 'interrupted']);
    expect(existsSync(join(cwd, 'runs/tiny/checkpoints/resume.safetensors'))).toBe(true);
    const resumed = await lossnet(['train', 'runs/tiny', '--resume', '--json'], {
      cwd,
      onOutput: (_, child) => child.stdout!.destroy(),
    });
    expect(JSON.parse(resumed.stdout.split('\n')[0]!).resumed_at_step).toBeGreaterThan(50);
  });

  it('lets a comparison save its runs', async () => {
    const cwd = workspace({ 'tiny.yaml': LONG });
    const args = ['compare', 'sgd', 'adam', '--config', 'tiny.yaml', '--name', 'x'];
    const steps = [{ file: 'runs/compare-x/adam/checkpoints/resume.safetensors', send: null }];
    const closed = await onTerminal([...LOSSNET, ...args], steps, { cwd });
    expect([closed.code, closed.signal]).toEqual([129, null]);
    const summary = JSON.parse(readFileSync(join(cwd, 'runs/compare-x/adam/summary.json'), 'utf8'));
    expect(summary.status).toBe('interrupted');
  });

  it('does not disturb a run below nohup', async () => {
    const cwd = workspace();
    const args = ['nohup', ...LOSSNET, 'train', 'tiny.yaml', 'epochs=30'];
    const closed = await onTerminal(args, [{ file: METRICS, send: null }], { cwd });
    expect([closed.code, closed.signal, statusIn(cwd)]).toEqual([0, null, 'done']);
  });

  it.each([false, true])('does not disturb a run that never had one: its own session %s', async (own) => {
    const cwd = workspace();
    const command = [...LOSSNET, 'train', 'tiny.yaml', '-q', 'epochs=30'].join(' ');
    const wait = `while ! [ -s ${METRICS} ]; do sleep 0.02; done`;
    const streams = own ? '' : '</dev/null >out 2>&1';
    const script = `${own ? 'setsid' : ''} ${command} ${streams} & ${wait}; kill -HUP $!; wait $!; echo code $?`;
    const { output } = await onTerminal(['bash', '-c', script], [], { cwd });
    expect([output.slice(output.indexOf('code')).trim(), statusIn(cwd)]).toEqual(['code 0', 'done']);
  });
});

describe('a terminal with bars on it', () => {
  it.each([
    ['train', 'train tiny.yaml', ['2/300', '3/300']],
    ['compare', 'compare sgd adam --config tiny.yaml', ['epoch 2 ', 'epoch']],
    ['lr-find', 'lr-find tiny.yaml --steps 20000', ['% .*loss', '% .*loss']],
  ])('is as it was when %s is stopped by Ctrl-Z, and by Ctrl-\\', async (_, args, [early, late]) => {
    const cwd = workspace({ 'tiny.yaml': LONG });
    const { output } = await onTerminal(
      SHELL,
      shell(
        { wait: PROMPT, send: `${LOSSNET.join(' ')} ${args}\n` },
        { wait: `${early}`, send: '\u001a' },
        { wait: PROMPT, send: 'fg\n' },
        { wait: `${late}`, send: '\u001c' },
        { wait: PROMPT, send: 'echo code $?\n' },
      ),
      { cwd },
    );
    const [stopped, quit] = [output.indexOf('Stopped'), output.lastIndexOf('Quit')];
    const continued = output.slice(stopped, quit);
    expect(output).toContain('code 131');
    expect(output.slice(0, output.indexOf('^Z'))).toContain(`${ESC}[?25l${ESC}[?7l`);
    expect(modesAfter(output.slice(0, stopped))).toEqual(ON);
    expect(continued).toContain(`${ESC}[?25l`);
    expect(continued).toMatch(/\d+ %/);
    expect(modesAfter(output)).toEqual(ON);
  });
});

describe('a program that has loaded TensorFlow', () => {
  const dist = (path: string) => new URL(`../../dist/${path}`, import.meta.url).href;
  const cwd = workspace({
    'bars.mjs': `
      import { readFileSync } from 'node:fs';
      import { guardTerminal } from '${dist('cli/ui/bar-terminal.js')}';
      import { loadTensorFlow } from '${dist('train/backend/tensorflow.js')}';
      await loadTensorFlow();
      guardTerminal({ write: (text) => console.log(text.includes('?25h') ? 'bars are off' : 'bars are on') });
      setInterval(() => {}, 1000);
      console.log('bars are on');
      if (process.argv[2] === 'read') readFileSync(0);`,
  });
  const start = `'${process.execPath}' bars.mjs`;

  it('stands still at once at Ctrl-Z, each time', async () => {
    const again = [
      { wait: 'bars are on', send: '\u001a' },
      { wait: PROMPT, send: 'fg\n' },
    ];
    const steps = shell(
      { wait: PROMPT, send: `${start}\n` },
      ...Array.from({ length: 8 }, () => again).flat(),
      { wait: 'bars are on', send: '\u0003' },
    );
    const { output } = await onTerminal(SHELL, steps, { cwd });
    const seen = output.match(/bars are off|Stopped|bars are on/g);
    expect(seen).toEqual([
      'bars are on',
      ...Array(8).fill(['bars are off', 'Stopped', 'bars are on']).flat(),
    ]);
  });

  it('waits in the background until it may read from the terminal', async () => {
    const asked = 'while [ "$(jobs -r)" ]; do sleep 0.1; done; jobs; kill -9 %1; exec true\n';
    const steps = shell({ wait: PROMPT, send: `${start} read &\n` }, { wait: 'bars are on', send: asked });
    const { output } = await onTerminal(SHELL, steps.slice(0, -1), { cwd });
    expect(output).toMatch(/^\[1\]\+ +Stopped/m);
  });
});

describe('a terminal that understands no control codes', () => {
  const TRAIN = ['train', 'tiny.yaml', '--force'];
  const COMPARE = ['compare', 'sgd', 'adam', '--config', 'tiny.yaml', '--force'];
  const LR_FIND = ['lr-find', 'tiny.yaml', '--steps', '40'];

  it.each(['dumb', ''])('gets lines alone: TERM=%s', async (TERM) => {
    const cwd = workspace();
    for (const args of [TRAIN, COMPARE, LR_FIND, ['train', 'none.yaml']]) {
      const { output } = await onTerminal([...LOSSNET, ...args], [], { cwd, env: { TERM } });
      expect(output).not.toContain(ESC);
      expect(output.replaceAll('\r\n', '')).not.toContain('\r');
      if (args === TRAIN) expect(output.match(/^epoch \d\/3 /gm)).toHaveLength(3);
      if (args === COMPARE) expect(output).toMatch(/^sgd +epoch 3 /m);
    }
  });

  it.each([0, 1, 7])('or has %i columns, gets all of it', async (columns) => {
    const command = `stty cols ${columns} rows ${columns}; ${[...LOSSNET, ...COMPARE].join(' ')}`;
    const { code, output } = await onTerminal(['bash', '-c', command], [], { cwd: workspace() });
    expect([code, output]).toEqual([0, expect.stringContaining('report')]);
  });
});
