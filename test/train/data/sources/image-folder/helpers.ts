import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import type { Dataset } from '../../../../../src/train/data/dataset.js';
import type { DataSource } from '../../../../../src/train/data/source.js';
import {
  type ImageFolderOptions,
  imageFolder,
} from '../../../../../src/train/data/sources/image-folder/index.js';
import { temporaryFolder } from '../../helpers.js';

export type Colour = readonly [red: number, green: number, blue: number];

/** A PNG of one colour. */
export function plain([r, g, b]: Colour, width = 6, height = width): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();
}

/** A colour that follows from a number, and no other number has. */
export const colourOf = (i: number): Colour => [i % 256, (i * 7) % 256, 255 - (i % 256)];

/** A folder of files; a name that ends with @ is a link to what its content says. */
export async function folderOf(files: Readonly<Record<string, Buffer | string>>): Promise<string> {
  const root = temporaryFolder();
  for (const [name, content] of Object.entries(files)) put(root, name, content);
  return root;
}

export function put(root: string, name: string, content: Buffer | string): void {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  if (name.endsWith('@')) symlinkSync(`${content}`, path.slice(0, -1));
  else writeFileSync(path, content);
}

/** So many pictures of each class, each of a colour of its own, that begins with `first`. */
export async function pictures(
  counts: Readonly<Record<string, number>>,
  first = 0,
): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  let i = first;
  for (const [folder, count] of Object.entries(counts)) {
    for (let n = 0; n < count; n++) files[`${folder}/${n}.png`] = await plain(colourOf(i++));
  }
  return files;
}

/** Half of the samples choose, so that few are enough. */
export const HALF = { val: 0.5, test: 0, by: 'random', seed: 0, stratify: true } as const;

export function optionsFor(root: string, own: Partial<ImageFolderOptions> = {}): ImageFolderOptions {
  return {
    ...{ type: 'image_folder', root, labels: null, imageSize: 4, resize: 'cover', channels: 3 },
    ...{ background: 0, decode: 'fast', onError: 'fail', split: HALF, cache: { enabled: true, maxGb: 1 } },
    ...own,
  };
}

export function sourceOf(
  root: string,
  own: Partial<ImageFolderOptions> = {},
  mostInMemory?: number,
): DataSource {
  return imageFolder(optionsFor(root, own), mostInMemory);
}

/** A cache of the test's own; returns its folder of pictures. */
export function ownCache(): string {
  const before = process.env.LOSSNET_CACHE;
  const folder = temporaryFolder();
  process.env.LOSSNET_CACHE = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env.LOSSNET_CACHE;
    else process.env.LOSSNET_CACHE = before;
  });
  return join(folder, 'pictures');
}

/** The first pixel of each sample. */
export function firstPixels({ inputs, identity }: Dataset): number[][] {
  if (!('read' in inputs)) throw new Error('pictures are read one by one');
  return Array.from({ length: identity.records }, (_, i) => [...inputs.read(i).subarray(0, 3)]);
}

/** Those of all parts, in an order of their own. */
export async function allPixels(source: DataSource): Promise<number[][]> {
  const { train, eval: evaluation, test } = await source.load();
  return [train, evaluation, ...(test ? [test] : [])]
    .flatMap(firstPixels)
    .sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
}
