import { describe, expect, it } from 'vitest';
import { formatProblems } from '../../../src/config/problems/format.js';
import type { Problem, Source } from '../../../src/config/problems/problem.js';
import { errorOf, inTemporaryFolder, load, MINIMAL, refused } from '../helpers.js';

inTemporaryFolder();

function problemIn(text: string, marked: string, file = 'x.yaml'): Problem {
  const source: Source = { kind: 'file', file, text };
  const start = text.indexOf(marked);
  return {
    path: 'a.b',
    message: 'wrong',
    help: [],
    place: { source, span: { source, start, end: start + marked.length } },
  };
}

/** The part of a frame's caret line that stands under the quoted text, and the quoted text itself. */
function underlined(problem: Problem): string {
  const lines = formatProblems([problem]).split('\n');
  const caretLine = lines.findIndex((line) => /^ +\| *\^/.test(line));
  const carets = lines[caretLine] ?? '';
  const quoted = lines[caretLine - 1] ?? '';
  return quoted.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1);
}

describe('a problem in full', () => {
  it('has position, path, message, help, a frame with context, and a count', () => {
    const text = `${MINIMAL}loader:\n  batch_size: "64"\n  shuffle: true\n`;
    expect(refused(text)).toMatchInlineSnapshot(`
      "config.yaml:5:15  loader.batch_size
        expected integer ≥ 1; received text "64"
        → remove the quotes: 64

          4 | loader:
          5 |   batch_size: "64"
            |               ^^^^
          6 |   shuffle: true

      1 problem in config.yaml"
    `);
  });

  it('is as narrow as the terminal, its frame included', () => {
    const text = `a: [${'one, '.repeat(12)}WRONG, ${'two, '.repeat(12)}]\nb: ${'x'.repeat(90)}\n`;
    const problem = { ...problemIn(text, 'WRONG'), help: ['write something else here, such as three'] };
    expect(formatProblems([problem], undefined, 40)).toMatchInlineSnapshot(`
      "x.yaml:1:65  a.b
        wrong
        → write something else here, such as
          three

          1 | …, one, one, WRONG, two, two, t…
            |              ^^^^^
          2 | …xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…

      1 problem in x.yaml"
    `);
    for (const width of [30, 40, 60, 80, 120]) {
      const lines = formatProblems([problem], undefined, width).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      const carets = lines.find((line) => line.includes('^'))!;
      const quoted = lines[lines.indexOf(carets) - 1]!;
      expect(quoted.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('WRONG');
    }
  });

  it('wraps what is long', () => {
    expect(refused(`${MINIMAL}sead: 3\n`)).toMatchInlineSnapshot(`
      "config.yaml:4:1  sead
        unknown key \`sead\`
        → did you mean \`seed\`?
        → allowed here: name, runs_dir, seed, epochs, engine, parallel, threads, dataset, loader,
          transforms, model, init, freeze, frozen_mode, loss, optimizer, schedule, clip_grad_norm,
          clip_grad_value, accumulate, evaluation, checkpoint, early_stopping, max_time, log_every,
          expect, tensorboard

          3 | optimizer: { type: sgd }
          4 | sead: 3
            | ^^^^

      1 problem in config.yaml"
    `);
  });

  it('can be coloured without moving anything', () => {
    const { problems } = errorOf(() => load(`${MINIMAL}epochs: 0\n`));
    const style = { bold: tag('b'), red: tag('r'), cyan: tag('c'), dim: tag('d') };
    expect(formatProblems(problems, style)).toMatchInlineSnapshot(`
      "<b>config.yaml:4:9<b>  <c>epochs<c>
        expected integer ≥ 1; received 0

          <d>3 | <d>optimizer: { type: sgd }
          <d>4 | <d>epochs: 0
          <d>  | <d>        <r>^<r>

      <b>1 problem in config.yaml<b>"
    `);
    expect(formatProblems(problems, style).replaceAll(/<.>/g, '')).toBe(formatProblems(problems));
  });

  it('shows details as they are', () => {
    const problem = { ...problemIn('a', 'a'), details: '0  relu    3x3\n1  linear' };
    expect(formatProblems([problem])).toContain('\n\n    0  relu    3x3\n    1  linear\n');
  });

  it('keeps lines of help apart', () => {
    const problem = { ...problemIn('a', 'a'), help: ['one\ntwo', 'three'] };
    expect(formatProblems([problem])).toContain('  wrong\n  → one\n    two\n  → three\n');
  });
});

describe('frames', () => {
  it.each([
    ['plain text', 'a: bad # c', 'bad'],
    ['a whole line', 'bad', 'bad'],
    ['after tabs', 'a:\t\tbad', 'bad'],
    ['in a long line', `${'x'.repeat(500)} bad ${'y'.repeat(500)}`, 'bad'],
    ['at the end of a long line', `${'x'.repeat(500)} bad`, 'bad'],
    ['at the start of a long line', `bad ${'y'.repeat(500)}`, 'bad'],
    ['with Windows line ends', 'a: 1\r\nb: bad\r\n', 'bad'],
  ])('mark the value: %s', (_, text, marked) => {
    expect(underlined(problemIn(text, marked))).toBe(marked);
  });

  it.each([
    ['wide characters before it', 'a: 日本 bad', 6 + 'a: '.length + 5, 3],
    ['wide characters in it', 'a: 日本', 6 + 'a: '.length, 4],
    ['combining marks before it', 'e\u0301e\u0301 bad', 6 + 3, 3],
    ['an emoji of several before it', '👩‍👩‍👧 bad', 6 + 3, 3],
    ['an emoji with a skin tone in it', 'x 👍🏽', 6 + 2, 2],
  ])('count columns of the terminal: %s', (_, text, column, width) => {
    const marked = text.split(' ').at(-1) ?? '';
    const carets =
      formatProblems([problemIn(text, marked)])
        .split('\n')
        .find((line) => line.includes('^')) ?? '';
    expect(carets.indexOf('^')).toBe(column + 'x | '.length - 2);
    expect(carets.trim().replace(/[| ]/g, '')).toBe('^'.repeat(width));
  });

  it('keep every line within bounds', () => {
    const long = 'z'.repeat(3_000);
    const text = `${long}\n${long} bad ${long}\nshort\n`;
    const lines = formatProblems([problemIn(text, 'bad')]).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(120);
    expect(lines).toContain('    3 | short');
  });

  it('underline only the first line of a value of several', () => {
    expect(formatProblems([problemIn('a: {\n  b: 1\n}\n', '{\n  b: 1\n}')])).toContain(
      '    1 | a: {\n      |    ^\n    2 |   b: 1\n',
    );
  });

  it('let no file write to the terminal', () => {
    const message = formatProblems([problemIn('a: \u001b[31mred\u202e \u0007x', 'x', 'evil\u001b[2J.yaml')]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
    expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(message).toContain('a: \ufffd[31mred\ufffd \ufffdx');
  });
});

describe('several problems', () => {
  it('are sorted by position, the file before the rest', () => {
    const text = 'one two three';
    const file: Source = { kind: 'file', file: 'x.yaml', text };
    const place = (source: Source, marked: string) => {
      const start = source.text.indexOf(marked);
      return { source, span: { source, start, end: start + marked.length } };
    };
    const second: Source = { kind: 'argument', text: 'b=1', index: 1 };
    const first: Source = { kind: 'argument', text: 'c=1', index: 0 };
    const env: Source = { kind: 'env', variable: 'LOSSNET_X', text: 'LOSSNET_X=1' };
    const problems = [
      place(second, 'b'),
      place(file, 'three'),
      place(first, '1'),
      place(env, '1'),
      place(second, '1'),
      place(file, 'one'),
      place(first, 'c'),
    ].map((where, i) => ({ path: `${i}`, message: 'x', help: [], place: where }));
    const output = formatProblems(problems);
    expect([...output.matchAll(/^\S.*? {2}(\d)$/gm)].map((match) => match[1]).join('')).toBe(
      '5136204'
        .split('')
        .sort(() => 0)
        .join(''),
    );
    expect(output).toMatch(/\n7 problems in x\.yaml, LOSSNET_X and on the command line$/);
  });

  it('beyond fifty are only counted', () => {
    const problems = Array.from({ length: 60 }, () => problemIn('a', 'a'));
    const output = formatProblems(problems);
    expect(output.match(/wrong/g)).toHaveLength(50);
    expect(output).toMatch(/\n\n… and 10 more\n\n60 problems in x\.yaml$/);
  });
});

function tag(name: string): (text: string) => string {
  return (text) => `<${name}>${text}<${name}>`;
}
