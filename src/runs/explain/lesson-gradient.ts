import { formatNumber } from '../../train/formula.js';
import { type Block, table } from './blocks.js';
import { nameOf } from './lesson-head.js';
import type { Explanation } from './result.js';

/** What `.grad` was, and what it would become if it were not cleared. */
export function zeroGradBlocks({ gradient, parameter, step }: Explanation): Block[] {
  const { before, unzeroed } = gradient;
  const name = `${parameter.name}.grad`;
  const reason = step.number === 1 ? 'no backward has run yet' : 'a checkpoint holds no gradients';
  const was =
    before === null
      ? `${name} is none: ${reason}.`
      : `${name} still holds ${formatNumber(before)}, from the step before.`;
  const second = unzeroed.isOfStepBefore
    ? `Without zeroGrad this step's backward would add to it and leave ${formatNumber(unzeroed.becomes)}: ${formatNumber(unzeroed.was)} of the step before and ${formatNumber(unzeroed.becomes - unzeroed.was)} of this one, and the step would follow the sum.`
    : `Without zeroGrad a second backward on this batch would add to the first and leave ${formatNumber(unzeroed.becomes)} in the place of ${formatNumber(unzeroed.was)}: a step twice as far for plain SGD.`;
  return [
    { kind: 'text', text: `${was} zeroGrad clears it, because backward adds to what is there.` },
    { kind: 'text', text: second },
  ];
}

/** The gradient, and the same by hand. */
export function backwardBlocks({ gradient, parameter, loss, step }: Explanation): Block[] {
  const { each, nudge } = gradient;
  const value = each.at(-1)!;
  const towards = value === 0 ? 'leave the loss as it is' : value > 0 ? 'raise the loss' : 'lower the loss';
  const what = loss.reduction === 'mean' ? 'the mean loss of the step' : 'the summed loss of the step';
  return [
    {
      kind: 'text',
      text: `Backward goes from the loss back through the layers, and says of every trained number how ${what} changes with it. A larger ${nameOf(parameter)} would ${towards}:`,
    },
    {
      kind: 'value',
      name: `${parameter.name}.grad`,
      value: formatNumber(value),
      says: `of the shape [${parameter.shape.join(', ')}]`,
    },
    ...(each.length > 1
      ? [
          {
            kind: 'text',
            text: `accumulate: ${step.sizes.length} batches are added up before the step.`,
          } as const,
          table(
            ['after batch', '.grad', 'added'],
            each.map((sum, i) => [
              `${step.batch + i}`,
              formatNumber(sum),
              formatNumber(sum - (each[i - 1] ?? 0)),
            ]),
          ),
        ]
      : []),
    {
      kind: 'text',
      text: `By hand: with ${formatNumber(nudge.by)} added to it the loss is ${formatNumber(nudge.up)}, with ${formatNumber(nudge.by)} taken away ${formatNumber(nudge.down)}. The slope between the two is about ${rough(nudge.slope)}.`,
    },
  ];
}

/** What clipping makes of it. */
export function clipBlocks({ gradient, parameter }: Explanation): Block[] {
  const { each, used, norm, clipping } = gradient;
  const same = each.at(-1) === used;
  return [
    {
      kind: 'text',
      text: `All gradients together have the norm ${formatNumber(norm!)}. ${same ? `${parameter.name}.grad stays as it is.` : `${parameter.name}.grad becomes ${formatNumber(used)}.`}`,
    },
    { kind: 'formula', lines: clipping },
  ];
}

/** A slope between two losses is known to few digits. */
const rough = (value: number): string => String(Number(value.toPrecision(3)));
