/**
 * How a parameter's values are ordered in the engine, against PyTorch's order in files and on the screen:
 * the PyTorch values seen as `view`, transposed by `permutation`, and reshaped to `shape`.
 */
export interface Layout {
  readonly view: readonly number[];
  readonly permutation: readonly number[];
  readonly shape: readonly number[];
}

/** A tensor's values, one after the other. */
export type Values = Float32Array | Int32Array;

/** The same order on both sides. */
export function plainLayout(shape: readonly number[]): Layout {
  return { view: shape, permutation: shape.map((_, axis) => axis), shape };
}

/**
 * @param values values in PyTorch's order
 * @param layout the parameter's layout
 * @returns the values in the engine's order
 */
export function toEngineOrder<V extends Values>(values: V, layout: Layout): V {
  return transpose(values, layout.view, layout.permutation);
}

/**
 * @param values values in the engine's order
 * @param layout the parameter's layout
 * @returns the values in PyTorch's order
 */
export function toTorchOrder<V extends Values>(values: V, layout: Layout): V {
  const permuted = layout.permutation.map((axis) => layout.view[axis]!);
  const inverse = layout.permutation.map((_, axis) => layout.permutation.indexOf(axis));
  return transpose(values, permuted, inverse);
}

function transpose<V extends Values>(values: V, shape: readonly number[], permutation: readonly number[]): V {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const result = values.slice() as V;
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
