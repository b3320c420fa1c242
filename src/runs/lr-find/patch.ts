import { isDeepStrictEqual } from 'node:util';
import { type ConfigYaml, configSchema, type OptimizerBlock, toCamelCase } from '../../config/index.js';
import { withMomentum } from '../../train/optim/index.js';
import type { LrResult } from './result.js';

/** What to change so that a configuration trains with a learning rate. */
export interface Patch {
  /** Lines of YAML, each to take the place of a whole block. */
  readonly lines: readonly string[];
  /** The same as arguments for a shell. */
  readonly overrides: readonly string[];
}

const { optimizer: optimizerSchema, schedule: scheduleSchema } = configSchema.shape;

/**
 * @param yaml the configuration that is to train: with one_cycle, it names the learning rate in its schedule
 * @param tested the optimizer that was tested, and whether it is the configuration's own: else it is written too
 * @param lr the learning rate
 */
export function patchFor(
  yaml: ConfigYaml,
  { optimizer, isOwn }: Pick<LrResult, 'optimizer' | 'isOwn'>,
  lr: number,
): Patch {
  if (yaml.schedule.type !== 'one_cycle') {
    const groups = scaled(optimizer.groups, 'lr', lr / yaml.optimizer.lr);
    const block = blockLine({ ...optimizer, lr, groups }, optimizerSchema, 'lr');
    return {
      lines: [`optimizer: ${block}`],
      overrides: isOwn ? [`optimizer.lr=${lr}`, ...overridesOf(groups, 'lr')] : [`'optimizer=${block}'`],
    };
  }
  const { schedule } = yaml;
  if (isOwn && yaml.optimizer.groups.some(({ max_lr }) => max_lr !== undefined)) {
    const groups = scaled(yaml.optimizer.groups, 'max_lr', lr / schedule.max_lr);
    const peaks = { ...yaml, optimizer: { ...yaml.optimizer, groups: [] } };
    const { lines, overrides } = patchFor(peaks, { optimizer: peaks.optimizer, isOwn }, lr);
    return {
      lines: [`optimizer: ${blockLine({ ...yaml.optimizer, groups }, optimizerSchema)}`, ...lines],
      overrides: [...overrides, ...overridesOf(groups, 'max_lr')],
    };
  }
  const cycles = schedule.cycle_momentum && hasMomentum(optimizer, schedule.max_momentum);
  const cycle = blockLine({ ...schedule, max_lr: lr, cycle_momentum: cycles }, scheduleSchema, 'max_lr');
  const { lr: _unused, ...rest } = optimizer;
  const block = blockLine(rest, optimizerSchema);
  return {
    lines: [...(isOwn ? [] : [`optimizer: ${block}`]), `schedule: ${cycle}`],
    overrides: [
      ...(isOwn ? [] : [`'optimizer=${block}'`]),
      `schedule.max_lr=${lr}`,
      ...(cycles === schedule.cycle_momentum ? [] : ['schedule.cycle_momentum=false']),
    ],
  };
}

type Groups = NonNullable<OptimizerBlock['groups']>;

/** Groups whose learning rates have grown as the optimizer's has, to four digits; one without its own follows by itself. */
function scaled(groups: Groups = [], key: 'lr' | 'max_lr', factor: number): Groups {
  return groups.map((group) => {
    const own = group[key];
    return own === undefined ? group : { ...group, [key]: Number((own * factor).toPrecision(4)) };
  }) as Groups;
}

const overridesOf = (groups: Groups, key: 'lr' | 'max_lr'): string[] =>
  groups.flatMap((group, i) =>
    group[key] === undefined ? [] : [`optimizer.groups.${i}.${key}=${group[key]}`],
  );

/** Whether one_cycle can cycle its momentum: a configuration that asks for it with another is refused. */
function hasMomentum(optimizer: OptimizerBlock, momentum: number): boolean {
  return withMomentum(toCamelCase(optimizerSchema.parse(optimizer)), momentum) !== null;
}

interface Schema {
  safeParse(block: object): { readonly data?: object | undefined };
}

/**
 * A block as one line of YAML. A key is left out when the block means the same without it.
 *
 * @param block of plain names and numbers, of lists of these, and of blocks
 * @param schema what it is checked by
 * @param always the key that is written in any case
 */
export function blockLine(block: object, schema: Schema, always?: string): string {
  const whole = schema.safeParse(block).data;
  const isSame = (less: object) => isDeepStrictEqual(schema.safeParse(less).data, whole);
  return yamlText(shortest(block, isSame, always));
}

function shortest(block: object, isSame: (less: object) => boolean, always?: string): object {
  let kept: Record<string, unknown> = { ...block };
  for (const [key, value] of Object.entries(block)) {
    const { [key]: _left, ...less } = kept;
    const rest = kept;
    if (key !== always && isSame(less)) kept = less;
    else if (isBlock(value)) {
      kept = { ...kept, [key]: shortest(value, (inner) => isSame({ ...rest, [key]: inner })) };
    } else if (Array.isArray(value) && value.every(isBlock)) {
      const list = value.map((block, i) =>
        shortest(block, (inner) => isSame({ ...rest, [key]: value.with(i, inner) })),
      );
      kept = { ...kept, [key]: list };
    }
  }
  return kept;
}

function yamlText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlText).join(', ')}]`;
  // A pattern such as *.bias would mean something else.
  if (typeof value === 'string' && !/^[\w.-]+$/.test(value)) return JSON.stringify(value);
  if (!isBlock(value)) return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${yamlText(inner)}`);
  return `{ ${entries.join(', ')} }`;
}

const isBlock = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
