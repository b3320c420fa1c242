import { plural } from '../../base/format.js';
import { printableName } from '../../base/printable.js';
import { DataError } from '../../train/data/data-error.js';
import { arrays } from '../../train/data/sources/arrays/index.js';
import type { ArrayPlace } from '../../train/data/sources/arrays/options.js';
import { type Arrays, readArraysAt } from '../../train/data/sources/arrays/places.js';
import { describeShape } from '../../train/model/shape.js';
import { convolutional, perceptron, widthFor } from './network.js';
import { byHashOrLot, header, lines, type Sketch, schedule, shareOf, training, value } from './text.js';

/** Which arrays are meant, where that cannot be found out. */
export interface ArrayHints {
  /** The array to be told: its name, or of `.npy` files another file. */
  readonly target?: string | undefined;
  /** The array with the inputs. */
  readonly inputs?: string | undefined;
}

/** More classes than this are classes only where each has some samples. */
const FEW_CLASSES = 20;
const SAMPLES_PER_CLASS = 10;

/**
 * Writes a configuration for arrays: what they are taken for, a network that fits, and how it is trained.
 *
 * @param path an `.npz` or safetensors file, or an `.npy` file with the inputs
 * @param hints which arrays are meant
 * @param file where the configuration will be, for its header
 * @returns its text
 * @throws DataError when the arrays cannot be read, or it cannot be told which are meant
 */
export function configForArrays(path: string, hints: ArrayHints, file: string): Sketch {
  const place = placeOf(path, hints);
  const found = readArraysAt(place);
  const samples = found.inputs.shape[0] ?? 0;
  const share = shareOf(samples);
  const named = {
    ...place,
    ...(place.path !== null && { inputs: found.inputs.name, targets: found.targets.name }),
  };
  const test = testOf(found, place);
  const { target, type, why, input, by } = lookedAt(named, samples, { val: share, test });
  const outputs = { count: target.names.length, are: areWhat(type, target.names.length) };
  const { batchSize, epochs } = training(samples);
  const what =
    input.kind === 'image' ? `images of ${describeShape(input)}` : plural(input.features, 'feature');
  const isImage = input.kind === 'image';
  const channels = isImage ? input.channels : 0;
  const name = printableName(found.targets.name);
  const text = lines(
    header(file, `${printableName(path)}: ${plural(samples, 'sample')}, ${what}; to be told is ${name}.`),
    `epochs: ${epochs}`,
    '',
    'dataset:',
    '  type: arrays',
    ...(named.path === null ? [] : [`  path: ${value(named.path)}`]),
    `  inputs: ${value(named.inputs!)} # ${found.inputs.type.name}, ${isImage ? what : `[${found.inputs.shape.join(', ')}]`}`,
    `  targets: ${value(named.targets!)}`,
    `  target_type: ${type} # ${why}`,
    ...(test === null
      ? [
          `  split: { val: ${share}, test: ${share}, by: ${by} } # to choose the best epoch with, and for the end`,
        ]
      : [
          `  test: { inputs: ${value(test.inputs)}, targets: ${value(test.targets)} } # for the end`,
          `  split: { val: ${share}, by: ${by} } # to choose the best epoch with`,
        ]),
    '',
    `loader: { batch_size: ${isImage ? Math.min(batchSize, 64) : batchSize} }`,
    ...(isImage
      ? [
          '',
          'transforms:',
          `  normalize: { mean: [${Array(channels).fill(0.5).join(', ')}], std: [${Array(channels).fill(0.25).join(', ')}] }`,
        ]
      : []),
    '',
    'model:',
    ...(isImage
      ? convolutional(input.height, input.width, outputs)
      : perceptron(what, widthFor(input.features, samples), outputs)),
    '',
    `loss: { type: ${type === 'class' ? 'cross_entropy' : 'mse'} }`,
    ...schedule(0.001, type === 'class' ? 'eval_loss' : 'eval_rmse'),
  );
  return { text, told: `${plural(samples, 'sample')}, ${what}, ${toldText(type, outputs.count)} to tell` };
}

function placeOf(path: string, { target, inputs }: ArrayHints): ArrayPlace {
  if (!/\.npy$/i.test(path)) return { path, inputs: inputs ?? null, targets: target ?? null };
  if (inputs !== undefined) {
    throw new DataError('inputs', `${path} holds one array: it has no ${printableName(inputs)}`, [
      'leave --inputs out',
    ]);
  }
  if (target === undefined) {
    throw new DataError('targets', `${path} holds one array, which is taken for the inputs`, [
      'name the file with what is to be told: --target y.npy, for example',
    ]);
  }
  return { path: null, inputs: path, targets: target };
}

/** Arrays for the end, where they are called like those to train on, as in `x_train` and `x_test`. */
function testOf(
  { inputs, targets, others }: Arrays,
  { path }: ArrayPlace,
): { readonly inputs: string; readonly targets: string } | null {
  const names = {
    inputs: inputs.name.replace('train', 'test'),
    targets: targets.name.replace('train', 'test'),
  };
  const areThere = others.includes(names.inputs) && others.includes(names.targets);
  return path !== null && names.inputs !== names.targets && areThere ? names : null;
}

/** What is held out, and whether arrays of their own are there for the end. */
interface Held {
  readonly val: number;
  readonly test: { readonly inputs: string; readonly targets: string } | null;
}

/** What a data set of these arrays says of itself. */
function lookedAt(place: ArrayPlace, samples: number, held: Held) {
  const looked = (by: 'hash' | 'random') => {
    const spec = specOf(place, held, by, null);
    if (spec.target.kind === 'value') return { ...spec, by, type: 'number', why: 'real values' } as const;
    const count = spec.target.names.length;
    if (count <= FEW_CLASSES || count * SAMPLES_PER_CLASS <= samples)
      return { ...spec, by, type: 'class', why: `${count} different ones; or number` } as const;
    const numbers = specOf(place, held, by, 'number');
    return { ...numbers, by, type: 'number', why: `${count} different whole numbers; or class` } as const;
  };
  return byHashOrLot(looked);
}

function specOf(
  place: ArrayPlace,
  { val, test }: Held,
  by: 'hash' | 'random',
  targetType: 'class' | 'number' | null,
) {
  const { spec } = arrays({
    ...{ type: 'arrays', ...place, eval: null, test, classes: [], values: [], targetType },
    ...{ imageOrder: null, flatten: false, standardize: true, wanted: null },
    split: { val, test: test === null ? val : 0, by, seed: 0, stratify: false },
  });
  if (spec.input.kind === 'tokens') throw new Error('arrays are no tokens');
  return { input: spec.input, target: spec.target };
}

const areWhat = (type: 'class' | 'number', count: number): string =>
  type === 'class' ? 'one for each class' : count === 1 ? 'the number' : 'the numbers';
const toldText = (type: 'class' | 'number', count: number): string =>
  type === 'class' ? `${count} classes` : count === 1 ? 'a number' : `${count} numbers`;
