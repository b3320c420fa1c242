/**
 * How a parameter's values are ordered in the engine, against PyTorch's order in files and on the screen:
 * the PyTorch values seen as `view`, transposed by `permutation`, and reshaped to `shape`.
 */
export interface Layout {
  readonly view: readonly number[];
  readonly permutation: readonly number[];
  readonly shape: readonly number[];
}

/** The same order on both sides. */
export function plainLayout(shape: readonly number[]): Layout {
  return { view: shape, permutation: shape.map((_, axis) => axis), shape };
}

/**
 * @param values values in PyTorch's order
 * @param layout the parameter's layout
 * @returns the values in the engine's order
 */
export function toEngineOrder(values: Float32Array, layout: Layout): Float32Array {
  return transpose(values, layout.view, layout.permutation);
}

/**
 * @param values values in the engine's order
 * @param layout the parameter's layout
 * @returns the values in PyTorch's order
 */
export function toTorchOrder(values: Float32Array, layout: Layout): Float32Array {
  const permuted = layout.permutation.map((axis) => layout.view[axis]!);
  const inverse = layout.permutation.map((_, axis) => layout.permutation.indexOf(axis));
  return transpose(values, permuted, inverse);
}

function transpose(
  values: Float32Array,
  shape: readonly number[],
  permutation: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const result = new Float32Array(values.length);
  let written = 0;
  const copy = (depth: number, offset: number): void => {
    if (depth === permutation.length) {
      result[written++] = values[offset]!;
      return;
    }
    const axis = permutation[depth]!;
    for (let i = 0; i < shape[axis]!; i++) copy(depth + 1, offset + i * strides[axis]!);
  };
  copy(0, 0);
  return result;
}
