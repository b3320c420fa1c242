import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../../src/train/backend/tensorflow.js';
import { createProgram, type Engine } from '../../../src/train/engine/index.js';
import { evaluate } from '../../../src/train/evaluate.js';
import { type LoopParts, type LoopStep, trainEpoch } from '../../../src/train/loop.js';
import { createLoss } from '../../../src/train/loss/index.js';
import { Sequential } from '../../../src/train/model/sequential.js';
import { createOptimizer } from '../../../src/train/optim/index.js';
import { type Group, LoneGroup } from '../../../src/train/parallel/group.js';
import { Ranks } from '../../../src/train/parallel/ranks.js';
import { awaited, type Waiting } from '../../../src/train/parallel/waiting.js';
import { expectClose } from '../../helpers/close.js';
import { loaderOf, tinyDataset } from '../../helpers/data.js';
import { memoryGroup } from '../../helpers/memory-group.js';
import { type Block, layersOf, lossOf, optimizerOf } from '../../helpers/options.js';
import { classes } from '../../helpers/tasks.js';

beforeAll(() => loadTensorFlow());

const CLIP = { clipGradNorm: 0.5, clipGradValue: null };
/** The last batch has two samples: of four parts, two have none. */
const RECORDS = 34;
/** Each rank of the graph engine compiles for a while. */
const SIZES = { eager: [1, 2, 4], graph: [1, 2] };
const PLAIN: Block[] = [{ type: 'flatten' }, { type: 'linear', out_features: 4 }];
const NORMED: Block[] = [
  { type: 'conv2d', out_channels: 2, kernel_size: 3 },
  { type: 'batch_norm2d' },
  { type: 'dropout', p: 0.3 },
  ...PLAIN,
];

describe.each<Engine>(['eager', 'graph'])('steps of several processes, engine %s', (engine) => {
  function setUp(layers: Block[], loss: Block = { type: 'cross_entropy' }, records = RECORDS) {
    const input = { kind: 'image', channels: 3, height: 8, width: 8 } as const;
    const model = Sequential.build({ layers: layersOf(...layers), input, outputs: 4, seed: 0 });
    model.initialize();
    const optimizer = createOptimizer(optimizerOf({ type: 'sgd', momentum: 0.9, lr: 0.1 }), model.parameters);
    const { program } = createProgram(engine, {
      ...{ model, optimizer, task: classes(4), clip: CLIP },
      lossFunction: createLoss(lossOf(loss)),
      sizes: { train: [4], evaluate: [16] },
      ...{ lanes: 1, inVectors: true },
    });
    const loader = loaderOf(tinyDataset(records), { batchSize: 16 });
    const schedule = () => ({ lr: 0.1, momentum: null });
    const parts: LoopParts = {
      ...{ program, optimizer, loader, schedule, accumulate: 1, watchEvery: null, ...CLIP },
    };
    const values = () => model.state.flatMap((tensor) => [...tensor.values()]);
    return { model, optimizer, program, loader, parts, values };
  }
  type Process = ReturnType<typeof setUp>;

  const ranksOf = (process: Process, group: Group, signal = new AbortController().signal) => {
    const { rank, size } = group;
    return new Ranks(group, { rank, size, parts: 4 }, true, process, signal);
  };

  async function all<T>(steps: Waiting<T, void>): Promise<T[]> {
    const found: T[] = [];
    for await (const step of awaited(steps)) found.push(step);
    return found;
  }

  const epochOf = (process: Process, ranks: Ranks, overrides: Partial<LoopParts> = {}): Promise<LoopStep[]> =>
    all(trainEpoch({ ...process.parts, ...overrides, ranks }, 0, { batch: 0, step: 0 }));

  it.each<[Block, number]>([
    [{ type: 'cross_entropy' }, 1],
    [{ type: 'cross_entropy', weight: [0.2, 1, 3, 0.5], ignore_index: 2 }, 2],
    [{ type: 'mse', reduction: 'sum' }, 1],
  ])('are those of one process that has the whole batches: %j, accumulate %i', async (loss, accumulate) => {
    const whole = setUp(PLAIN, loss);
    const steps = [...trainEpoch({ ...whole.parts, accumulate, watchEvery: 1 }, 0, { batch: 0, step: 0 })];
    const process = setUp(PLAIN, loss);
    const shared = await epochOf(process, ranksOf(process, new LoneGroup()), {
      ...{ accumulate, watchEvery: 1 },
    });
    expect(shared.length).toBe(steps.length);
    for (const [i, { batches, gradNorm, layers }] of shared.entries()) {
      expect(layers).toHaveLength(1);
      const own = steps[i]!.batches;
      const sum = (key: 'total' | 'divisor' | 'size') => own.reduce((total, batch) => total + batch[key], 0);
      expect(batches[0]!.size).toBe(sum('size'));
      expectClose([batches[0]!.total, batches[0]!.divisor], [sum('total'), sum('divisor')], 1e-5);
      expectClose([gradNorm!], [steps[i]!.gradNorm!], 1e-4);
    }
    expectClose(process.values(), whole.values(), 1e-5);
  });

  it('give the same bytes on any number of ranks, buffers included', async () => {
    const results = await Promise.all(
      SIZES[engine].map(async (size) => {
        const processes = memoryGroup(size).map((group) => ({ process: setUp(NORMED), group }));
        const epochs = await Promise.all(
          processes.map(({ process, group }) => epochOf(process, ranksOf(process, group), { accumulate: 2 })),
        );
        const values = processes.map(({ process }) => process.values());
        for (const own of values) expect(own).toEqual(values[0]);
        return { values: values[0], losses: epochs[0]!.map(({ batches }) => batches[0]!.loss) };
      }),
    );
    expect(results[0]!.losses).toHaveLength(2);
    for (const result of results) expect(result).toEqual(results[0]);
  });

  it('evaluate as one process does', async () => {
    const evaluation = evaluate(setUp(NORMED).program, setUp(NORMED).loader);
    let next = evaluation.next();
    while (!next.done) next = evaluation.next();
    const expected = next.value;
    const found = await Promise.all(
      memoryGroup(2).map(async (group) => {
        const process = setUp(NORMED);
        const steps = ranksOf(process, group).evaluate(process.loader);
        let step = steps.next();
        while (!step.done) {
          await step.value;
          step = steps.next();
        }
        return step.value;
      }),
    );
    expect(found).toEqual([expected, expected]);
  });

  it('end on all ranks when one is told to stop, or finds a loss that is not finite', async () => {
    const controller = new AbortController();
    controller.abort();
    const told = await Promise.all(
      memoryGroup(2).map(async (group) => {
        const process = setUp(PLAIN);
        const ranks = ranksOf(process, group, group.rank === 1 ? controller.signal : undefined);
        for await (const _ of awaited(trainEpoch({ ...process.parts, ranks }, 0, { batch: 0, step: 0 })))
          break;
        return ranks.isStopped;
      }),
    );
    expect(told).toEqual([true, true]);
    const diverged = await Promise.all(
      memoryGroup(2).map(async (group) => {
        const process = setUp(PLAIN);
        const before = process.values();
        const { loader } = process;
        // In the last part of the second batch, which is rank 1's: its name is that in the whole batch.
        const epoch = function* () {
          for (const batch of loader.epoch(0)) {
            if (batch.index !== 1) yield batch;
            else {
              const inputs = batch.inputs.slice();
              inputs[inputs.length - 1] = Number.NaN;
              yield {
                ...batch,
                size: batch.size,
                shape: batch.shape,
                targets: batch.targets,
                epoch: 0,
                index: 1,
                inputs,
              };
            }
          }
        };
        const poisoned = { epoch, length: loader.length } as unknown as LoopParts['loader'];
        const steps = await epochOf(process, ranksOf(process, group), { loader: poisoned });
        expect(process.values()).not.toEqual(before);
        return steps.map(({ diverged: reason }) => reason);
      }),
    );
    expect(diverged[0]).toEqual([
      null,
      { tensor: 'the inputs themselves (sample 16 of batch 2 has an input of NaN)', kind: 'inputs' },
    ]);
    expect(diverged[1]).toEqual(diverged[0]);
  });
});
