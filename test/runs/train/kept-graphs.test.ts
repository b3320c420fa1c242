import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../../src/config/index.js';
import { keepingData } from '../../../src/runs/compare/execute/kept-data.js';
import { train } from '../../../src/runs/train/train.js';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { KeptGraphs } from '../../../src/train/engine/graph/kept-graphs.js';
import { GraphSession } from '../../../src/train/engine/graph/session.js';

const folder = mkdtempSync(join(tmpdir(), 'lossnet-kept-'));
beforeAll(() => loadTensorFlow());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CONFIG = {
  epochs: 2,
  log_every: 3,
  accumulate: 2,
  clip_grad_norm: 1,
  runs_dir: folder,
  dataset: { type: 'shapes', train_size: 90, eval_size: 30 },
  loader: { batch_size: 16 },
  model: [
    { type: 'conv2d', out_channels: 4, kernel_size: 3 },
    { type: 'batch_norm2d' },
    { type: 'relu' },
    { type: 'max_pool2d', kernel_size: 4 },
    { type: 'flatten' },
    { type: 'dropout', p: 0.2 },
    { type: 'linear', out_features: 10 },
  ],
  optimizer: { type: 'sgd', lr: 0.05, momentum: 0.9 },
};
const sgd = (lr: number, momentum = 0.9) => ({ optimizer: { type: 'sgd', lr, momentum } });
const TRIALS: readonly Record<string, unknown>[] = [
  {},
  // Lost: its weights are not finite.
  { ...sgd(1e30), clip_grad_norm: null },
  { ...sgd(0.001), clip_grad_norm: null },
  sgd(0.2, 0.5),
  { optimizer: { type: 'adam', lr: 0.01 } },
  { schedule: { type: 'cosine' }, ...sgd(0.1) },
  { optimizer: { type: 'adam', lr: 0.001 } },
];

interface Kept {
  readonly graphs?: KeptGraphs;
}

/** Trains a trial in a folder of its own, or goes on with it there; stops after an epoch where told to. */
async function run(name: string, options: Record<string, unknown>, { graphs }: Kept, until?: number) {
  const resolved = loadConfig({ config: { ...CONFIG, ...options, name } as never, file: 'test' });
  const stop = new AbortController();
  const mode = until === undefined && name.endsWith('held') ? 'resume' : 'new';
  const load = keepingData();
  for await (const event of train(resolved, { mode, load, signal: stop.signal, ...(graphs && { graphs }) })) {
    if (event.type === 'epoch' && event.epoch === until) stop.abort();
  }
}

const bytesOf = (name: string) =>
  ['metrics.jsonl', 'checkpoints/last.safetensors', 'checkpoints/best.safetensors'].map((file) => {
    try {
      return readFileSync(join(folder, name, file), 'latin1');
    } catch {
      return null;
    }
  });

describe('a graph that was used before', () => {
  it('gives the bytes of a new one, and is compiled once for all that share it', async () => {
    const graphs = new KeptGraphs();
    const compiled = vi.spyOn(GraphSession, 'load');
    for (const [i, options] of TRIALS.entries()) await run(`used-${i}`, options, { graphs });
    // With momentum, the same without clipping, and adam.
    expect(compiled).toHaveBeenCalledTimes(3);
    for (const [i, options] of TRIALS.entries()) await run(`new-${i}`, options, {});
    expect(compiled).toHaveBeenCalledTimes(3 + TRIALS.length);
    const same = TRIALS.map((_, i) => `${bytesOf(`used-${i}`)}` === `${bytesOf(`new-${i}`)}`);
    expect(same).toEqual(TRIALS.map(() => true));
    expect(bytesOf('used-0').every((bytes) => bytes !== null && bytes.length > 100)).toBe(true);
    expect(bytesOf('used-1')[0]).toContain('"diverged"');
    expect(new Set(TRIALS.map((_, i) => bytesOf(`used-${i}`)[1])).size).toBeGreaterThan(5);

    // Held after an epoch, and gone on with after others have used its graph.
    await run('held', TRIALS[0]!, { graphs }, 1);
    await run('used-again', sgd(0.3), { graphs });
    await run('held', TRIALS[0]!, { graphs });
    expect(`${bytesOf('held').slice(1)}` === `${bytesOf('new-0').slice(1)}`).toBe(true);
    compiled.mockRestore();
  });

  it('leaves nothing behind, over many runs', async () => {
    const graphs = new KeptGraphs(1);
    const count = () => tensorflow().memory().numTensors;
    const deleted = vi.spyOn(GraphSession.prototype, 'dispose');
    const before = count();
    const counts: number[] = [];
    for (let i = 0; i < 6; i++) {
      await run(`many-${i}`, { ...sgd(0.01 * (i + 1)), epochs: 1 }, { graphs });
      counts.push(count());
    }
    expect(counts).toEqual(counts.map(() => before));
    expect(deleted).not.toHaveBeenCalled();
    // Another graph takes its place.
    await run('many-adam', { optimizer: { type: 'adam' }, epochs: 1 }, { graphs });
    expect(deleted).toHaveBeenCalledTimes(1);
    graphs.dispose();
    expect(deleted).toHaveBeenCalledTimes(2);
    expect(count()).toBe(before);
    deleted.mockRestore();
  });

  it('makes room for another where it is large', async () => {
    const graphs = new KeptGraphs(4, 1000);
    const deleted = vi.spyOn(GraphSession.prototype, 'dispose');
    await run('large-0', { epochs: 1 }, { graphs });
    await run('large-1', { ...sgd(0.01), epochs: 1 }, { graphs });
    expect(deleted).not.toHaveBeenCalled();
    await run('large-adam', { optimizer: { type: 'adam' }, epochs: 1 }, { graphs });
    expect(deleted).toHaveBeenCalledTimes(1);
    graphs.dispose();
    deleted.mockRestore();
  });
});
