import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { create, Header } from 'tar';
import { CIFAR10, inMemory, LossnetError, readCifar, unpackCifar } from '../built.js';
import { contentsOf } from '../files.js';
import { verdictOf, wordsOf } from '../judge.js';
import { damage } from '../mutate/bytes.js';
import { STRANGE_TEXTS } from '../mutate/values.js';
import { runProgram } from '../program.js';
import type { Random } from '../random.js';
import { type Failure, failed, type Kind, type Trial, type TrialContext } from '../trial.js';

const FOLDER = 'cifar-10-batches-bin';
const FILES = [...[1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`), 'test_batch.bin'];
const WANTED = new Set([...FILES, 'batches.meta.txt', 'readme.html']);
const BLOCK = 512;
const RECORD = 3073;
/** One in so many that can be read is also trained on, by the real program. */
const REAL = 40;

const YAML = `epochs: 1
dataset: { type: cifar10, root: root, download: false }
model: [{ type: avg_pool2d, kernel_size: 8 }, { type: flatten }, { type: linear, out_features: 10 }]
optimizer: { type: sgd, lr: 0.01 }
`;

/** Archives and data files, damaged or hostile: nothing lands where it should not, and no data that are not there are read. */
export const archives: Kind = {
  name: 'archives',
  title: "damages CIFAR-10's archive and files, and makes hostile ones",
  share: 1,
  slice: 100,
  patienceSeconds: 150,
  async trial({ random, folder, shared }: TrialContext): Promise<Trial> {
    const sound = await soundArchive(shared);
    for (const name of ['root', 'outside']) mkdirSync(name);
    const { bytes, isDamaged } = mutated(sound, join(folder, 'outside'), random);
    writeFileSync('root/archive', bytes);
    const failures = await attempt('unpacking', () => unpackCifar(CIFAR10, 'root/archive', `root/${FOLDER}`));
    failures.push(...checkPlaces());
    const isUnpacked = existsSync(`root/${FOLDER}`);
    if (isUnpacked) {
      if (isDamaged) failures.push(...checkFiles(sound));
      const name = random.pick(FILES);
      const file = join('root', FOLDER, name);
      if (random.chance(0.7)) writeFileSync(file, damage(readFileSync(file), random));
      failures.push(...(await attempt('reading', () => read())));
      if (random.chance(1 / REAL)) {
        writeFileSync('cifar.yaml', YAML);
        failures.push(...verdictOf(await runProgram(['train', 'cifar.yaml', '--dry-run'], { cwd: folder })));
      }
    }
    return { counts: { mutations: 1, unpacked: isUnpacked ? 1 : 0 }, failures };
  },
};

let made: Promise<Buffer> | undefined;

/** An archive like the official one, with one or two images in each file. */
function soundArchive(shared: string): Promise<Buffer> {
  made ??= (async () => {
    mkdirSync(join(shared, FOLDER));
    for (const [i, name] of FILES.entries()) {
      const image = Buffer.alloc(RECORD, 37 * i + 11).fill(i, 0, 1);
      writeFileSync(join(shared, FOLDER, name), i % 2 ? Buffer.concat([image, image]) : image);
    }
    const file = join(shared, 'archive.tar.gz');
    await create({ file, cwd: shared, gzip: true, portable: true }, [FOLDER]);
    return readFileSync(file);
  })();
  return made;
}

/** Damages the compressed bytes, or those within; or adds entries that no well-meaning program writes. */
function mutated(sound: Buffer, outside: string, random: Random): { bytes: Buffer; isDamaged: boolean } {
  const tar = gunzipSync(sound);
  switch (random.below(4)) {
    case 0:
      return { bytes: damage(sound, random), isDamaged: true };
    case 1:
      return { bytes: gzipSync(damage(tar, random)), isDamaged: false };
    case 2: {
      const starts = Array.from({ length: tar.length / BLOCK }, (_, i) => i * BLOCK);
      const headers = starts.filter((at) => tar.toString('latin1', at, at + FOLDER.length) === FOLDER);
      const at = random.pick(headers);
      const head = damage(tar.subarray(at, at + BLOCK), random);
      const parts = [tar.subarray(0, at), withChecksum(head, random), tar.subarray(at + BLOCK)];
      return { bytes: gzipSync(Buffer.concat(parts)), isDamaged: false };
    }
    default: {
      const count = random.between(1, 6);
      const entries = Array.from({ length: count }, () => hostileEntry(outside, random));
      return { bytes: gzipSync(Buffer.concat([...entries, tar])), isDamaged: false };
    }
  }
}

/** Mostly a header whose checksum is right again, so that it is taken for one. */
function withChecksum(header: Buffer, random: Random): Buffer {
  if (header.length !== BLOCK || random.chance(0.2)) return header;
  const fixed = Buffer.from(header).fill(' ', 148, 156);
  const sum = fixed.reduce((total, byte) => total + byte, 0);
  fixed.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return fixed;
}

function hostileEntry(outside: string, random: Random): Buffer {
  const name = random.pick(FILES);
  const path = random.pick([
    '../escaped',
    `${FOLDER}/../../escaped`,
    `${FOLDER}/../../outside/escaped`,
    join(outside, 'escaped'),
    `/${outside}/escaped`,
    FOLDER,
    `${FOLDER}/`,
    `${FOLDER}/${name}`,
    `${FOLDER}/${name}/inner`,
    `./${FOLDER}/${name}`,
    `${FOLDER}//${name}`,
    `${FOLDER}/${random.pick(STRANGE_TEXTS).replaceAll('\0', '').slice(0, 80)}`,
  ]);
  const type = random.pick([
    'File',
    'File',
    'SymbolicLink',
    'Link',
    'Directory',
    'CharacterDevice',
    'FIFO',
  ] as const);
  const linkpath = random.pick([outside, '../../outside', '/etc/passwd', `${FOLDER}/${name}`, '.']);
  const content = type === 'File' ? random.bytes(random.below(700)) : Buffer.alloc(0);
  const size = random.chance(0.1) ? random.pick([2 ** 26 + 1, 2 ** 33, 2 ** 40]) : content.length;
  const header = new Header({ path, type, mode: 0o7777, size, mtime: new Date(0), linkpath });
  const block = Buffer.alloc(BLOCK);
  header.encode(block);
  return Buffer.concat([block, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

/** Does something that may be refused, but not in any other way. */
async function attempt(what: string, work: () => Promise<unknown>): Promise<Failure[]> {
  try {
    await work();
    return [];
  } catch (error) {
    const { name, message, stack } = error as Error;
    if (!(error instanceof LossnetError)) return failed(`${what}: a raw ${name}`, `${stack}`);
    const words = wordsOf(message, '');
    return words.map((word) => ({ what: `${what}: ${word}`, detail: JSON.stringify(message) }));
  }
}

/** Nothing is anywhere but in the folder of the data, and there only what belongs there. */
function checkPlaces(): Failure[] {
  const wrong = [
    ...readdirSync('.').filter((name) => name !== 'root' && name !== 'outside'),
    ...readdirSync('outside'),
    ...readdirSync('root').filter((name) => name !== 'archive' && name !== FOLDER),
    ...[...contentsOf(`root/${FOLDER}`).keys()].filter((name) => !WANTED.has(name)),
  ];
  return wrong.length === 0 ? [] : failed('an archive puts files where it should not', wrong.join('\n'));
}

/** What the archive's own checksum would notice is not unpacked otherwise. */
function checkFiles(sound: Buffer): Failure[] {
  const tar = gunzipSync(sound);
  const isSame = FILES.every((name) => tar.includes(readFileSync(join('root', FOLDER, name))));
  return isSame ? [] : failed('unpacks a damaged archive', '');
}

async function read(): Promise<void> {
  const datasets = await readCifar(CIFAR10, `root/${FOLDER}`, ['train', 'test']);
  for (const dataset of datasets) {
    const { targets, identity } = dataset;
    const inputs = inMemory(dataset);
    const isWhole = inputs.length === identity.records * 3072 && targets.every((target) => target < 10);
    if (!isWhole) throw new Error(`${identity.records} records, ${inputs.length} bytes`);
  }
}
