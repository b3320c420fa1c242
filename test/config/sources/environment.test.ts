import { describe, expect, it } from 'vitest';
import { parseEnvironment, variableOf } from '../../../src/config/sources/environment.js';
import { toPlain } from '../../../src/config/sources/tree.js';
import { inTemporaryFolder, load, MINIMAL, problemsOf, refused } from '../helpers.js';

inTemporaryFolder();

describe('variables', () => {
  it.each<[string, string, string, unknown]>([
    ['LOSSNET_EPOCHS', '3', 'epochs', 3],
    ['LOSSNET_OPTIMIZER__LR', '1e-3', 'optimizer.lr', 0.001],
    ['lossnet_optimizer__lr', '1', 'optimizer.lr', 1],
    ['LOSSNET_LOADER__BATCH_SIZE', '8', 'loader.batch_size', 8],
    ['LOSSNET_MODEL__0__OUT_CHANNELS', '8', 'model.0.out_channels', 8],
    ['LOSSNET_OPTIMIZER', '{type: adam}', 'optimizer', { type: 'adam' }],
    ['LOSSNET_CLIP_GRAD_NORM', '', 'clip_grad_norm', null],
  ])('%s=%s', (variable, text, path, value) => {
    const { assignments, problems } = parseEnvironment({ [variable]: text, PATH: '/bin', HOME: undefined });
    expect(problems).toEqual([]);
    expect(assignments.map((assignment) => assignment.path.map(({ name }) => name).join('.'))).toEqual([
      path,
    ]);
    expect(assignments.map((assignment) => toPlain(assignment.value))).toEqual([value]);
  });

  it('leaves the reserved names alone', () => {
    const env = { LOSSNET_DATA: '@', LOSSNET_CACHE: '@', LOSSNET_LIBTENSORFLOW: '@', lossnet_data: '@' };
    expect(parseEnvironment(env)).toEqual({ assignments: [], problems: [] });
  });

  it.each([
    [
      'LOSSNET_OPTIMIZER_LR',
      '1',
      'optimizer_lr: unknown key `optimizer_lr` → did you mean `LOSSNET_OPTIMIZER__LR`?',
    ],
    [
      'LOSSNET_OPTIMIZER__LRR',
      '1',
      'optimizer.lrr: unknown key `lrr` → did you mean `LOSSNET_OPTIMIZER__LR`?',
    ],
    ['LOSSNET_EPOCH', '1', 'epoch: unknown key `epoch` → did you mean `LOSSNET_EPOCHS`?'],
    ['LOSSNET_LR', '1', 'lr: unknown key `lr` → did you mean `LOSSNET_OPTIMIZER__LR`?'],
    ['LOSSNET_QUIRK', '1', 'quirk: unknown key `quirk`'],
    ['LOSSNET_', '1', ': unknown key ``'],
    [
      'LOSSNET_EPOCHS',
      '',
      'epochs: expected integer ≥ 1; received nothing (null) → give LOSSNET_EPOCHS a value, or unset it',
    ],
    [
      'LOSSNET_EPOCHS',
      '[',
      'epochs: this [ is never closed → close it with ], indented further than the key that it belongs to',
    ],
  ])('%s=%s is refused', (variable, value, expected) => {
    expect(problemsOf(MINIMAL, { env: { [variable]: value } })).toEqual([expected]);
  });

  it('that differ only in case are refused: which one counts would be a matter of luck', () => {
    const env = { LOSSNET_SEED: '1', LOSSNET_seed: '2' };
    expect(refused(MINIMAL, { env })).toMatchInlineSnapshot(`
      "LOSSNET_seed  seed
        LOSSNET_SEED and LOSSNET_seed set the same key
        → unset one of the two

          LOSSNET_seed=2
          ^^^^^^^^^^^^

      1 problem in LOSSNET_seed"
    `);
  });

  it('are named by variableOf as they are read', () => {
    const { yaml } = load(MINIMAL, { env: { [variableOf('model.1.bias')]: 'false' } });
    expect(yaml.model[1]).toMatchObject({ bias: false });
  });
});
