import { fileURLToPath } from 'node:url';

// This file is run from campaign/.build/campaign/.
const ROOT = new URL('../../../', import.meta.url);

const inRoot = (path: string): string => fileURLToPath(new URL(path, ROOT));

/** Where things are. */
export const PATHS = {
  root: inRoot(''),
  lossnet: inRoot('bin/lossnet.js'),
  built: inRoot('dist'),
  configs: inRoot('configs'),
  lane: inRoot('campaign/.build/campaign/lane.js'),
  /** Preloaded, makes calls of the file system fail or end the process. */
  inject: inRoot('test/faults/inject.mjs'),
} as const;
