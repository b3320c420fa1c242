import { describe, expect, it } from 'vitest';
import { inTemporaryFolder, load, MINIMAL, problemsOf, refused } from '../helpers.js';

inTemporaryFolder();

describe('faults of syntax', () => {
  it.each([
    ['a: 1\n\tb: 2\n', ['a tab indents this line → indent with spaces: YAML allows no tabs']],
    ['a: @x\n', ['a value cannot start with @ → put the value in quotes']],
    ['a: "x\nb: 1\n', ['this " is never closed → close it with another "']],
    ["a: 'x\nb: 1\n", ["this ' is never closed → close it with another '"]],
    [
      'a: {b: 1\nc: 2\n',
      ['this { is never closed → close it with }, indented further than the key that it belongs to'],
    ],
    ['a: 1\nepochs:3\n', ['a space is missing after the colon → write `epochs: …`']],
    ['epochs:3\na: 1\n', ['a space is missing after the colon → write `epochs: …`']],
    [
      'epochs:3\n',
      [
        'expected a block of keys, such as `epochs: 20`; received text "epochs:3" → a space is missing after the colon: write `epochs: …`',
      ],
    ],
    [
      'a: {b: 1 c: 2}\n',
      [
        'not valid YAML: block collections are not allowed within flow collections → a comma between two entries may be missing',
      ],
    ],
    [
      'a: 1\n b: 2\n',
      [
        'a key stands where a value has already begun → indent the keys of a block alike, each on a line of its own, and quote text that holds ": "',
      ],
    ],
    ['? [a]\n: 1\n', ['a key must be text, not a list, a block or an alias']],
    [
      'a: 1\n---\nb: 2\n',
      [
        'a second YAML document starts here → a configuration is one document: remove the line or the rest of the file',
      ],
    ],
    [
      'a: [1,, 2]\nb: [1, 2,, 3]\n',
      ['not valid YAML: unexpected , in flow sequence', 'not valid YAML: unexpected , in flow sequence'],
    ],
    ['- a\n', ['expected a block of keys, such as `epochs: 20`; received the list ["a"]']],
    ['hello\n', ['expected a block of keys, such as `epochs: 20`; received text "hello"']],
  ])('%j', (text, expected) => {
    expect(problemsOf(text)).toEqual(expected.map((line) => `: ${line}`));
  });

  it('points at what is never closed, not at the end of the file', () => {
    expect(refused(`${MINIMAL}name: "tutorial\nepochs: 3\n`)).toMatchInlineSnapshot(`
      "config.yaml:4:7
        this " is never closed
        → close it with another "

          3 | optimizer: { type: sgd }
          4 | name: "tutorial
            |       ^
          5 | epochs: 3

      1 problem in config.yaml"
    `);
  });
});

describe('what YAML allows and a configuration does not', () => {
  it.each([
    ['name: a\nname: b\n', 'name: `name` is set twice in one block; first in line 4 → remove one of the two'],
    ['name: !!js/function "x"\n', ': tags such as `!!js/function` are not allowed → remove the tag'],
    ['name: !secret x\n', ': tags such as `!secret` are not allowed → remove the tag'],
    ['1: x\n', '1: unknown key `1`'],
    [
      'seed: *sede\nloader: { limit: &seed 1 }\n',
      'seed: `*sede` stands for an anchor `&sede` further up: there is none → put text that starts with * in quotes',
    ],
    [
      'loader: { limit: &seed 1 }\nseed: *sede\n',
      'seed: `*sede` stands for an anchor `&sede` further up: there is none; did you mean `*seed`? → put text that starts with * in quotes',
    ],
    ['loader: { <<: 3 }\n', 'loader: `<<` takes in a block or a list of blocks, such as `<<: *name`'],
  ])('%j', (text, expected) => {
    expect(problemsOf(MINIMAL + text)).toEqual([expected]);
  });

  it('an alias of itself', () => {
    expect(problemsOf(`${MINIMAL}transforms: &t { normalize: *t }\n`)).toContain(
      'transforms.normalize: `*t` stands inside the value that it stands for',
    );
  });
});

describe('what YAML allows, and a configuration too', () => {
  it('anchors and aliases', () => {
    const { yaml, origins } = load(
      `${MINIMAL}loader: { batch_size: &b 8 }\nevaluation: { batch_size: *b }\n`,
    );
    expect(yaml.evaluation.batch_size).toBe(8);
    expect(origins.get('evaluation.batch_size')).toMatchObject({ line: 5, column: 27 });
  });

  it('points into the original of an alias when something is wrong inside it', () => {
    const text = `${MINIMAL.replace('{ type: flatten },', '&d { type: dropout, p: 2 }, *d,')}`;
    expect(problemsOf(text)).toEqual([
      'model.0.p: expected number from 0 to 1; received 2',
      'model.1.p: expected number from 0 to 1; received 2',
    ]);
    expect(refused(text).match(/config.yaml:2:\d+/g)).toEqual(['config.yaml:2:32', 'config.yaml:2:32']);
  });

  it('merge keys: own keys win, then the first merged', () => {
    const text = MINIMAL.replace(
      '[{ type: flatten }',
      '[&a { type: dropout, p: 0.1 }, { <<: *a, p: 0.2 }, { <<: [*a, { p: 0.3 }] }, { type: flatten }',
    );
    expect(load(text).yaml.model.slice(0, 3)).toMatchObject([{ p: 0.1 }, { p: 0.2 }, { p: 0.1 }]);
  });

  it('one document with markers around it, comments, a byte order mark', () => {
    expect(load(`\ufeff# comment\n---\n${MINIMAL}...\n`).yaml.name).toBe('config');
    expect(load(`${MINIMAL}---\n# nothing more\n`).yaml.name).toBe('config');
  });

  it('a list that closes at the start of a line', () => {
    expect(load(MINIMAL.replace(' }]', ' }\n]')).yaml.model).toHaveLength(2);
  });

  it('numbers of YAML 1.2', () => {
    const { yaml } = load(`${MINIMAL}seed: 0x10\nepochs: 1e1\nclip_grad_norm: .5\naccumulate: 010\n`);
    expect(yaml).toMatchObject({ seed: 16, epochs: 10, clip_grad_norm: 0.5, accumulate: 10 });
  });

  it.each([
    ['line feeds', '\n'],
    ['carriage returns and line feeds', '\r\n'],
  ])('lines that end in %s, with the same positions', (_, end) => {
    const message = refused(`${MINIMAL}epochs: 0\nseed: -1\n`.replaceAll('\n', end));
    expect(message).toContain('config.yaml:4:9  epochs\n');
    expect(message).toContain('config.yaml:5:7  seed\n');
    expect(message).not.toMatch(/[\r\ufffd]/);
  });
});

describe('texts made to do harm', () => {
  const doubling = (lines: number) =>
    Array.from({ length: lines }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join('');

  it.each([
    ['aliases of aliases', `a0: &a0 [x, x]\n${doubling(60)}`, 'the aliases unfold to more than 10000 values'],
    ['deep lists', '['.repeat(10_000), 'nested more than 100 levels deep'],
    ['deep blocks', '{a: '.repeat(10_000), 'nested more than 100 levels deep'],
    ['deep indents', '- '.repeat(10_000), 'nested more than 100 levels deep'],
  ])('%s are refused at once', (_, text, expected) => {
    const start = performance.now();
    expect(problemsOf(text).join('\n')).toContain(expected);
    // Unguarded, the aliases would take for ever and the depths the stack: seconds are for a busy machine.
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('keys without end are counted, and the first of them shown', () => {
    const message = refused(Array.from({ length: 5_000 }, (_, i) => `key${i}: 1\n`).join(''));
    expect(message).toContain('… and 4953 more');
    expect(message).toContain('5003 problems in config.yaml');
  });
});
