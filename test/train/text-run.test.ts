import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../src/train/backend/tensorflow.js';
import { text } from '../../src/train/data/sources/text/index.js';
import type { Sequential } from '../../src/train/model/sequential.js';
import { fixture } from '../helpers/fixtures.js';
import { expectWithin } from '../helpers/margin.js';
import { numbers } from '../helpers/numbers.js';
import { type Block, layersOf } from '../helpers/options.js';
import {
  expectSharp,
  expectSharpEvaluations,
  type Recording,
  trainWhole,
  WAYS,
} from '../helpers/whole-run.js';
import { temporaryFolder } from './data/helpers.js';

type Recorded = Required<Recording> & { eval_f64: { perplexity: number; bits_per_char: number }[] };

const run = fixture<{
  text: string;
  context: number;
  stride: number;
  val: number;
  batch_size: number;
  epochs: number;
  model: Block[];
  optimizer: Block;
  vocabulary: string[];
  recording: Recorded;
  all: { batch_size: number; model: Block[]; recording: Recorded };
}>('text_run.json');

/** As test/fixtures/make_whole_runs.py begins. */
function begin(model: Sequential): void {
  model.initialize();
  for (const parameter of model.parameters) {
    const { name, shape, size } = parameter;
    const fanIn = size / shape[0]!;
    const centre = name.endsWith('weight') ? 1 : 0;
    parameter.load(
      numbers(name, size).map((value) => (shape.length > 1 ? value / Math.sqrt(fanIn) : value / 10 + centre)),
    );
  }
}

beforeAll(() => loadTensorFlow());

/** Trains on the text in a file with what a recording was made with, and holds losses and figures against it. */
async function expectTheWayOfPyTorch(
  positions: 'last' | 'all',
  { model, batch_size: batchSize, recording }: Pick<typeof run, 'model' | 'batch_size' | 'recording'>,
  [engine, lanes]: (typeof WAYS)[number],
): Promise<void> {
  const path = join(temporaryFolder(), 'own.txt');
  writeFileSync(path, `\ufeff${run.text}`);
  const { context, val, epochs, optimizer } = run;
  const stride = positions === 'all' ? null : run.stride;
  const options = { path, context, positions, stride, split: { val, test: 0 }, size: 1, seed: 0 };
  const data = await text({ type: 'text', level: 'char', ...options }).load();
  expect(data.preprocessing?.tokens?.vocabulary).toEqual(run.vocabulary);
  const { losses, evaluations } = trainWhole(
    { layers: layersOf(...model), begin, data, epochs, batchSize, optimizer },
    engine,
    lanes,
  );
  expectSharp(losses, recording);
  const told = data.eval.identity.records * (positions === 'all' ? context : 1);
  expectSharpEvaluations(evaluations, recording, told);
  // What scikit-learn's log_loss makes of PyTorch's outputs.
  for (const [epoch, { metrics }] of evaluations.entries()) {
    const { perplexity, bits_per_char } = recording.eval_f64[epoch]!;
    expectWithin(Math.abs(metrics!.perplexity! / perplexity - 1), 1e-5, 'perplexity');
    expectWithin(Math.abs(metrics!.bits_per_char! / bits_per_char - 1), 1e-5, 'bits per character');
  }
}

describe.each(WAYS)('engine %s, %i part(s) side by side, goes the way of PyTorch', (engine, lanes) => {
  it('with a GRU on the characters of a file', () => expectTheWayOfPyTorch('last', run, [engine, lanes]));

  // 74 sequences in batches of 7: the last one is smaller.
  it('where the next character is told after each', () =>
    expectTheWayOfPyTorch('all', run.all, [engine, lanes]));
});
