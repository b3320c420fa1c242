import { formatCount, plural } from '../../../../base/format.js';
import { printableName } from '../../../../base/printable.js';
import { describeShape as describeSizes } from '../../../model/shape.js';
import { some } from '../../data-error.js';
import type { Dataset } from '../../dataset.js';
import type { InputKind } from './inputs.js';
import type { Arrays } from './places.js';
import type { TargetKind } from './targets.js';

/** What inputs and targets were taken for, as it is recorded. */
export function describeArrays(arrays: Arrays, inputs: InputKind, targets: TargetKind): string[] {
  const order = inputs.kind === 'image' && inputs.shape.channels > 1;
  const [x, y] = [arrays.inputs, arrays.targets].map(({ name }) => printableName(name));
  const type = arrays.inputs.type.name;
  const how =
    inputs.kind === 'image'
      ? [
          type,
          ...(order ? [inputs.isFirst ? 'channels first' : 'channels last'] : []),
          ...(inputs.scale === 255 && type !== 'bool' ? ['taken as bytes / 255'] : []),
          ...(inputs.scale === 255 && type === 'bool' ? ['taken as 0 and 255'] : []),
        ]
      : [type];
  const what =
    inputs.kind === 'image'
      ? `images ${describeSizes(inputs.shape)}`
      : plural(inputs.shape.features, 'feature');
  const told =
    targets.kind === 'class'
      ? `class of ${targets.names.length} (${some(targets.names.map(printableName))})${targets.numbers === null ? ', one-hot' : ''}`
      : targets.names.length === 1
        ? 'number'
        : `${targets.names.length} numbers`;
  return [`${x}: ${what} (${how.join(', ')})`, `${y}: ${told}`];
}

/** How arrays were taken. */
export function notesOn(
  arrays: Arrays,
  told: readonly string[],
  isTold: boolean,
  parts: { readonly train: Dataset; readonly eval: Dataset; readonly test: Dataset | undefined },
  used: readonly string[],
): string[] {
  const count = ({ identity }: Dataset) => formatCount(identity.records);
  const shares = [
    `${count(parts.train)} samples to train on`,
    `${count(parts.eval)} to ${parts.eval.identity.split === 'test' ? 'evaluate on' : 'choose with'}`,
    ...(parts.test ? [`${count(parts.test)} for the end`] : []),
  ];
  const unused = arrays.others.filter((name) => !used.includes(name)).map(printableName);
  return [
    `${arrays.file}, ${shares.join(', ')}; ${isTold ? 'as told' : 'taken for'}: ${told.join('; ')}`,
    ...(unused.length === 0 ? [] : [`${arrays.file} has arrays that are not used: ${some(unused)}`]),
  ];
}

/** What looks wrong, and may be meant. */
export function warningsOn(
  { inputs, targets }: Arrays,
  inputKind: InputKind,
  targetKind: TargetKind,
  train: Dataset,
): string[] {
  const warnings: string[] = [];
  const isDark =
    inputKind.kind === 'image' && inputKind.scale === 1 && inputs.values.every((value) => value <= 1);
  if (isDark) {
    warnings.push(
      `${inputs.label}: no pixel is above 1 of 255: all images are nearly black. If 1 is white: (x * 255).astype(np.uint8)`,
    );
  }
  if (targetKind.kind === 'class') {
    const seen = new Set(train.targets);
    const never = targetKind.names.filter((_, i) => !seen.has(i)).map(printableName);
    if (never.length > 0) warnings.push(`${targets.label}: no training sample is of class ${some(never)}.`);
  }
  return warnings;
}
