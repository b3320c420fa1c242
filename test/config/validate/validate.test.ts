import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/problems/errors.js';
import type { Problem } from '../../../src/config/problems/problem.js';
import { inTemporaryFolder, load, MINIMAL, problemsOf, refused } from '../helpers.js';

inTemporaryFolder();

describe('all problems at once', () => {
  it('reports the file, the environment and the command line together, in this order', () => {
    const text = `epochs: 0
dataset: { type: shapes }
model:
  - { type: conv2d, out_channels: 32, kernel_size: [5, 0] }
  - { type: linaer, out_features: 0 }
optimzer:
  type: addam
  lr: 0,01
`;
    const env = { LOSSNET_LOG_EVERY: 'often', LOSSNET_OPTIMIZER_LR: '0.1' };
    const overrides = ['epochs', 'loader.shuffle=yes', 'model.7.p=1', 'seed=[1'];
    expect(refused(text, { env, overrides })).toMatchInlineSnapshot(`
      "config.yaml:1:9  epochs
        expected integer ≥ 1; received 0

          1 | epochs: 0
            |         ^
          2 | dataset: { type: shapes }

      config.yaml:4:56  model.0.kernel_size.1
        expected integer from 1 to 1000000; received 0

          3 | model:
          4 |   - { type: conv2d, out_channels: 32, kernel_size: [5, 0] }
            |                                                        ^
          5 |   - { type: linaer, out_features: 0 }

      config.yaml:5:13  model.1.type
        expected one of conv2d, max_pool2d, avg_pool2d, adaptive_avg_pool2d, flatten, linear, relu,
        leaky_relu, elu, gelu, silu, sigmoid, tanh, softmax, log_softmax, dropout, batch_norm1d,
        batch_norm2d, layer_norm, embedding, gru, lstm, residual; received text "linaer"
        → did you mean \`linear\`?

          4 |   - { type: conv2d, out_channels: 32, kernel_size: [5, 0] }
          5 |   - { type: linaer, out_features: 0 }
            |             ^^^^^^
          6 | optimzer:

      config.yaml:5:35  model.1.out_features
        expected integer ≥ 1; received 0

          4 |   - { type: conv2d, out_channels: 32, kernel_size: [5, 0] }
          5 |   - { type: linaer, out_features: 0 }
            |                                   ^
          6 | optimzer:

      config.yaml:6:1  optimzer
        unknown key \`optimzer\`
        → did you mean \`optimizer\`?
        → allowed here: name, runs_dir, seed, epochs, engine, parallel, threads, dataset, loader,
          transforms, model, init, freeze, frozen_mode, loss, optimizer, schedule, clip_grad_norm,
          clip_grad_value, accumulate, evaluation, checkpoint, early_stopping, max_time, log_every,
          expect, tensorboard

          5 |   - { type: linaer, out_features: 0 }
          6 | optimzer:
            | ^^^^^^^^
          7 |   type: addam

      config.yaml:7:9  optimizer.type
        expected one of sgd, adam, adamw, nadam, rmsprop, adagrad, adadelta, adamax; received text "addam"
        → did you mean \`adam\`?

          6 | optimzer:
          7 |   type: addam
            |         ^^^^^
          8 |   lr: 0,01

      config.yaml:8:7  optimizer.lr
        expected number ≥ 0; received text "0,01"
        → write 0.01, with a decimal point

          7 |   type: addam
          8 |   lr: 0,01
            |       ^^^^

      LOSSNET_LOG_EVERY  log_every
        expected integer ≥ 1; received text "often"

          LOSSNET_LOG_EVERY=often
                            ^^^^^

      LOSSNET_OPTIMIZER_LR  optimizer_lr
        unknown key \`optimizer_lr\`
        → did you mean \`LOSSNET_OPTIMIZER__LR\`?
        → allowed here: name, runs_dir, seed, epochs, engine, parallel, threads, dataset, loader,
          transforms, model, init, freeze, frozen_mode, loss, optimizer, schedule, clip_grad_norm,
          clip_grad_value, accumulate, evaluation, checkpoint, early_stopping, max_time, log_every,
          expect, tensorboard

          LOSSNET_OPTIMIZER_LR=0.1
                  ^^^^^^^^^^^^

      command line
        expected key=value; received \`epochs\`
        → for example \`optimizer.lr=0.1\`

          epochs
          ^^^^^^

      command line  loader.shuffle
        expected true or false; received text "yes"
        → write true

          loader.shuffle=yes
                         ^^^

      command line  model.7.p
        \`model\` is a list without an entry \`7\`: its entries are 0 to 1

          model.7.p=1
                ^

      command line  seed
        this [ is never closed
        → close it with ], indented further than the key that it belongs to

          seed=[1
               ^

      13 problems in config.yaml, LOSSNET_LOG_EVERY, LOSSNET_OPTIMIZER_LR and on the command line"
    `);
  });

  it('looks behind a mistyped key or type: what it was meant to be is checked as well', () => {
    expect(problemsOf(`${MINIMAL}lodaer: { batch_size: 0 }\nschedule: { type: csoine, gamma: 1 }\n`)).toEqual(
      [
        'lodaer: unknown key `lodaer` → did you mean `loader`?',
        'loader.batch_size: expected integer ≥ 1; received 0',
        'schedule.type: expected one of constant, step, multi_step, exponential, cosine, cosine_restarts, linear, polynomial, one_cycle, reduce_on_plateau; received text "csoine" → did you mean `cosine`?',
        'schedule.gamma: unknown key `gamma` → `gamma` is a key of type step, multi_step, exponential',
      ],
    );
  });

  it('sees a mistyped block and what is set in it from outside as one', () => {
    const text = MINIMAL.replace('optimizer: { type: sgd }', 'optimzer: { type: sgd, lr: x }');
    expect(problemsOf(text, { overrides: ['optimizer.momentum=0.9'] })).toEqual([
      'optimzer: unknown key `optimzer` → did you mean `optimizer`?',
      'optimizer.lr: expected number ≥ 0; received text "x"',
    ]);
  });

  it('reports only syntax when the file does not parse, and the arguments that do not parse either', () => {
    expect(problemsOf('epochs: [\nseed: x\n', { overrides: ['seed={', 'epochs=x'] })).toEqual([
      ': this [ is never closed → close it with ], indented further than the key that it belongs to',
      'seed: this { is never closed → close it with }, indented further than the key that it belongs to',
    ]);
  });
});

describe('keys that every JavaScript object has', () => {
  it('are unknown keys like any other', () => {
    const text = `${MINIMAL}__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\ntoString: 1\n`;
    expect(problemsOf(text, { overrides: ['__proto__.polluted=1', 'optimizer.__proto__=1'] })).toEqual([
      '__proto__: unknown key `__proto__`',
      'constructor: unknown key `constructor`',
      'toString: unknown key `toString`',
      'optimizer.__proto__: unknown key `__proto__`',
    ]);
    expect({}).not.toHaveProperty('polluted');
  });

  it.each(['{}', '[]', '3', 'text', '{ toString: null }', '{ valueOf: { length: 1 } }'])(
    'do not make a list of a block: length: %s',
    (length) => {
      const overrides = [`model={ length: ${length} }`];
      const [problem, ...others] = problemsOf(MINIMAL, { overrides });
      expect([problem, others]).toEqual([
        expect.stringMatching(/^model: expected a list .*received a block/),
        [],
      ]);
    },
  );
});

describe('whatever the text', () => {
  const PIECES = [
    '\n',
    '  ',
    '\t',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    '"',
    '&a ',
    '*a',
    '<<: ',
    '!x ',
    '|',
    '? ',
    'é',
    '0',
    '---\n',
  ];

  it('either loads, or is refused with problems that have a position', () => {
    const text = `${MINIMAL}loader:\n  batch_size: 3\ntransforms: { random_crop: { padding: 4 } }\n`;
    let state = 1;
    const draw = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor(state / 2 ** 8) % below;
    };
    for (let i = 0; i < 300; i++) {
      const at = draw(text.length);
      const damaged = text.slice(0, at) + PIECES[draw(PIECES.length)] + text.slice(at + draw(6));
      const { problems } = attempt(damaged);
      for (const { message, place } of problems) {
        expect(message, damaged).not.toMatch(/undefined|\[object/);
        expect(place.span, damaged).toBeDefined();
      }
    }
  });

  function attempt(text: string): { problems: readonly Problem[] } {
    try {
      load(text);
      return { problems: [] };
    } catch (error) {
      if (error instanceof ConfigError) return error;
      throw new Error(`not a ConfigError, for ${JSON.stringify(text)}`, { cause: error });
    }
  }
});
