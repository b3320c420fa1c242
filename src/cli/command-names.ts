/**
 * What other programs call a command of ours, and what is typed here instead: the command, and arguments that it needs besides.
 * One that is not there yet is passed over.
 */
export const OTHER_NAMES: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  bench: ['compare'],
  benchmark: ['compare'],
  check: ['validate'],
  classify: ['predict'],
  create: ['init'],
  eval: ['evaluate'],
  'find-lr': ['lr-find'],
  fit: ['train'],
  infer: ['predict'],
  inference: ['predict'],
  list: ['runs'],
  ls: ['runs'],
  'lr-finder': ['lr-find'],
  new: ['init'],
  plot: ['report'],
  resume: ['train', '--resume'],
  run: ['train'],
  score: ['evaluate'],
  sweep: ['compare'],
  test: ['evaluate'],
  tune: ['compare'],
  visualize: ['report'],
};
