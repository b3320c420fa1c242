import { fileURLToPath } from 'node:url';

// This file is run from bench/.build/bench/.
const ROOT = new URL('../../../', import.meta.url);

const inRoot = (path: string): string => fileURLToPath(new URL(path, ROOT));

/** Where things are. */
export const PATHS = {
  lossnet: inRoot('bin/lossnet.js'),
  bench: inRoot('bench'),
  models: inRoot('bench/models'),
  peers: inRoot('bench/peers'),
  python: inRoot('bench/.venv/bin/python'),
  quick: inRoot('bench/.quick'),
  workers: inRoot('bench/.build/bench/workers'),
} as const;
