import { fileURLToPath } from 'node:url';

// This file is run from bench/.build/bench/.
const ROOT = new URL('../../../', import.meta.url);

const inRoot = (path: string): string => fileURLToPath(new URL(path, ROOT));

/** Where things are. */
export const PATHS = {
  lossnet: inRoot('bin/lossnet.js'),
  bench: inRoot('bench'),
  configs: inRoot('configs'),
  models: inRoot('bench/models'),
  peers: inRoot('bench/peers'),
  python: inRoot('bench/.venv/bin/python'),
  quick: inRoot('bench/.quick'),
  fixtures: inRoot('test/fixtures'),
  campaigns: inRoot('bench/.campaigns'),
  workers: inRoot('bench/.build/bench/workers'),
} as const;
