import { formatCount } from '../../base/format.js';
import { characterOf } from '../../train/data/sources/text/tokens.js';
import { formatNumber } from '../../train/formula.js';
import { type Block, table } from './blocks.js';
import type { Explanation } from './result.js';

/** More inputs or outputs than these are not read. */
const MOST = 12;

/** The sample, as the model sees it. */
export function sampleBlocks({ sample, noun, step }: Explanation): Block[] {
  const count = step.sizes.reduce((sum, size) => sum + size, 0);
  const which = `${noun} ${sample.index} of the step's ${formatCount(count)} (counted from 0)`;
  const right: Block = {
    kind: 'text',
    text:
      sample.targets === undefined
        ? `${which}. What is right: ${sample.target}.`
        : `${which}. It has ${formatCount(sample.targets)} next tokens to tell, one after each that it shows; followed is the last of them: ${sample.target}.`,
  };
  switch (sample.kind) {
    case 'image': {
      const { channels, height, width, pixels } = sample;
      const says = `the ${noun} as the model sees it, before scaling: ${sample.target}`;
      return [right, { kind: 'picture', channels, height, width, pixels, says }];
    }
    case 'features': {
      // Of categories only what it is, not all that it is not.
      const set = sample.values.filter(({ name, value }) => !name.includes(' = ') || value !== 0);
      const rows = set.slice(0, MOST).map(({ name, value }) => [name, formatNumber(value)]);
      const more = set.length > MOST ? [text(`and ${set.length - MOST} more inputs`)] : [];
      return [right, table(['input', 'value'], rows, ['input']), ...more];
    }
    case 'tokens': {
      const read = sample.tokens.map(characterOf).join('');
      return [right, { kind: 'reading', text: read, next: sample.target }];
    }
  }
}

/** What each layer makes of it, and what comes out. */
export function forwardBlocks({ layers, input, outputs, loss, step, sample }: Explanation): Block[] {
  const size = step.sizes[0]!;
  const shape = (sizes: readonly number[]) => [size, ...sizes].join(' x ');
  const rows = layers.map(({ name, type, output, parameters, isFrozen, min, max }) => [
    ...[name, type, shape(output)],
    parameters === 0 ? '' : `${formatCount(parameters)}${isFrozen ? ' frozen' : ''}`,
    `${short(min)} to ${short(max)}`,
  ]);
  return [
    text(`The whole batch goes through the layers; the last column is of ${sampleWord(sample)} alone.`),
    table(
      ['', 'layer', 'gives', 'parameters', 'values'],
      [['', 'input', shape(input), '', ''], ...rows],
      ['layer', 'gives', 'values'],
    ),
    ...outputBlocks(outputs, loss),
    ...(sample.isStandardised
      ? [
          text(
            'The model is trained on standardised values, (y - mean) / std: so are output and target here.',
          ),
        ]
      : []),
  ];
}

function outputBlocks(outputs: Explanation['outputs'], { type }: Explanation['loss']): Block[] {
  const hasProbabilities = outputs.some(({ probability }) => probability !== null);
  const shown = mostTelling(outputs);
  const what = hasProbabilities ? (type === 'bce_with_logits' ? 'sigmoid' : 'softmax') : null;
  const output = what === null ? 'output' : type === 'nll' || type === 'kl_div' ? 'log-prob.' : 'logit';
  const rows = shown.map(({ name, value, probability, target, gradient }) => [
    ...[name, formatNumber(value)],
    ...(what === null ? [] : [probability === null ? '' : formatNumber(probability)]),
    ...[formatNumber(target), formatNumber(gradient)],
  ]);
  const more =
    shown.length < outputs.length
      ? [text(`and ${formatCount(outputs.length - shown.length)} less likely ones`)]
      : [];
  return [
    text(
      what === null
        ? 'What comes out, what would be right, and how the loss of this sample changes with each output:'
        : `What comes out, the probabilities that ${what} makes of it, what would be right, and how the loss of this sample changes with each output:`,
    ),
    table(['', output, ...(what === null ? [] : [what]), 'target', 'slope'], rows, ['']),
    ...more,
  ];
}

/** Of many outputs the right one, and those with the largest values, in their order. */
function mostTelling(outputs: Explanation['outputs']): Explanation['outputs'] {
  if (outputs.length <= MOST) return outputs;
  const order = [...outputs].sort((a, b) => b.target - a.target || b.value - a.value).slice(0, MOST);
  return outputs.filter((output) => order.includes(output));
}

/** The loss of the sample, and of the step. */
export function lossBlocks({ loss, step, outputs, noun, sample }: Explanation): Block[] {
  const { type, about, value, formula, reduction, total, divisor, mean } = loss;
  const several = about !== null && outputs.length > 1;
  const own = formula.at(-1)!.value;
  const one = sample.targets === undefined ? sampleWord(sample) : `the last token of ${sampleWord(sample)}`;
  const of = several ? `${about}, one of ${formatCount(outputs.length)} outputs` : one;
  const count = step.sizes.reduce((sum, size) => sum + size, 0);
  const tokens = sample.targets === undefined ? '' : `${formatCount(sample.targets)} tokens of each of the `;
  const all = `The losses of all ${tokens}${formatCount(count)} ${noun}s add up to ${formatNumber(total)}`;
  return [
    text(`${type} for ${of}:`),
    { kind: 'formula', lines: formula },
    ...(several
      ? [
          text(
            `The loss of ${one} is the sum over its outputs: ${formatNumber(value)}, of which ${formatNumber(own)} are of this one.`,
          ),
        ]
      : []),
    text(
      reduction === 'sum'
        ? `${all}, and reduction: sum takes that as it is.`
        : `${all}; the mean divides it by ${formatNumber(divisor)}:`,
    ),
    { kind: 'value', name: 'loss', value: formatNumber(mean), says: 'of the step' },
  ];
}

const sampleWord = ({ index }: Explanation['sample']) => `sample ${index}`;
const text = (words: string): Block => ({ kind: 'text', text: words });
/** Three digits are enough of a range. */
const short = (value: number) => String(Number(value.toPrecision(3)));
