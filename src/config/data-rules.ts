import { DataError, some } from '../train/data/data-error.js';
import type { DataSpec } from '../train/data/dataset.js';
import { VALUE_LOSSES } from '../train/loss/index.js';
import { bareName, measuredOf } from '../train/task/index.js';
import { type DataBlocks, sourceOf, specOf } from './data.js';
import { figuresOfTask, isGate, isOfTest, parseGate } from './expect.js';
import { modelProblem } from './model.js';
import { toSnakeCase } from './naming.js';
import { count, listing } from './problems/text.js';
import { type Broken, type Rule, rule } from './rule.js';
import type { ConfigYaml } from './schema/index.js';
import { nearest } from './validate/spelling.js';

const MOST_NAMES = 20;
/** A border larger than the images would cut windows that hold nothing of them; of small ones there are runs that have more. */
const LEAST_PADDING = 32;

/** Of data of one's own, only reading them tells what they are. */
const OWN: Rule = rule(['dataset', 'loss'], (blocks) => {
  try {
    sourceOf(blocks).spec;
    return [];
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const { key, message, remedy, choice } = error;
    const meant = choice && nearest(choice.received, choice.known);
    return [
      {
        path: `dataset.${toSnakeKey(key)}`,
        otherwise: 'dataset',
        message,
        help: [
          ...(meant === undefined ? [] : [`did you mean \`${meant}\`?`]),
          ...(choice === undefined
            ? []
            : [`${choice.what}: ${some(choice.known, choice.known.length, MOST_NAMES)}`]),
          ...(remedy?.split('\n') ?? []),
        ],
      },
    ];
  }
});

const toSnakeKey = (key: string) => Object.keys(toSnakeCase({ [key]: null }))[0]!;

/** What can be read only where the data are: not asked of the record of a run. */
export const READ_RULES: readonly Rule[] = [OWN];

/** What must fit what the data are: images or features, classes or real values. */
export const DATA_RULES: readonly Rule[] = [
  rule(['dataset', 'transforms', 'model', 'init'], (blocks) => {
    const problem = modelProblem(blocks);
    if (problem === null) return [];
    const { layer, message, remedy, table } = problem;
    return [{ path: `model.${layer}`, message, help: remedy === undefined ? [] : [remedy], details: table }];
  }),

  onData(['transforms'], ({ dataset, transforms }, { input }) => {
    if (input.kind !== 'image')
      return imageTransforms(transforms, `${dataset.type} has ${input.kind}`, input.kind);
    const { channels } = input;
    const { mean = [], std = [] } = transforms.normalize ?? {};
    const lists =
      transforms.normalize === null ? [] : (Object.entries({ mean, std }) as [string, number[]][]);
    return lists
      .filter(([, values]) => values.length !== channels)
      .map(([key, values]) => ({
        path: `transforms.normalize.${key}`,
        message: `expected ${channels} numbers, one for each channel of ${dataset.type}; received ${values.length}`,
        help:
          values.length === 1
            ? [`write it for each channel: [${Array(channels).fill(values[0]).join(', ')}]`]
            : [],
      }));
  }),

  onData(['transforms'], ({ transforms: { random_crop: crop } }, { input }) => {
    if (input.kind !== 'image' || crop === null) return [];
    const most = Math.max(LEAST_PADDING, Math.min(input.height, input.width));
    if (crop.padding <= most) return [];
    return [
      {
        path: 'transforms.random_crop.padding',
        message: `expected at most ${most}, the size of the images; received ${crop.padding}`,
        help: ['4 is usual'],
      },
    ];
  }),

  onData(['loss'], ({ dataset, loss }, { target }) => {
    if (target.kind === 'value') return [];
    const classes = target.names.length;
    const weight = 'weight' in loss ? loss.weight : null;
    const pos_weight = 'pos_weight' in loss ? loss.pos_weight : null;
    return Object.entries({ weight, pos_weight }).flatMap(([key, values]) =>
      values === null || values === 'balanced' || values.length === classes
        ? []
        : [
            {
              path: `loss.${key}`,
              message: `expected ${classes} numbers, one for each class of ${dataset.type}; received ${values.length}`,
              help: ['1 leaves a class as it is'],
            },
          ],
    );
  }),

  onData(['loader'], ({ loader: { sampler } }, { name, target }) =>
    sampler === null || target.kind === 'class'
      ? []
      : [
          {
            path: 'loader.sampler',
            message: `${sampler} is for classes, and ${name} has ${count(target.names.length, 'real value')} to tell`,
            help: ['leave it out, or set it to null'],
          },
        ],
  ),

  onData(['loader'], ({ loader: { sampler } }, { target }) =>
    sampler === null || target.kind === 'value' || target.length === undefined
      ? []
      : [
          {
            path: 'loader.sampler',
            message: `${sampler} draws samples by their class, and with dataset.positions: all each has ${target.length} to tell`,
            help: ['leave it out, or set it to null'],
          },
        ],
  ),

  onData(['model'], ({ model }, { target }) =>
    target.kind === 'value' || target.length === undefined
      ? []
      : backwards(model, 'model').map((path) => ({
          path,
          message: 'the way back sees the next token, which is what is to be told: dataset.positions is all',
          help: [
            'set bidirectional to false',
            'or have the one token told that no way sees: dataset.positions: last',
          ],
        })),
  ),

  onData(['loss'], ({ dataset, loss }, { target }) => {
    if (target.kind === 'class' || VALUE_LOSSES.includes(loss.type)) return [];
    const what = `${count(target.names.length, 'real value')} (${listing(target.names)})`;
    const asClass =
      dataset.type === 'csv' && target.names.length === 1
        ? [`or say that it is a class: dataset.target: { column: ${target.names[0]}, type: class }`]
        : dataset.type === 'arrays'
          ? ['or say that they are classes: dataset.target_type: class']
          : [];
    return [
      {
        path: 'loss.type',
        otherwise: 'dataset',
        message: `${loss.type} is a loss for classes, and the data have ${what} to tell`,
        help: [`set loss.type to one of ${VALUE_LOSSES.join(', ')}`, ...asClass],
      },
    ];
  }),

  onData(
    ['loss', 'checkpoint', 'schedule', 'early_stopping', 'expect'],
    ({ loss, checkpoint, schedule, early_stopping: stopping, expect }, { target, hasTest = false }) => {
      const measured = measuredOf(target, loss.type);
      const known = measured.map(({ name }) => name);
      const monitors = ['eval_loss', ...known.map((name) => `eval_${name}`), 'train_loss'];
      const unknown = (path: string, figure: string, bare: string, help: string): Broken[] => {
        const name = bareName(bare);
        if (name === 'loss' || (known as readonly string[]).includes(name)) return [];
        const isLikely = measuredOf(target, 'cross_entropy').some((metric) => metric.name === name);
        const what =
          target.kind === 'value'
            ? 'real values'
            : target.of === 'token'
              ? 'the next of a text'
              : `${target.names.length} classes`;
        const why = isLikely
          ? `it is made of probabilities, and ${loss.type} makes none of the outputs`
          : `the data have ${what} to tell`;
        return [{ path, message: `${figure} is never known: ${why}`, help: [help] }];
      };
      const choose = `choose one of ${monitors.join(', ')}`;
      return [
        ...unknown('checkpoint.monitor', checkpoint.monitor, checkpoint.monitor, choose),
        ...(stopping?.monitor
          ? unknown('early_stopping.monitor', stopping.monitor, stopping.monitor, choose)
          : []),
        ...('monitor' in schedule
          ? unknown('schedule.monitor', schedule.monitor, schedule.monitor, choose)
          : []),
        ...expect.flatMap((text, i) => {
          const gate = parseGate(text);
          if (!isGate(gate)) return [];
          const { metric } = gate;
          const figures = figuresOfTask(measured, hasTest).filter((name) => !name.startsWith('best_'));
          const help = `metrics: ${figures.join(', ')}; best_ before one of eval or train is its best of all epochs`;
          if (!isOfTest(metric) || hasTest) return unknown(`expect.${i}`, metric, metric, help);
          const message = `${metric} is never known: no samples are left for the end`;
          return [{ path: `expect.${i}`, message, help: [HOLD_OUT] }];
        }),
      ];
    },
  ),
];

/** The keys of recurrent layers that go both ways. */
function backwards(layers: ConfigYaml['model'], path: string): string[] {
  return layers.flatMap((layer, i) => {
    const at = `${path}.${i}`;
    if (layer.type === 'residual')
      return [
        ...backwards(layer.layers, `${at}.layers`),
        ...backwards(layer.projection ?? [], `${at}.projection`),
      ];
    return 'bidirectional' in layer && layer.bidirectional ? [`${at}.bidirectional`] : [];
  });
}

/** How samples are left for the end. */
const HOLD_OUT =
  'leave some: dataset.split: { val: 0.1 } of a data set with a test part of its own, dataset.split.test: 0.1 of your own';

/** A rule on what is known of the data; left out while that is not. */
function onData<K extends keyof ConfigYaml>(
  needs: readonly K[],
  check: (blocks: Pick<ConfigYaml, K> & DataBlocks, spec: DataSpec) => Broken[],
): Rule {
  return rule(['dataset', ...needs], (blocks) => {
    const spec = specOf(blocks);
    return spec === null ? [] : check(blocks, spec);
  });
}

function imageTransforms(transforms: ConfigYaml['transforms'], has: string, what: string): Broken[] {
  const set = (['random_crop', 'random_flip', 'normalize'] as const).filter(
    (key) => transforms[key] !== null,
  );
  const refused = (key: string, remedy: string): Broken => ({
    path: `transforms.${key}`,
    message: `${key} is for images, and ${has}`,
    help: [remedy],
  });
  return [
    ...set.map((key) => refused(key, `leave it out, or set it to null`)),
    ...(transforms.scale ? [] : [refused('scale', `leave it out: ${what} are never divided by 255`)]),
  ];
}
