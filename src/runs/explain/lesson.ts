import { capital, formatCount, plural } from '../../base/format.js';
import { formatNumber } from '../../train/formula.js';
import { type Block, type Section, table } from './blocks.js';
import { forwardBlocks, lossBlocks, sampleBlocks } from './lesson-sample.js';
import type { Explanation } from './result.js';

/**
 * A step as a page that teaches, in the order of the loop: for a terminal or for a browser.
 *
 * @param step the step
 * @returns its sections
 */
export function lesson(step: Explanation): Section[] {
  const clipped = step.gradient.norm !== null;
  return [
    {
      id: 'sample',
      title: `The ${step.noun}`,
      code: 'for (const batch of loader.epoch(epoch))',
      blocks: sampleBlocks(step),
    },
    {
      id: 'rate',
      title: 'The learning rate',
      code: 'optimizer.set(schedule({ epoch, step }))',
      blocks: rateBlocks(step),
    },
    {
      id: 'zero-grad',
      title: 'Gradients are cleared',
      code: 'optimizer.zeroGrad()',
      blocks: zeroGradBlocks(step),
    },
    {
      id: 'forward',
      title: 'Forward: from input to outputs',
      code: 'const loss = program.loss(batch)',
      blocks: forwardBlocks(step),
    },
    { id: 'loss', title: 'The loss', code: 'const loss = program.loss(batch)', blocks: lossBlocks(step) },
    {
      id: 'backward',
      title: 'Backward: the gradient',
      code: 'loss.backward()',
      blocks: backwardBlocks(step),
    },
    ...(clipped
      ? [
          {
            id: 'clip',
            title: 'Gradients are limited',
            code: 'optimizer.clipGradients(limits)',
            blocks: clipBlocks(step),
          },
        ]
      : []),
    {
      id: 'step',
      title: `The step of ${step.optimizer}`,
      code: 'optimizer.step()',
      blocks: updateBlocks(step),
    },
    {
      id: 'after',
      title: 'The same batch after the step',
      code: 'program.loss(batch).item()',
      blocks: afterBlocks(step),
    },
  ];
}

/** What it is about, a line each. */
export function lessonHead({
  source,
  data,
  standsInFor,
  noun,
  engine,
  step,
  parameter,
  ...rest
}: Explanation): string[] {
  const standIn = standsInFor === undefined ? '' : `, STANDING IN FOR ${standsInFor}`;
  const [size] = step.sizes;
  const batches =
    step.sizes.length === 1
      ? `batch ${step.batch} of ${step.batchesPerEpoch}, ${plural(size!, noun)}`
      : `batches ${step.batch} to ${step.batch + step.sizes.length - 1} of ${step.batchesPerEpoch}, ${step.sizes.join(' + ')} ${noun}s`;
  const from =
    step.from.kind === 'weights'
      ? step.number === 1
        ? 'from its first weights'
        : `trained up to there from its first weights`
      : step.from.step === step.number - 1
        ? 'from its checkpoint'
        : `trained up to there from its checkpoint at step ${step.from.step}`;
  const beyond =
    step.number > step.ofSteps
      ? `, beyond the ${formatCount(step.ofSteps)} of the run`
      : ` of ${formatCount(step.ofSteps)}`;
  return [
    `Step ${formatCount(step.number)}${beyond}: ${source}, ${from}`,
    `epoch ${step.epoch}, ${batches} of ${data}${standIn}; ${rest.optimizer}, ${rest.loss.type}, engine ${engine}`,
    `followed: ${nameOf(parameter)} = ${formatNumber(parameter.before)}, ${how(parameter)}`,
  ];
}

/** `8.weight[3, 17]` */
export const nameOf = ({ name, index }: Explanation['parameter']): string => `${name}[${index.join(', ')}]`;

function how({ chosen, name, trained }: Explanation['parameter']): string {
  switch (chosen) {
    case 'number':
      return `one of ${plural(trained, 'trained number')}`;
    case 'tensor':
      return `of ${name} the one with the largest gradient`;
    case 'none':
      return `the weight with the largest gradient of ${plural(trained, 'number')}`;
  }
}

function rateBlocks({ learningRate, schedule, update, step }: Explanation): Block[] {
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
    ...(step.number > step.ofSteps
      ? [
          note(
            'The run is over: this is the step it would make if it went on, and its schedule was not made for that.',
          ),
        ]
      : []),
    ...(value === 0
      ? [note('With a learning rate of 0 the step changes nothing but what the optimizer remembers.')]
      : []),
  ];
}

function zeroGradBlocks({ gradient, parameter, step }: Explanation): Block[] {
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

function backwardBlocks({ gradient, parameter, loss, step }: Explanation): Block[] {
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
      text: `By hand: with ${formatNumber(nudge.by)} added to the weight the loss is ${formatNumber(nudge.up)}, with ${formatNumber(nudge.by)} taken away ${formatNumber(nudge.down)}. The slope between the two is about ${rough(nudge.slope)}.`,
    },
  ];
}

function clipBlocks({ gradient, parameter }: Explanation): Block[] {
  const { each, used, norm, clipping } = gradient;
  const same = each.at(-1) === used;
  return [
    {
      kind: 'text',
      text: `All gradients together have the norm ${formatNumber(norm!)}. ${same ? `${capital(parameter.name)}.grad stays as it is.` : `${parameter.name}.grad becomes ${formatNumber(used)}.`}`,
    },
    { kind: 'formula', lines: clipping },
  ];
}

function updateBlocks({ update, parameter, gradient, learningRate }: Explanation): Block[] {
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

function afterBlocks({ loss, parameter }: Explanation): Block[] {
  const fell = loss.after - loss.mean;
  const words =
    fell < 0
      ? `The step, of all ${plural(parameter.trained, 'number')} at once, has made it smaller by ${formatNumber(-fell)}.`
      : fell > 0
        ? `It has become larger by ${formatNumber(fell)}: a step follows the slope, and may go too far, or follow what it remembers of other batches.`
        : 'It has not changed.';
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

const note = (text: string): Block => ({ kind: 'text', text });

/** A slope between two losses is known to few digits. */
const rough = (value: number): string => String(Number(value.toPrecision(3)));
