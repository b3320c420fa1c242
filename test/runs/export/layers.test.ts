import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { encodeModel } from '../../../src/runs/export/encode.js';
import type { ExportFormat } from '../../../src/runs/export/formats.js';
import { openOnnx } from '../../../src/runs/export/onnx/open.js';
import type { Opened } from '../../../src/runs/export/opened.js';
import type { ExportRecord } from '../../../src/runs/export/record.js';
import { openSavedModel } from '../../../src/runs/export/savedmodel.js';
import { portsOf, type Subject } from '../../../src/runs/export/subject.js';
import { openTfjs } from '../../../src/runs/export/tfjs/open.js';
import { loadTensorFlow } from '../../../src/train/backend/tensorflow.js';
import { Sequential } from '../../../src/train/model/sequential.js';
import type { InputShape } from '../../../src/train/model/shape.js';
import { expectClose } from '../../helpers/close.js';
import { fixture } from '../../helpers/fixtures.js';
import { shapeOf } from '../../helpers/layers.js';
import { stateOf } from '../../helpers/numbers.js';
import { type Block, layersOf } from '../../helpers/options.js';
import { inputsOf, saidBy } from './said.js';

/** The layers that are recorded from PyTorch: every type, with every option. */
interface Case {
  readonly name: string;
  readonly shape: number[];
  readonly whole_below: number | null;
  readonly layers: Block[];
}

const OUTPUTS = 3;
const BATCH = 4;
const OPENERS = { onnx: openOnnx, tfjs: openTfjs, savedmodel: openSavedModel } as const;
const FORMATS = ['onnx', 'tfjs', 'savedmodel'] as const;

const folder = mkdtempSync(join(tmpdir(), 'lossnet-layers-'));
const recorded = fixture<{ cases: Case[] }>('layers.json').cases;
/** What is told apart by training alone is the same model. */
const cases = [...new Map(recorded.map((c) => [JSON.stringify([c.layers, c.shape]), c])).values()].map(
  ({ name, shape, whole_below, layers }) => ({
    name,
    layers,
    input: shapeOf(shape, whole_below) as InputShape,
  }),
);
const tokens: InputShape = { kind: 'tokens', length: 5, vocabulary: 7 };
const further: typeof cases = [
  ...['gru', 'lstm'].map((type) => ({
    name: `tokens into ${type}`,
    input: tokens,
    layers: [
      { type: 'embedding', num_embeddings: 7, embedding_dim: 3 },
      { type, hidden_size: 4 },
    ],
  })),
  {
    name: 'conv2d with both a stride and a dilation',
    input: shapeOf([2, 9, 8]),
    layers: [{ type: 'conv2d', out_channels: 3, kernel_size: 3, stride: 2, dilation: [2, 1], padding: 1 }],
  },
  {
    name: 'a GRU of one step',
    input: shapeOf([1, 4]),
    layers: [{ type: 'gru', hidden_size: 3, bidirectional: true, output: 'all' }],
  },
];

beforeAll(() => loadTensorFlow());
afterAll(() => rmSync(folder, { recursive: true }));

/** A model of these layers, with values that follow from names. */
function modelOf(layers: Block[], input: InputShape): { model: Sequential; subject: Subject } {
  const options = layersOf(...layers, { type: 'flatten' }, { type: 'linear', out_features: OUTPUTS });
  const model = Sequential.build({ layers: options, input, outputs: OUTPUTS, seed: 0 });
  for (const tensor of model.state) tensor.load(stateOf(tensor.name, tensor.shape).values);
  const names = ['a', 'b', 'c'];
  const transforms = { scale: false, normalize: null };
  return {
    model,
    subject: { ...model, options, input, layers: model.layers, transforms, target: { kind: 'class', names } },
  };
}

async function opened(
  format: keyof typeof OPENERS,
  subject: Subject,
  files: ReadonlyMap<string, Buffer>,
  name: string,
  batchSize: number | null,
): Promise<Opened> {
  const place = mkdtempSync(join(folder, name));
  for (const [file, content] of files) writeFileSync(join(place, file), content);
  const record: ExportRecord = {
    ...{
      format: format as ExportFormat,
      lossnet: '0',
      checkpoint: { file: '', sha256: '' },
      batchSize,
      looksAtBatch: false,
    },
    ...portsOf(subject, batchSize),
  };
  return OPENERS[format](place, record);
}

describe.each(FORMATS)('exported as %s', (format) => {
  it.each([...cases, ...further])('$name says what it says in lossnet', async ({ layers, input }) => {
    const { model, subject } = modelOf(layers, input);
    const { inputs, sizes } = inputsOf(input, BATCH);
    const expected = saidBy(model, inputs, sizes);
    const batchSize = format === 'savedmodel' ? BATCH : null;
    const files = encodeModel(format, model, subject, batchSize);
    const runner = await opened(format, subject, files, format, batchSize);
    try {
      expectClose(await runner.run(inputs, BATCH), expected, 1e-5);
    } finally {
      runner.dispose();
      model.dispose();
    }
  });
});
