import { afterEach, beforeEach, expect, it } from 'vitest';
import { availableCores } from '../../../src/base/cores.js';
import { currentThreads, lanesFor, setThreads, stepWork } from '../../../src/train/engine/threads.js';
import { Sequential } from '../../../src/train/model/sequential.js';
import { layersOf } from '../../helpers/options.js';
import { TUTORIAL, TUTORIAL_LAYERS } from '../../helpers/tutorial.js';

const NAMES = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS'] as const;
const before = NAMES.map((name) => process.env[name]);
const clear = () => {
  for (const name of NAMES) delete process.env[name];
};
beforeEach(clear);
afterEach(() => {
  clear();
  for (const [i, name] of NAMES.entries()) if (before[i] !== undefined) process.env[name] = before[i];
});
const threads = () => NAMES.map((name) => process.env[name]);
const cores = `${availableCores()}`;

const tiny = { flops: 5e7, hasParts: false };
const light = { flops: 5e8, hasParts: false };
const heavy = { flops: 1e10, hasParts: false };

it('tiny steps have one thread, light ones run ops side by side, heavy ones share each op, one at a time', () => {
  setThreads('auto', tiny);
  expect(threads()).toEqual(['1', '1']);
  clear();
  setThreads('auto', light);
  expect(threads()).toEqual(['1', cores]);
  clear();
  setThreads('auto', heavy);
  expect(threads()).toEqual([cores, '1']);
});

it('a batch that has parts has one on each core', () => {
  setThreads('auto', { ...heavy, hasParts: true });
  expect(threads()).toEqual(['1', cores]);
  const samples = 4 * availableCores();
  expect(lanesFor(currentThreads(), { ...heavy, samples })).toBe(availableCores());
  setThreads({ intra: 2, inter: 2 }, heavy);
  expect(lanesFor(currentThreads(), { ...heavy, samples })).toBe(1);
});

it('that is so for fewer threads too, unless it cuts the batch too small', () => {
  const samples = 4 * availableCores();
  const alone = { intra: 1, inter: 1 };
  expect(lanesFor(alone, { ...light, samples })).toBe(availableCores());
  expect(lanesFor(alone, { ...tiny, samples })).toBe(1);
  expect(lanesFor(alone, { ...light, samples: samples - 1 })).toBe(1);
});

it('batches have parts in the graph, unless they are small or their samples depend on each other', () => {
  const many = availableCores();
  const model = Sequential.build(TUTORIAL);
  const mixing = Sequential.build({
    ...TUTORIAL,
    layers: [...layersOf({ type: 'batch_norm2d' }), ...TUTORIAL_LAYERS],
  });
  expect(stepWork(model, many, 'graph').hasParts).toBe(true);
  expect(stepWork(model, many, 'eager').hasParts).toBe(false);
  expect(stepWork(mixing, many, 'graph').hasParts).toBe(false);
  expect(stepWork(model, many - 1, 'graph').hasParts).toBe(false);
});

it('what the environment says stays, what the configuration says wins', () => {
  process.env.TF_NUM_INTRAOP_THREADS = '3';
  setThreads('auto', light);
  expect(threads()).toEqual(['3', cores]);
  setThreads({ intra: 1, inter: 4 }, heavy);
  expect(threads()).toEqual(['1', '4']);
});
