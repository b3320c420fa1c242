import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PATHS } from './paths.js';

const load = (module: string): Promise<unknown> => import(pathToFileURL(join(PATHS.built, module)).href);

// What is tried in this process is what the real program runs: dist/, not a copy of its sources.
export const { main } = (await load('cli/main.js')) as typeof import('../src/cli/main.js');
export const { processIo } = (await load('cli/io.js')) as typeof import('../src/cli/io.js');
export const { readRun } = (await load('runs/store/read.js')) as typeof import('../src/runs/store/read.js');
export const { LossnetError } = (await load('base/errors.js')) as typeof import('../src/base/errors.js');
export const { decodeSafetensors } = (await load(
  'train/safetensors.js',
)) as typeof import('../src/train/safetensors.js');
export const { configToYaml, loadConfig } = (await load(
  'config/index.js',
)) as typeof import('../src/config/index.js');
export const { CIFAR10 } = (await load(
  'train/data/sources/cifar/formats.js',
)) as typeof import('../src/train/data/sources/cifar/formats.js');
export const { unpackCifar } = (await load(
  'train/data/sources/cifar/unpack.js',
)) as typeof import('../src/train/data/sources/cifar/unpack.js');
export const { inMemory } = (await load(
  'train/data/dataset.js',
)) as typeof import('../src/train/data/dataset.js');
export const { readCifar } = (await load(
  'train/data/sources/cifar/read.js',
)) as typeof import('../src/train/data/sources/cifar/read.js');
