import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { PATHS } from './paths.js';
import { type Setting, samplesOf } from './settings.js';
import type { Command } from './worker.js';

/** Someone who trains. */
export interface Peer {
  /** Short name, as `--peers` takes it. */
  readonly name: string;
  /** What tables and the plot call it. */
  readonly title: string;
  /** Why it cannot be measured here; null when it can. */
  unavailable(): string | null;
  /** Whether it trains this model. */
  suits(setting: Setting): boolean;
  /**
   * @param setting what to train
   * @param samples folder with the samples, for those that cannot make them
   * @returns how to start it
   */
  command(setting: Setting, images: string): Command;
}

/** The peer that all others are compared with. */
export const REFERENCE = 'graph';

/** PyTorch's modes, the tutorial's own first. */
export const PYTORCH = ['torch', 'torch-channels-last', 'torch-compile'] as const;

const python = process.env.BENCH_PYTHON ?? PATHS.python;

/**
 * @param threads whether lossnet's graph is also measured with both ways to share out the cores
 * @returns all peers, in the order in which they are measured
 */
export function allPeers(threads: boolean): Peer[] {
  return [
    lossnet('graph', 'lossnet graph', 'graph'),
    ...(threads ? threadChoices() : []),
    { ...lossnet('eager', 'lossnet eager', 'eager'), suits: isSmall },
    { ...inNode('tfjs', 'tfjs model.fit', 'tfjs', [], {}), suits: isSmall },
    inPython('torch', 'PyTorch eager', 'torch', 'torch_peer.py', ['eager']),
    {
      ...inPython('torch-channels-last', 'PyTorch channels_last', 'torch', 'torch_peer.py', [
        'channels_last',
      ]),
      suits: (setting) => samplesOf(setting) === 'images',
    },
    inPython('torch-compile', 'PyTorch torch.compile', 'torch', 'torch_peer.py', ['compile']),
    inPython('keras', 'Keras fit', 'keras', 'keras_peer.py', []),
  ];
}

/** Who is there for what lossnet was made from: op by op, a large model takes too long. */
const isSmall = ({ model }: Setting): boolean => model === 'tutorial' || model === 'batch-norm';

/** All cores within an op and one op at a time; or each op on one core and as many ops at a time. */
function threadChoices(): Peer[] {
  const cores = os.availableParallelism();
  return [
    [cores, 1],
    [1, cores],
  ].map(([intra, inter]) =>
    lossnet(`graph-${intra}-${inter}`, `lossnet graph, intra ${intra} inter ${inter}`, 'graph', {
      TF_NUM_INTRAOP_THREADS: `${intra}`,
      TF_NUM_INTEROP_THREADS: `${inter}`,
    }),
  );
}

const lossnet = (name: string, title: string, engine: string, env: Command['env'] = {}): Peer =>
  inNode(name, title, 'lossnet', [engine], env);

function inNode(
  name: string,
  title: string,
  worker: string,
  mode: readonly string[],
  env: Command['env'],
): Peer {
  return {
    name,
    title,
    unavailable: () => null,
    suits: () => true,
    command: ({ model, batch, steps }, samples) => ({
      file: process.execPath,
      args: [join(PATHS.workers, `${worker}.js`), ...mode, model, `${batch}`, `${steps}`, samples],
      env,
    }),
  };
}

function inPython(name: string, title: string, module: string, script: string, mode: string[]): Peer {
  return {
    name,
    title,
    unavailable() {
      if (!existsSync(python)) {
        return `there is no ${python}: run bench/install-peers.sh, or set BENCH_PYTHON`;
      }
      try {
        const find = `import importlib.util, sys; sys.exit(importlib.util.find_spec('${module}') is None)`;
        execFileSync(python, ['-c', find], { stdio: 'ignore' });
        return null;
      } catch {
        return `${python} has no ${module}: run bench/install-peers.sh`;
      }
    },
    suits: () => true,
    command: ({ model, batch, steps }, samples) => ({
      file: python,
      args: [join(PATHS.peers, script), ...mode, model, `${batch}`, `${steps}`, samples],
      env: {},
    }),
  };
}
