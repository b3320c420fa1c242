import { withMomentum } from '../train/optim/index.js';
import { DATA_RULES, READ_RULES } from './data-rules.js';
import { isGate, parseGate } from './expect.js';
import { FREEZE_RULE, GROUP_RULE } from './layer-rules.js';
import { toCamelCase } from './naming.js';
import { type Blocks, type Broken, type Rule, rule } from './rule.js';
import { plannedStepsPerEpoch, scheduleMisfits } from './schedule-fit.js';
import type { ConfigYaml } from './schema/index.js';
import { optimizerSchema } from './schema/optimizers.js';

/** What no block can tell by itself. A rule lists the blocks it needs and is left out while one is invalid. */
const RULES: readonly Rule[] = [
  rule(['evaluation', 'checkpoint'], ({ evaluation, checkpoint: { monitor } }) =>
    evaluation.every !== 0 || monitor === 'train_loss'
      ? []
      : [
          {
            path: 'checkpoint.monitor',
            otherwise: 'evaluation.every',
            message: `checkpoint.monitor is ${monitor}, which is never known, as evaluation.every is 0`,
            help: ['set checkpoint.monitor to train_loss, or evaluation.every to 1 or more'],
          },
        ],
  ),

  rule(['evaluation', 'early_stopping'], ({ evaluation, early_stopping: stopping }) =>
    evaluation.every !== 0 || stopping === null
      ? []
      : [
          {
            path: 'early_stopping',
            otherwise: 'evaluation.every',
            message: 'early_stopping looks at evaluations, and there are none, as evaluation.every is 0',
            help: ['set evaluation.every to 1 or more, or early_stopping to null'],
          },
        ],
  ),

  rule(['evaluation', 'schedule'], ({ evaluation, schedule }) =>
    evaluation.every !== 0 || schedule.type !== 'reduce_on_plateau' || schedule.monitor === 'train_loss'
      ? []
      : [
          {
            path: 'schedule.monitor',
            otherwise: 'evaluation.every',
            message: `schedule.monitor is ${schedule.monitor}, which is never known, as evaluation.every is 0`,
            help: ['set schedule.monitor to train_loss, or evaluation.every to 1 or more'],
          },
        ],
  ),

  rule(['evaluation', 'expect'], ({ evaluation, expect }) =>
    evaluation.every !== 0
      ? []
      : expect.flatMap((text, i) => {
          const gate = parseGate(text);
          if (!isGate(gate) || !gate.metric.includes('eval')) return [];
          const message = `${gate.metric} is never known, as evaluation.every is 0`;
          return [{ path: `expect.${i}`, message, help: ['set evaluation.every to 1 or more'] }];
        }),
  ),

  rule(['dataset'], ({ dataset }) =>
    'train_split' in dataset && dataset.split !== null && dataset.train_split === dataset.eval_split
      ? [
          {
            path: 'dataset.split',
            message: `dataset.split leaves dataset.eval_split for the end, and this is ${dataset.eval_split}, as is dataset.train_split: it would be learnt by heart`,
            help: ['set dataset.eval_split to the other of train and test, or dataset.split to null'],
          },
        ]
      : [],
  ),

  rule(['optimizer', 'schedule'], ({ optimizer, schedule }) =>
    schedule.type !== 'one_cycle' ||
    !schedule.cycle_momentum ||
    withMomentum(toCamelCase(optimizer), schedule.max_momentum) !== null
      ? []
      : [
          {
            path: 'schedule.cycle_momentum',
            otherwise: 'schedule.type',
            message: `one_cycle cycles the momentum, and ${optimizer.type} has none that may change during a run`,
            help: ['set schedule.cycle_momentum to false'],
          },
        ],
  ),

  rule(['optimizer', 'schedule'], ({ optimizer, schedule }) =>
    optimizer.groups.flatMap(({ lr, max_lr }, i): Broken[] => {
      const path = `optimizer.groups.${i}`;
      if (schedule.type === 'one_cycle' && lr !== undefined) {
        const message = 'one_cycle does not look at lr, which would be without effect';
        const help = ['write max_lr, the peak of this group; left out, it is schedule.max_lr'];
        return [{ path: `${path}.lr`, message, help }];
      }
      if (schedule.type === 'one_cycle' || max_lr === undefined) return [];
      const message = `max_lr is the peak of one_cycle, and the schedule is ${schedule.type}`;
      return [{ path: `${path}.max_lr`, message, help: ['write lr'] }];
    }),
  ),

  // What an optimizer's options must be together they must be in a group too, with those that it does not name.
  rule(['optimizer'], ({ optimizer }) =>
    optimizer.groups.flatMap(({ layers: _, parameters: _names, max_lr: _peak, ...own }, i) => {
      const issues = optimizerSchema.safeParse({ ...optimizer, ...own, groups: [] }).error?.issues ?? [];
      return issues.map(({ path, message }) => ({
        path: `optimizer.groups.${i}.${path.join('.')}`,
        otherwise: `optimizer.groups.${i}`,
        message: `of this group: ${message}`,
        help: [],
      }));
    }),
  ),

  rule(['clip_grad_norm', 'clip_grad_value'], ({ clip_grad_norm: norm, clip_grad_value: value }) =>
    norm === null || value === null
      ? []
      : [
          {
            path: 'clip_grad_value',
            message: `gradients are clipped by norm or by value, not both; clip_grad_norm is ${norm}`,
            help: ['set clip_grad_value or clip_grad_norm to null'],
          },
        ],
  ),

  rule(['dataset', 'loader'], ({ dataset, loader }) => {
    const size = dataset.type === 'shapes' ? dataset.train_size : Number.POSITIVE_INFINITY;
    const samples = Math.min(size, loader.limit ?? Number.POSITIVE_INFINITY);
    return !loader.drop_last || loader.batch_size <= samples
      ? []
      : [
          {
            path: 'loader.drop_last',
            message: `leaves nothing to train on: ${samples} samples are less than one batch of ${loader.batch_size}`,
            help: [`set loader.batch_size to ${samples} or less, or loader.drop_last to false`],
          },
        ];
  }),

  rule(['loader'], ({ loader: { sampler, shuffle } }) =>
    sampler === null || shuffle
      ? []
      : [
          {
            path: 'loader.sampler',
            message: `${sampler} draws samples by lot, and loader.shuffle is false`,
            help: ['set loader.shuffle to true, or loader.sampler to null'],
          },
        ],
  ),

  rule(['runs_dir', 'dataset', 'init'], ({ runs_dir, dataset, init }) => {
    const own = dataset as {
      readonly root?: string;
      readonly path?: string | null;
      readonly eval_path?: string | null;
    };
    const { root = '', path: table, eval_path } = own;
    const paths = {
      ...{ runs_dir, 'dataset.root': root, 'init.from': init?.from ?? '' },
      ...{ 'dataset.path': table ?? '', 'dataset.eval_path': eval_path ?? '' },
    };
    return Object.entries(paths)
      .filter(([, value]) => /^~(\/|$)/.test(value))
      .map(([path, value]) => ({
        path,
        message: `${value} would be a folder with the name ~: only a shell knows what it stands for`,
        help: ['write the path in full'],
      }));
  }),
];

/** What only reading files tells the classes or the columns of. */
const OWN_DATA: readonly (ConfigYaml['dataset']['type'] | undefined)[] = [
  'csv',
  'arrays',
  'image_folder',
  'text',
];

/** What counts of a run that is still to be trained. */
const fits = rule(['epochs', 'schedule', 'evaluation', 'dataset', 'loader', 'accumulate'], (config) =>
  scheduleMisfits(config, plannedStepsPerEpoch(config)).filter(({ isFatal }) => isFatal),
);

/** Of data that a program gave there is no more than a record. */
const isHere = rule(['dataset'], ({ dataset }) =>
  dataset.type !== 'custom'
    ? []
    : [
        {
          path: 'dataset.type',
          message: `${dataset.name} was given by a program, and cannot be had from a file`,
          help: ['train it from that program: loadConfig({ …, data })', 'or name another data set'],
        },
      ],
);

/**
 * Checks the rules that need several blocks.
 *
 * @param blocks the valid blocks of a configuration, defaults filled in; invalid ones left out
 * @param options isRecord: whether it is that of a run that was begun: then it is no question any more whether its schedule
 * fits, or where its data come from; hasData: whether a program gives the data
 * @returns every rule that is broken
 */
export function checkRules(
  blocks: Blocks,
  { isRecord, hasData }: { readonly isRecord: boolean; readonly hasData: boolean },
): Broken[] {
  // Data of one's own may be others by now, or gone: what a run was is no question of that.
  const isOthers = isRecord && OWN_DATA.includes(blocks.dataset?.type);
  const ofData = isOthers ? [] : [...DATA_RULES, FREEZE_RULE, GROUP_RULE];
  const ofTraining = isRecord ? [] : [...READ_RULES, fits, ...(hasData ? [] : [isHere])];
  return [...ofData, ...RULES, ...ofTraining].flatMap((check) => check(blocks));
}
