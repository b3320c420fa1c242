import { type Tensor, type Tensor1D, tensorflow } from '../backend/tensorflow.js';

/**
 * Class indices as numbers that outputs can be compared with: 1 for the right class, 0 for the others.
 *
 * @param targets [batch], int32
 * @param classes how many classes there are
 * @returns [batch, classes], float32
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
 */
export function oneHot(targets: Tensor, classes: number): Tensor {
  return tensorflow().oneHot(targets as Tensor1D, classes, 1, 0, 'float32');
}
