import type { DataSpec, OfficialSplit } from '../../dataset.js';
import { type Archive, CIFAR10_ARCHIVE, CIFAR100_ARCHIVE } from '../../fetch/archive.js';

/** The names of CIFAR-10's classes, in the order of their index. */
export const CIFAR10_CLASSES: readonly string[] =
  'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');

/** Those of CIFAR-100, `fine_label_names.txt`. */
export const CIFAR100_FINE: readonly string[] = [
  'apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle',
  'caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish',
  'forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle',
  'mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine',
  'possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar',
  'sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree',
  'wolf woman worm',
].flatMap((line) => line.split(' '));

/** The twenty that these are grouped in, `coarse_label_names.txt`. */
export const CIFAR100_COARSE: readonly string[] = [
  'aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices household_furniture',
  'insects large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes large_omnivores_and_herbivores',
  'medium_mammals non-insect_invertebrates people reptiles small_mammals trees vehicles_1 vehicles_2',
].flatMap((line) => line.split(' '));

const SIDE = 32;
const CHANNELS = 3;
/** Red, green and blue bytes, 1,024 each, row by row. */
export const IMAGE_BYTES = SIDE * SIDE * CHANNELS;

/** A data set in CIFAR's binary form: in each record some bytes of labels, then the image. */
export interface CifarFormat {
  /** As people write it. */
  readonly title: string;
  readonly spec: DataSpec;
  /** The folder inside the official archive. */
  readonly folder: string;
  /** The files of each split, in the order of their records. */
  readonly files: Readonly<Record<OfficialSplit, readonly string[]>>;
  /** What else the archive holds that is worth keeping. */
  readonly extras: readonly string[];
  /** The file beside them that may name other classes, one in each line; null: there is none. */
  readonly namesFile: string | null;
  /** For each byte of labels how many classes there are; and which of the bytes is the target. */
  readonly labels: readonly number[];
  readonly target: number;
  readonly archive: Archive;
  /** Bytes that no file of it may exceed, about twice an official one: no archive may fill the disk. */
  readonly largestFile: number;
}

const specOf = (name: string, names: readonly string[]): DataSpec => ({
  name,
  input: { kind: 'image', channels: CHANNELS, height: SIDE, width: SIDE },
  target: { kind: 'class', names },
});

/** @source https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version" */
export const CIFAR10: CifarFormat = {
  title: 'CIFAR-10',
  spec: specOf('cifar10', CIFAR10_CLASSES),
  folder: 'cifar-10-batches-bin',
  files: {
    train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
    test: ['test_batch.bin'],
  },
  extras: ['batches.meta.txt', 'readme.html'],
  namesFile: 'batches.meta.txt',
  labels: [CIFAR10_CLASSES.length],
  target: 0,
  archive: CIFAR10_ARCHIVE,
  largestFile: 2 ** 26,
};

/** The hundred classes, or the twenty that they are grouped in. */
export function cifar100Format(labels: 'fine' | 'coarse'): CifarFormat {
  return {
    title: 'CIFAR-100',
    spec: specOf('cifar100', labels === 'fine' ? CIFAR100_FINE : CIFAR100_COARSE),
    folder: 'cifar-100-binary',
    files: { train: ['train.bin'], test: ['test.bin'] },
    extras: ['fine_label_names.txt', 'coarse_label_names.txt'],
    namesFile: null,
    labels: [CIFAR100_COARSE.length, CIFAR100_FINE.length],
    target: labels === 'fine' ? 1 : 0,
    archive: CIFAR100_ARCHIVE,
    largestFile: 2 ** 28,
  };
}

export const recordBytes = ({ labels }: CifarFormat): number => labels.length + IMAGE_BYTES;
