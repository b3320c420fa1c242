import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
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
  recording: Required<Recording> & { eval_f64: { perplexity: number; bits_per_char: number }[] };
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

it.each(WAYS)(
  'a GRU on the characters of a file goes the way of PyTorch, engine %s, %i part(s) side by side',
  async (engine, lanes) => {
    const path = join(temporaryFolder(), 'own.txt');
    writeFileSync(path, `\ufeff${run.text}`);
    const { context, stride, val } = run;
    const options = { path, context, stride, split: { val, test: 0 }, size: 1, seed: 0 };
    const data = await text({ type: 'text', level: 'char', ...options }).load();
    expect(data.preprocessing?.tokens?.vocabulary).toEqual(run.vocabulary);
    const { losses, evaluations } = trainWhole(
      {
        layers: layersOf(...run.model),
        begin,
        data,
        epochs: run.epochs,
        batchSize: run.batch_size,
        optimizer: run.optimizer,
      },
      engine,
      lanes,
    );
    expectSharp(losses, run.recording);
    expectSharpEvaluations(evaluations, run.recording, data.eval.identity.records);
    // What scikit-learn's log_loss makes of PyTorch's outputs.
    for (const [epoch, { metrics }] of evaluations.entries()) {
      const { perplexity, bits_per_char } = run.recording.eval_f64[epoch]!;
      expectWithin(Math.abs(metrics!.perplexity! / perplexity - 1), 1e-5, 'perplexity');
      expectWithin(Math.abs(metrics!.bits_per_char! / bits_per_char - 1), 1e-5, 'bits per character');
    }
  },
);
