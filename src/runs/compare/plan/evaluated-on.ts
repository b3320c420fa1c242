import type { ConfigYaml } from '../../../config/index.js';

/**
 * @param config of a run
 * @returns text that is the same for configurations that are evaluated on the same samples, as far as they tell
 */
export function evaluatedOn({ dataset, evaluation }: ConfigYaml): string {
  return JSON.stringify([...evaluationPart(dataset), evaluation.limit]);
}

/** What decides the samples that a data set is evaluated on. */
function evaluationPart(dataset: ConfigYaml['dataset']): unknown[] {
  switch (dataset.type) {
    case 'shapes':
      return dataset.split === null
        ? [dataset.type, dataset.eval_size, dataset.seed]
        : [dataset.type, dataset.train_size, dataset.seed, dataset.split];
    case 'cifar10':
    case 'cifar100':
    case 'mnist':
    case 'fashion_mnist':
      return [dataset.type, dataset.split === null ? dataset.eval_split : dataset.split, dataset.root];
    case 'csv':
      return dataset.eval_path === null
        ? [dataset.type, dataset.path, dataset.split]
        : [dataset.type, dataset.eval_path];
    case 'arrays': {
      const { path, inputs, targets } = dataset;
      return [
        dataset.type,
        path,
        inputs,
        targets,
        ...(dataset.eval === null ? [dataset.split] : [dataset.eval]),
      ];
    }
    case 'image_folder':
      return [dataset.type, dataset.root, dataset.labels, dataset.split];
    case 'text': {
      const { path, size, seed, level, context, stride, split } = dataset;
      return [dataset.type, ...(path === null ? [size, seed] : [path]), level, context, stride, split];
    }
    case 'custom':
      return [dataset.type, dataset.name];
  }
}

/** Said before the runs, which take long: what they are evaluated on decides whether they can be ranked. */
export function unlikeEvaluations(variants: readonly ConfigYaml[]): string[] {
  const samples = variants.filter(({ evaluation }) => evaluation.every > 0).map(evaluatedOn);
  if (new Set(samples).size < 2) return [];
  return [
    'the variants are not all evaluated on the same samples (dataset, evaluation.limit): where that is so, they will not be ranked',
  ];
}
