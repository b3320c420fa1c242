import type { NamedLayer } from './layer.js';
import { describeShape, type InputShape } from './shape.js';

/**
 * A model at a glance: one line per layer with its name, kind, output shape and number of parameters; nested layers
 * before the sum that they end in.
 *
 * @param input shape of one sample
 * @param layers first to last
 * @param failed name and kind of the layer that could not be made after these
 * @returns the lines
 */
export function shapeTable(
  input: InputShape,
  layers: readonly NamedLayer[],
  failed?: { readonly name: string; readonly type: string },
): string {
  const rows = [['', 'input', describeShape(input), ''], ...layers.flatMap(rowsOf)];
  if (failed) rows.push([failed.name, `${failed.type}: impossible`, '', '']);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isNested = rows.some(([name]) => name!.includes('.'));
  return rows
    .map((row) =>
      row.map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 && !isNested ? cell.padStart(width) : cell.padEnd(width);
      }),
    )
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}

function rowsOf(layer: NamedLayer): string[][] {
  const count = layer.parameters.reduce((sum, { parameter }) => sum + parameter.size, 0);
  const isFrozen = layer.parameters.every(({ parameter }) => !parameter.requiresGrad);
  const size =
    count && !layer.children ? `${count.toLocaleString('en')} parameters${isFrozen ? ', frozen' : ''}` : '';
  return [
    ...(layer.children ?? []).flatMap(rowsOf),
    [layer.name, layer.type, describeShape(layer.output), size],
  ];
}
