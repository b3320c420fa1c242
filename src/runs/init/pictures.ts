import { plural } from '../../base/format.js';
import { scanOnce } from '../../train/data/sources/image-folder/scan.js';
import { sizesOf } from '../../train/data/sources/image-folder/sizes.js';
import { convolutional } from './network.js';
import { header, lines, type Sketch, schedule, shareOf, training, value } from './text.js';

/** Pictures whose shorter side is at most so long become so large. */
const SIZES = [32, 64] as const;
const LARGEST = 96;

/**
 * Writes a configuration for pictures in class folders: what they become, a small convolutional network, and how it is trained.
 *
 * @param root the folder
 * @param file where the configuration will be, for its header
 * @returns its text
 * @throws DataError when the folder makes no data set
 */
export async function configForPictures(root: string, file: string): Promise<Sketch> {
  const { classes, train, val, test } = scanOnce({ root, labels: null });
  const count = train.length + (val?.length ?? 0) + (test?.length ?? 0);
  const { shorterSide, areGrey } = await sizesOf(train.map(({ path }) => path));
  // Half of what there is: the network sees shapes, not every pixel.
  const size = SIZES.find((own) => shorterSide <= 2 * own) ?? LARGEST;
  const { batchSize, epochs } = training(train.length);
  const channels = areGrey ? 1 : 3;
  const share = shareOf(count);
  const shares = [...(val === null ? [`val: ${share}`] : []), test === null ? `test: ${share}` : 'test: 0'];
  const own = [...(val === null ? [] : ['val']), ...(test === null ? [] : ['test'])];
  const why =
    own.length === 0
      ? 'to choose the best epoch with, and for the end'
      : `${own.join(' and ')}: folders of their own`;
  const text = lines(
    header(
      file,
      `${root}: ${plural(count, 'picture')} of ${classes.length} classes, their shorter sides about ${shorterSide} pixels long.`,
    ),
    `epochs: ${epochs}`,
    '',
    'dataset:',
    '  type: image_folder',
    `  root: ${value(root)}`,
    `  image_size: ${size} # larger: slower, and sharper`,
    '  resize: cover # or contain, stretch',
    ...(channels === 3 ? [] : ['  channels: 1 # they are grey']),
    `  split: { ${[...shares, 'by: hash'].join(', ')} } # ${why}`,
    '',
    `loader: { batch_size: ${Math.min(batchSize, 64)} }`,
    '',
    'transforms: # each time another picture',
    `  random_crop: { padding: ${size / 16} }`,
    '  random_flip: { p: 0.5 } # leave out where left and right are not alike, as in writing',
    `  normalize: { mean: [${Array(channels).fill(0.5).join(', ')}], std: [${Array(channels).fill(0.25).join(', ')}] }`,
    '',
    'model:',
    ...convolutional(size, size, { count: classes.length, are: 'one for each class' }),
    '',
    'loss: { type: cross_entropy }',
    ...schedule(0.001, 'eval_loss'),
  );
  return { text, told: `${plural(count, 'picture')} of ${classes.length} classes` };
}
