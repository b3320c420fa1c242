/**
 * Mean and standard deviation, by two passes in float64, as scikit-learn's StandardScaler has them.
 *
 *     mean = sum(x) / n        std = sqrt(sum((x - mean)^2) / n); of values that are all the same 1
 *
 * @param values one or more
 * @returns both
 * @source sklearn.preprocessing.StandardScaler
 */
export function momentsOf(values: Float64Array): { mean: number; std: number } {
  // Loops: of millions, a callback for each takes much longer.
  let sum = 0;
  let squares = 0;
  let isConstant = true;
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    if (values[i] !== values[0]) isConstant = false;
  }
  // What rounding would leave of it may be as large as the value itself, where that is.
  if (isConstant) return { mean: values[0]!, std: 1 };
  const mean = sum / values.length;
  for (let i = 0; i < values.length; i++) {
    const distance = values[i]! - mean;
    squares += distance * distance;
  }
  const std = Math.sqrt(squares / values.length);
  // What rounding leaves of a constant is no deviation.
  return { mean, std: std > 1e-12 * Math.abs(mean) && std > 0 ? std : 1 };
}
