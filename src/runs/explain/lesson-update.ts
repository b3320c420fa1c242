import { capital, formatCount, plural } from '../../base/format.js';
import { formatNumber } from '../../train/formula.js';
import { type Block, table } from './blocks.js';
import { nameOf } from './lesson-head.js';
import type { Explanation } from './result.js';

/** How large the step may be. */
export function rateBlocks({ learningRate, schedule, update }: Explanation): Block[] {
  const { group, formula, value } = learningRate;
  const own =
    group === null ? '' : ` Its parameter group (optimizer.groups.${group}) has a learning rate of its own.`;
  const { momentum: size, momentumName } = update;
  const momentum = size ? ` ${capital(momentumName)} is ${formatNumber(size)}.` : '';
  return [
    {
      kind: 'text',
      text: `The schedule says how large this step may be: ${schedule} gives ${formatNumber(value)}.${own}${momentum}`,
    },
    { kind: 'formula', lines: formula },
    ...(value === 0
      ? [note('With a learning rate of 0 the step changes nothing but what the optimizer remembers.')]
      : []),
  ];
}

/** The optimizer's formula with its numbers. */
export function updateBlocks({ update, parameter, gradient, learningRate }: Explanation): Block[] {
  const { memory, lines, t } = update;
  const remembers = memory.map(({ slot, name, before, after }) => [
    slot,
    name,
    formatNumber(before),
    formatNumber(after),
  ]);
  return [
    {
      kind: 'text',
      text: `p is ${nameOf(parameter)} = ${formatNumber(parameter.before)}, g its gradient ${formatNumber(gradient.used)}, lr ${formatNumber(learningRate.value)}; it is update ${formatCount(t)} of this tensor.`,
    },
    { kind: 'formula', lines },
    ...(memory.length > 0
      ? [
          { kind: 'text', text: 'What the optimizer remembers of it:' } as const,
          table(['state', 'name', 'before', 'after'], remembers, ['state', 'name']),
        ]
      : []),
    {
      kind: 'value',
      name: nameOf(parameter),
      value: `${formatNumber(parameter.before)} -> ${formatNumber(parameter.after)}`,
      says: `changed by ${formatNumber(parameter.after - parameter.before)}`,
    },
  ];
}

/** What has become of the loss. */
export function afterBlocks({ loss, parameter }: Explanation): Block[] {
  const change = loss.after - loss.mean;
  const words = change === 0 ? 'It has not changed.' : wordsFor(change, loss.isToGrow, parameter.trained);
  return [
    {
      kind: 'value',
      name: 'loss',
      value: `${formatNumber(loss.mean)} -> ${formatNumber(loss.after)}`,
      says: '',
    },
    { kind: 'text', text: words },
  ];
}

function wordsFor(change: number, isToGrow: boolean, trained: number): string {
  const direction = change < 0 ? 'smaller' : 'larger';
  const by = formatNumber(Math.abs(change));
  if (change > 0 === isToGrow) {
    const wanted = isToGrow ? ', as maximize asks' : '';
    return `The step, of all ${plural(trained, 'number')} at once, has made it ${direction} by ${by}${wanted}.`;
  }
  return `It has become ${direction} by ${by}: a step follows the slope, and may go too far, or follow what it remembers of other batches.`;
}

const note = (text: string): Block => ({ kind: 'text', text });
