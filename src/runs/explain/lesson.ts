import type { Section } from './blocks.js';
import { backwardBlocks, clipBlocks, zeroGradBlocks } from './lesson-gradient.js';
import { forwardBlocks, lossBlocks, sampleBlocks } from './lesson-sample.js';
import { afterBlocks, rateBlocks, updateBlocks } from './lesson-update.js';
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
