import { formatCount, plural } from '../../base/format.js';
import { formatNumber } from '../../train/formula.js';
import type { Explanation } from './result.js';

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
  return [
    `Step ${formatCount(step.number)} of ${formatCount(step.ofSteps)}: ${source}, ${from}`,
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
