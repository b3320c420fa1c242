/**
 * Counts which class was taken for which.
 *
 * @param predictions right class of each image, and the one that the model says; images of the ignored class do not count
 * @param classes how many classes there are
 * @returns counts as [right class][predicted class]
 */
export function confusionMatrix(
  {
    targets,
    predicted,
    ignoreIndex,
  }: {
    readonly targets: ArrayLike<number>;
    readonly predicted: ArrayLike<number>;
    readonly ignoreIndex: number | null;
  },
  classes: number,
): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < targets.length; i++) {
    if (targets[i] !== ignoreIndex) counts[targets[i]!]![predicted[i]!]! += 1;
  }
  return counts;
}

/**
 * Finds the images that a model gets most wrong.
 *
 * @param predictions classes and loss of each image; images without a loss (NaN) do not count
 * @param count how many to find, at most
 * @returns indices of wrongly classified images, the greatest loss first; of equal ones the first image first
 */
export function worstImages(
  predictions: {
    readonly targets: ArrayLike<number>;
    readonly predicted: ArrayLike<number>;
    readonly losses: ArrayLike<number>;
  },
  count: number,
): number[] {
  const { targets, predicted, losses } = predictions;
  return Array.from(targets, (_, i) => i)
    .filter((i) => predicted[i] !== targets[i] && !Number.isNaN(losses[i]))
    .sort((a, b) => losses[b]! - losses[a]! || a - b)
    .slice(0, count);
}
