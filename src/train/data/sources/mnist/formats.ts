import type { DataSpec, OfficialSplit } from '../../dataset.js';
import type { Archive } from '../../fetch/archive.js';

/** What a file holds. */
export type Part = 'images' | 'labels';

/** A data set of four files, as MNIST is. */
export interface MnistFormat {
  /** As people write it. */
  readonly title: string;
  readonly spec: DataSpec;
  /** Folders below `root` that are looked into, the first is the one that is downloaded to; the second is torchvision's. */
  readonly folders: readonly [string, string];
  readonly archives: Readonly<Record<OfficialSplit, Readonly<Record<Part, Archive>>>>;
}

/** Pixels of a side of an image. */
export const SIDE = 28;
const FILES = {
  train: { images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte.gz' },
  test: { images: 't10k-images-idx3-ubyte.gz', labels: 't10k-labels-idx1-ubyte.gz' },
} as const satisfies Record<OfficialSplit, Record<Part, string>>;

type Sums = Readonly<Record<OfficialSplit, Readonly<Record<Part, readonly [bytes: number, sha256: string]>>>>;

function archivesAt(url: string, sums: Sums): MnistFormat['archives'] {
  const archive = (split: OfficialSplit, part: Part): Archive => {
    const [bytes, sha256] = sums[split][part];
    return { url: `${url}${FILES[split][part]}`, bytes, sha256 };
  };
  const split = (name: OfficialSplit) => ({
    images: archive(name, 'images'),
    labels: archive(name, 'labels'),
  });
  return { train: split('train'), test: split('test') };
}

const specOf = (name: string, names: readonly string[]): DataSpec => ({
  name,
  input: { kind: 'image', channels: 1, height: SIDE, width: SIDE },
  target: { kind: 'class', names },
});

/** Handwritten digits. @source http://yann.lecun.com/exdb/mnist/ */
const MNIST: MnistFormat = {
  title: 'MNIST',
  spec: specOf('mnist', '0123456789'.split('')),
  folders: ['mnist', 'MNIST/raw'],
  archives: archivesAt('https://storage.googleapis.com/cvdf-datasets/mnist/', {
    train: {
      images: [9_912_422, '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609'],
      labels: [28_881, '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c'],
    },
    test: {
      images: [1_648_877, '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6'],
      labels: [4_542, 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6'],
    },
  }),
};

/** Pictures of clothes. @source https://github.com/zalandoresearch/fashion-mnist */
const FASHION_MNIST: MnistFormat = {
  title: 'Fashion-MNIST',
  spec: specOf('fashion_mnist', [
    ...['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat'],
    ...['Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  ]),
  folders: ['fashion-mnist', 'FashionMNIST/raw'],
  archives: archivesAt('http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/', {
    train: {
      images: [26_421_880, '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84'],
      labels: [29_515, 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845'],
    },
    test: {
      images: [4_422_102, '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073'],
      labels: [5_148, '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5'],
    },
  }),
};

export const MNIST_FORMATS = { mnist: MNIST, fashion_mnist: FASHION_MNIST } as const;

/** The name of a file, packed. */
export const fileName = (split: OfficialSplit, part: Part): string => FILES[split][part];
