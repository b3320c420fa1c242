import type { Plan } from '../../config/index.js';
import type { NamedLayer } from '../../train/model/layer.js';
import { dimensions } from '../../train/model/shape.js';

/**
 * A configuration that is valid, as `--json` has it.
 *
 * @param file that it was read from
 * @param plan its model, and what it was made from
 * @param notes what is to be said of it
 * @returns its record: shapes in PyTorch's order, without the batch; nested layers before the sum that they end in
 */
export function planRecord(
  file: string,
  { model, spec, resolved }: Plan,
  notes: readonly string[],
): Readonly<Record<string, unknown>> {
  return {
    ...{
      type: 'valid',
      config: file,
      input: dimensions(spec.input),
      layers: model.layers.flatMap(layerRecords),
    },
    ...{ parameters: model.parameterCount, trainable_parameters: model.trainableCount },
    ...{ notes, warnings: resolved.warnings },
  };
}

function layerRecords({ name, type, output, parameters, children = [] }: NamedLayer): object[] {
  const count = (own: typeof parameters) => own.reduce((sum, { parameter }) => sum + parameter.size, 0);
  const trained = parameters.filter(({ parameter }) => parameter.requiresGrad);
  const own = { name, type, output: dimensions(output) };
  // Of nested layers each has its own: counted once, as the table does.
  if (children.length > 0) return [...children.flatMap(layerRecords), own];
  return [{ ...own, parameters: count(parameters), trainable_parameters: count(trained) }];
}
