import { describe, expect, it } from 'vitest';
import { parseOverrides } from '../../../src/config/sources/assignment.js';
import { toPlain } from '../../../src/config/sources/tree.js';
import { inTemporaryFolder, load, MINIMAL, problemsOf, refused } from '../helpers.js';

inTemporaryFolder();

describe('overrides', () => {
  it.each<[string, string, unknown]>([
    ['epochs=3', 'epochs', 3],
    ['optimizer.lr=1e-3', 'optimizer.lr', 0.001],
    ['model.0.kernel_size=[3, 5]', 'model.0.kernel_size', [3, 5]],
    ['optimizer={type: adam, lr: 0.1}', 'optimizer', { type: 'adam', lr: 0.1 }],
    ['loader.shuffle=false', 'loader.shuffle', false],
    ['clip_grad_norm=', 'clip_grad_norm', null],
    ['name="a=b"', 'name', 'a=b'],
    ['dataset.root=/data/a=b', 'dataset.root', '/data/a=b'],
    ['dataset.root=C:\\data', 'dataset.root', 'C:\\data'],
    ["name='2024'", 'name', '2024'],
  ])('%s', (text, path, value) => {
    const { assignments, problems } = parseOverrides([text]);
    expect(problems).toEqual([]);
    expect(assignments[0]?.path.map(({ name }) => name).join('.')).toBe(path);
    expect(assignments.map((assignment) => toPlain(assignment.value))).toEqual([value]);
  });

  it.each([
    ['epochs', ': expected key=value; received `epochs` → for example `optimizer.lr=0.1`'],
    ['', ': expected key=value; received `` → for example `optimizer.lr=0.1`'],
    ['epochs:3', ': expected key=value; received `epochs:3` → did you mean `epochs=3`?'],
    ['=3', ': `` is not the path of a key → for example `optimizer.lr=0.1`'],
    ['optimizer..lr=3', ': `optimizer..lr` is not the path of a key → for example `optimizer.lr=0.1`'],
    ['--epochs=3', ': `--epochs` is not the path of a key → did you mean `epochs=3`?'],
    [
      'model[0].out_channels=3',
      ': `model[0].out_channels` is not the path of a key → did you mean `model.0.out_channels=3`?',
    ],
    [
      'loader.batch-size=3',
      ': `loader.batch-size` is not the path of a key → did you mean `loader.batch_size=3`?',
    ],
    [
      'seed={',
      'seed: this { is never closed → close it with }, indented further than the key that it belongs to',
    ],
    ['name=@x', 'name: a value cannot start with @ → put the value in quotes'],
    ['model.2.p=1', 'model.2.p: `model` is a list without an entry `2`: its entries are 0 to 1'],
    ['model.-1.p=1', ': `model.-1.p` is not the path of a key → for example `optimizer.lr=0.1`'],
    ['model.first.p=1', 'model.first.p: `model` is a list without an entry `first`: its entries are 0 to 1'],
    ['dataset.type.x=1', 'dataset.type.x: `dataset.type` is shapes, which has no keys'],
    ['lr=1', 'lr: unknown key `lr` → did you mean `optimizer.lr`?'],
    [
      'batch_size=1',
      'batch_size: unknown key `batch_size` → did you mean `loader.batch_size` or `evaluation.batch_size`?',
    ],
    [
      'optimizer.learning_rate=1',
      'optimizer.learning_rate: unknown key `learning_rate` → did you mean `optimizer.lr`?',
    ],
    ['optimiser.lr=1', 'optimiser: unknown key `optimiser` → did you mean `optimizer`?'],
    [
      'name=2024',
      'name: expected letters, digits, dot, dash and underscore, starting with a letter or digit; received 2024 → put it in quotes to make it text: "2024"',
    ],
    ['epochs=', 'epochs: expected integer ≥ 1; received nothing (null) → write a value behind the ='],
  ])('%j is refused', (override, expected) => {
    expect(problemsOf(MINIMAL, { overrides: [override] })).toEqual([expected]);
  });

  it('shows the argument and where it is wrong', () => {
    expect(
      refused(MINIMAL, { overrides: ['optimizer={type: addam, lr: 0.1}', 'loader.shufle=false'] }),
    ).toMatchInlineSnapshot(`
      "command line  optimizer.type
        expected one of sgd, adam, adamw, nadam, rmsprop, adagrad, adadelta, adamax; received text "addam"
        → did you mean \`adam\`?

          optimizer={type: addam, lr: 0.1}
                           ^^^^^

      command line  loader.shufle
        unknown key \`shufle\`
        → did you mean \`loader.shuffle\`?
        → allowed here: batch_size, shuffle, drop_last, limit, sampler

          loader.shufle=false
                 ^^^^^^

      2 problems on the command line"
    `);
  });

  it('keeps the order of the command line', () => {
    const { problems } = parseOverrides(['z', 'a', 'm']);
    expect(problems.map(({ message }) => message.at(-2))).toEqual(['z', 'a', 'm']);
    expect(refused(MINIMAL, { overrides: ['log_every=x', 'epochs=x'] })).toMatch(/log_every.*epochs/s);
  });

  it('can set a whole list', () => {
    const { yaml } = load(MINIMAL, {
      overrides: ['model=[{type: flatten}, {type: linear, out_features: 10, bias: false}]'],
    });
    expect(yaml.model[1]).toMatchObject({ bias: false });
  });
});
