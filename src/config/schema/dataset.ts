import { z } from 'zod';
import { nonNegativeInt, optional, positive, positiveInt, probability } from './fields.js';

const split = z.enum(['train', 'test']);

const share = z.number().min(0).lt(1);

/** What every split has. */
const splitting = {
  seed: nonNegativeInt.default(0).describe('Apart from the seed of the run.'),
  stratify: z.boolean().default(false).describe('With random: the same share of each class.'),
};

/** Of data sets that have a test part of their own. */
const holdOut = optional(
  z.strictObject({
    val: share.gt(0).default(0.1).describe('Share of the training part that is held out.'),
    by: z
      .enum(['hash', 'random'])
      .default('hash')
      .describe('hash: by the bytes of an image; random: by lot, in exactly this share.'),
    ...splitting,
  }),
).describe(
  'Hold a part out of what is trained on to choose the best epoch with; eval_split is then left for the end. Default: the best epoch is chosen on eval_split.',
);

/** Of data of one's own. */
const shares = {
  val: share.gt(0).default(0.1).describe('Share that chooses the best epoch, and that schedules look at.'),
  test: share.default(0.1).describe('Share that is looked at once, at the end; 0: none.'),
};

/** Of data sets that are looked for, and downloaded where they are not there. */
const files = (folder: string) => ({
  root: z
    .string()
    .min(1)
    .default('data')
    .describe(`Folder that holds ${folder}. Default: $LOSSNET_DATA when that is set.`),
  train_split: split.default('train').describe('The split to train on.'),
  eval_split: split.default('test').describe('The split to evaluate on.'),
  split: holdOut,
  download: z.boolean().default(true).describe('Download the official files when root does not hold them.'),
});

const cifar10 = z.strictObject({
  type: z.literal('cifar10'),
  ...files('cifar-10-batches-bin/'),
  if_unavailable: z
    .enum(['error', 'shapes'])
    .default('error')
    .describe('What to do when the images can be neither found nor downloaded: stop, or train on shapes.'),
});

const cifar100 = z.strictObject({
  type: z.literal('cifar100'),
  ...files('cifar-100-binary/'),
  labels: z
    .enum(['fine', 'coarse'])
    .default('fine')
    .describe('The hundred classes, or the twenty that they are grouped in.'),
});

const mnist = z.strictObject({ type: z.literal('mnist'), ...files('mnist/ or MNIST/raw/') });

const fashionMnist = z.strictObject({
  type: z.literal('fashion_mnist'),
  ...files('fashion-mnist/ or FashionMNIST/raw/'),
});

const shapes = z.strictObject({
  type: z.literal('shapes'),
  train_size: positiveInt.max(1_000_000).default(5_000).describe('Number of training images to generate.'),
  eval_size: positiveInt.max(1_000_000).default(1_000).describe('Number of evaluation images to generate.'),
  seed: nonNegativeInt.default(0).describe('Seed of the images, apart from the seed of the run.'),
  split: holdOut,
});

const columnName = z.union([z.string().min(1), z.int()]);

const csv = z.strictObject({
  type: z.literal('csv'),
  path: z.string().min(1).describe('The table: CSV, TSV and the like, gzipped or not.'),
  target: z
    .union([
      columnName,
      z.strictObject({
        column: columnName.describe('Its name, or its position.'),
        type: optional(z.enum(['class', 'number'])).describe('Default: as its values look.'),
      }),
      z.array(columnName).min(1),
    ])
    .describe('The column to tell, by name or by position from 1 (-1: the last), or several of numbers.'),
  columns: z
    .record(z.string(), z.enum(['number', 'boolean', 'category', 'ignore']))
    .default({})
    .describe('What columns are, by their names. Default: as their values look.'),
  header: z
    .boolean()
    .default(true)
    .describe('Whether the first line names the columns; else their positions are their names.'),
  skip_lines: nonNegativeInt.default(0).describe('Lines to leave out before that.'),
  delimiter: z
    .enum(['auto', 'comma', 'semicolon', 'tab', 'pipe', 'blank'])
    .default('auto')
    .describe('What stands between two fields; blank: spaces, however many.'),
  decimal: z.enum(['auto', 'point', 'comma']).default('auto').describe('What stands before decimals.'),
  missing: z
    .enum(['error', 'drop', 'mean', 'median', 'constant'])
    .default('error')
    .describe('What to do about missing values: refuse them, leave out their rows, or fill in.'),
  missing_values: z
    .array(z.string())
    .default(['NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', 'None', '#N/A', '<NA>', '?'])
    .describe('Texts that stand for a missing value, besides an empty field.'),
  fill: z.number().default(0).describe('What missing: constant fills numbers with.'),
  standardize: z
    .union([z.boolean(), z.literal('features')])
    .default(true)
    .describe(
      'Make (x - mean) / std of numbers: of features and real targets, of features alone, or of none.',
    ),
  split: z
    .strictObject({
      ...shares,
      by: z
        .enum(['hash', 'random', 'column', 'time'])
        .default('hash')
        .describe(
          'hash: by what is in a row, so that further rows move none; random: by lot, in exactly these shares; column: as a column says; time: the latest rows for the end.',
        ),
      column: optional(columnName).describe(
        'Of column: the one that says train, val or test; of time: the one with the time.',
      ),
      group: optional(columnName).describe(
        'Of hash and random: rows that have the same in this column stay together.',
      ),
      ...splitting,
    })
    .prefault({})
    .describe('Which rows are trained on, unless eval_path and test_path name other files.'),
  eval_path: optional(z.string().min(1)).describe(
    'A file of its own to choose the best epoch with, with the same columns.',
  ),
  test_path: optional(z.string().min(1)).describe('A file of its own for the end, with the same columns.'),
  columns_from: optional(z.string().min(1)).describe(
    'Another file with the same rows, whose columns follow those of path.',
  ),
});

const filePath = z.string().min(1);

/** Of arrays that are not trained on. */
const otherArrays = (purpose: string) =>
  optional(
    z.union([
      filePath,
      z.strictObject({
        path: optional(filePath).describe('Default: dataset.path.'),
        inputs: optional(z.string().min(1)).describe('Default, in a file of its own: the same name.'),
        targets: optional(z.string().min(1)).describe('Likewise.'),
      }),
    ]),
  ).describe(purpose);

const arrays = z.strictObject({
  type: z.literal('arrays'),
  path: optional(filePath).describe(
    'An .npz or safetensors file that holds inputs and targets; null: they are .npy files.',
  ),
  inputs: optional(z.string().min(1)).describe(
    'The name of the array in path, or an .npy file. Default: inputs, or what is usual, such as x.',
  ),
  targets: optional(z.string().min(1)).describe(
    'The name of the array in path, or an .npy file. Default: targets, or what is usual, such as y.',
  ),
  eval: otherArrays(
    'Arrays of their own to choose the best epoch with: a file with the same names, or { path, inputs, targets }.',
  ),
  test: otherArrays('Arrays of their own for the end, likewise.'),
  target_type: optional(z.enum(['class', 'number'])).describe('What targets are. Default: as they look.'),
  classes: z.array(z.string()).default([]).describe('Names of the classes, in the order of their numbers.'),
  values: z.array(z.string()).default([]).describe('Names of the real values.'),
  image_order: optional(z.enum(['channels_last', 'channels_first'])).describe(
    'Where the channels of images are; PyTorch has them first. Default: on the end that is 1 or 3.',
  ),
  flatten: z
    .boolean()
    .default(false)
    .describe('Take all values of a sample as features, whatever its shape.'),
  standardize: z
    .union([z.boolean(), z.literal('features')])
    .default(true)
    .describe(
      'Make (x - mean) / std of numbers: of features and real targets, of features alone, or of none.',
    ),
  split: z
    .strictObject({
      ...shares,
      by: z
        .enum(['hash', 'random'])
        .default('hash')
        .describe(
          'hash: by the values of a sample, so that further ones move none; random: by lot, in exactly these shares.',
        ),
      ...splitting,
    })
    .prefault({})
    .describe('Which samples are trained on, unless eval and test name other arrays.'),
});

const byte = z.int().min(0).max(255);
const pictureSide = positiveInt.max(4096);

const imageFolder = z.strictObject({
  type: z.literal('image_folder'),
  root: z
    .string()
    .min(1)
    .describe(
      'Folder that holds a folder of pictures for each class, or train/, val/ and test/ that hold these.',
    ),
  labels: optional(z.string().min(1)).describe(
    'A table with the columns path and label, in the place of class folders; paths count from root.',
  ),
  image_size: z
    .union([pictureSide, z.tuple([pictureSide, pictureSide]).meta({ title: '[height, width]' })])
    .default(64)
    .describe('Height and width of what the model sees: a number for both, or [height, width].'),
  resize: z
    .enum(['cover', 'contain', 'stretch'])
    .default('cover')
    .describe(
      'cover: cut off what is too long; contain: all of it, with a border; stretch: in another shape.',
    ),
  channels: z.literal([1, 3]).default(3).describe('1: shades of grey; 3: red, green and blue.'),
  background: z
    .union([byte, z.tuple([byte, byte, byte]).meta({ title: '[red, green, blue]' })])
    .default(0)
    .describe(
      'What shows through what is transparent, and the border of contain: a grey from 0 to 255, or three numbers.',
    ),
  on_error: z
    .enum(['fail', 'skip'])
    .default('fail')
    .describe('What to do about pictures that cannot be decoded: stop and list them, or leave them out.'),
  split: z
    .strictObject({
      ...shares,
      by: z
        .enum(['hash', 'random'])
        .default('hash')
        .describe(
          'hash: by what is in a file, so that further pictures move none; random: by lot, in exactly these shares.',
        ),
      ...splitting,
    })
    .prefault({})
    .describe('Which pictures are trained on, unless there are folders val and test.'),
  cache: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Keep decoded pictures for the next run.'),
      max_gb: positive
        .default(10)
        .describe('What those of all data sets may take; what was used longest ago goes first.'),
    })
    .prefault({})
    .describe('Decoded pictures on the disk, in the folder pictures of LOSSNET_CACHE.'),
});

const text = z.strictObject({
  type: z.literal('text'),
  path: optional(z.string().min(1)).describe(
    'A text file, in UTF-8. Default: a text is generated that can be told only with a memory.',
  ),
  size: positiveInt.max(10_000_000).default(50_000).describe('How many characters to generate.'),
  seed: nonNegativeInt.default(0).describe('Seed of the generated text, apart from the seed of the run.'),
  level: z
    .enum(['char', 'byte'])
    .default('char')
    .describe(
      'char: characters, numbered as the training part has them; byte: bytes of any file, 256 of them.',
    ),
  context: positiveInt
    .max(4096)
    .default(64)
    .describe('How many of them the model sees to tell the next one.'),
  stride: positiveInt.default(1).describe('How many further on the next sample begins.'),
  split: z
    .strictObject(shares)
    .prefault({})
    .describe(
      'Shares of the text: its last part is for the end, the one before chooses, the rest is trained on.',
    ),
});

const custom = z.strictObject({
  type: z.literal('custom'),
  name: z.string().min(1).describe('What the program calls its data.'),
  shape: z
    .array(positiveInt)
    .min(1)
    .max(3)
    .describe('Channels, height and width of an image, or the number of features.'),
  classes: z.array(z.string()).default([]).describe('Names of the classes, in the order of their numbers.'),
  values: z
    .array(z.string())
    .default([])
    .describe('Names of the real values to tell, where there are no classes.'),
  has_test: z.boolean().default(false).describe('Whether there are samples that are left for the end.'),
});

export const datasetSchema = z
  .discriminatedUnion('type', [
    cifar10,
    cifar100,
    mnist,
    fashionMnist,
    shapes,
    csv,
    arrays,
    imageFolder,
    text,
    custom,
  ])
  .describe('What to train and evaluate on.');

export const loaderSchema = z
  .strictObject({
    batch_size: positiveInt.default(64).describe('Images per batch.'),
    shuffle: z
      .boolean()
      .default(true)
      .describe('Visit the training images in a new random order each epoch.'),
    drop_last: z.boolean().default(false).describe('Leave out the last batch of an epoch when it is short.'),
    limit: optional(positiveInt).describe('Train on the first so many images only.'),
    sampler: z
      .enum(['balanced'])
      .nullable()
      .default(null)
      .describe('balanced: draw images with replacement, each class as often; null: each image once.'),
  })
  .describe('How training batches are drawn.');

export const transformsSchema = z
  .strictObject({
    random_crop: optional(
      z.strictObject({ padding: positiveInt.describe('Black pixels added on each side.') }),
    ).describe('Pad each training image, then cut a random window of its own size from it.'),
    random_flip: optional(
      z.strictObject({ p: probability.default(0.5).describe('Probability that an image is mirrored.') }),
    ).describe('Mirror each training image left to right with probability p.'),
    scale: z
      .boolean()
      .default(true)
      .describe('Divide pixels by 255; false: they stay whole numbers, for an embedding.'),
    normalize: optional(
      z.strictObject({
        mean: z.array(z.number()).min(1).describe('One number for each channel.'),
        std: z.array(positive).min(1).describe('One number for each channel.'),
      }),
    ).describe('Per channel (x - mean) / std, on pixels in [0, 1], with scale false in [0, 255].'),
  })
  .describe('What happens to images on their way into a batch: crop and flip, scale, normalize.');
