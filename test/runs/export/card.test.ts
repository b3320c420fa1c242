import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { exportModel } from '../../../src/runs/export/export.js';
import { openExport } from '../../../src/runs/export/run.js';
import { predict } from '../../../src/runs/predict/predict.js';
import { lossnet, workspace } from '../../helpers/cli.js';
import { numbers } from '../../helpers/numbers.js';

const PYTHON = process.env.LOSSNET_TEST_PYTHON ?? 'python3';
const hasTorch = spawnSync(PYTHON, ['-c', 'import torch, safetensors, PIL']).status === 0;

const ROWS = Array.from({ length: 90 }, (_, i) => {
  const size = `${(i * 7) % 31},${i % 10}`;
  return `${i % 9 === 0 ? '' : size};${['red', 'gr|een', 'blue'][i % 3]};${i % 2 ? 'yes' : 'no'};${i * 3},5`;
});
const files = {
  'table.csv': ['size;colour;new;price', ...ROWS].join('\n'),
  'table.yaml': `epochs: 2
dataset: { type: csv, path: table.csv, target: price, missing: constant, fill: 2 }
model: [{ type: linear, out_features: 4 }, { type: tanh }, { type: linear, out_features: 1 }]
loss: { type: mse }
optimizer: { type: adam, lr: 0.01 }
`,
  'pictures.yaml': `epochs: 1
dataset: { type: image_folder, root: pictures, image_size: [8, 12], resize: contain, channels: 1, background: 40 }
loader: { batch_size: 4 }
transforms: { normalize: { mean: [0.4], std: [0.2] } }
model: [{ type: conv2d, out_channels: 3, kernel_size: 3 }, { type: relu }, { type: flatten }, { type: linear, out_features: 2 }]
optimizer: { type: adam, lr: 0.01 }
`,
  'stand-in.yaml': `epochs: 1
dataset: { type: cifar10, root: nowhere, download: false, if_unavailable: shapes }
loader: { limit: 64 }
evaluation: { limit: 50 }
model: [{ type: flatten }, { type: linear, out_features: 10 }]
optimizer: { type: sgd, lr: 0.01 }
`,
};
const cwd = workspace(files);
const run = (name: string) => join(cwd, 'runs', name);
const cards: Record<string, string> = {};
const before = process.cwd();

function picture(name: string, shade: number): Uint8Array {
  const data = Uint8Array.from(numbers(name, 8 * 12), (value) => shade + value * 60);
  return encode({ width: 12, height: 8, channels: 1, data });
}

beforeAll(async () => {
  for (const [label, shade] of [
    ['dark', 70],
    ['light', 180],
  ] as const) {
    mkdirSync(join(cwd, 'pictures', label), { recursive: true });
    for (let i = 0; i < 12; i++)
      writeFileSync(join(cwd, 'pictures', label, `${i}.png`), picture(`${label}${i}`, shade));
  }
  process.chdir(cwd);
  for (const name of ['table', 'pictures']) {
    const { code, stderr } = await lossnet(['train', `${name}.yaml`, '-q'], { cwd });
    expect(code, stderr).toBe(0);
    for (const format of ['onnx', 'tfjs', 'safetensors'] as const) {
      const { folder } = (await exportModel(run(name), { format, license: 'mit' }))!;
      cards[`${name} ${format}`] = readFileSync(join(folder, 'README.md'), 'utf8');
    }
  }
  return () => process.chdir(before);
});

const sectionOf = (card: string, title: string) =>
  new RegExp(`\n## ${title}\n\n([\\s\\S]*?)(?=\n\n## |$)`).exec(cards[card]!)![1]!;

/** Numbers that come out of training differ from machine to machine. */
const masked = (text: string) => text.replace(/-?\d+\.\d{3,}(e-\d+)?/g, '…');

describe('the model card', () => {
  it('begins with what Hugging Face reads', () => {
    const front = parse(/^---\n([\s\S]*?)\n---\n/.exec(cards['pictures onnx']!)![1]!);
    expect(front).toMatchObject({
      license: 'mit',
      pipeline_tag: 'image-classification',
      tags: ['lossnet', 'onnx', 'image-classification'],
      'model-index': [
        {
          name: 'pictures',
          results: [{ task: { type: 'image-classification' }, dataset: { name: 'pictures', split: 'val' } }],
        },
      ],
    });
    const types = front['model-index'][0].results[0].metrics.map(({ name }: { name: string }) => name);
    expect(types).toEqual(expect.arrayContaining(['eval_accuracy', 'test_accuracy']));
    const table = parse(/^---\n([\s\S]*?)\n---\n/.exec(cards['table onnx']!)![1]!);
    expect(table.pipeline_tag).toBe('tabular-regression');
  });

  it('tells how pictures are brought to size, and what happens to them inside', () => {
    expect(sectionOf('pictures onnx', 'Input')).toMatchInlineSnapshot(`
      "\`images\`, float32, [n, 8, 12, 1]: pictures, row by row from the top, shades of grey, from 0 to 255.

      A picture is turned as its EXIF orientation says and brought to sRGB; what is transparent shows the background, a grey of 40; then it is made just as small that it fits into this size, with a border of the background. The filter is bilinear, widened where the picture becomes smaller (antialiasing), as Pillow has it.

      Inside the model pixels are divided by 255, then made (x - mean) / std, mean [0.4], std [0.2]: give it bytes as they are."
    `);
    expect(sectionOf('pictures safetensors', 'Input')).toContain('Pixels must be divided by 255, then made');
    expect(sectionOf('pictures onnx', 'Output')).toMatchInlineSnapshot(`
      "\`logits\`, float32, [n, 2]: a number for each class; the greatest is the class; probabilities are their softmax.

      0 dark, 1 light"
    `);
  });

  it('tells how a row becomes numbers, and in which units values come out', () => {
    expect(masked(sectionOf('table onnx', 'Input'))).toMatchInlineSnapshot(`
      "\`features\`, float32, [n, 5]: numbers made of columns as follows, computed in float64 and rounded to float32. \`rows.py\` and \`rows.mjs\` do it, with what preprocessing.json says: no package is needed. A category that is not listed is 0 everywhere.

      | column | kind | inputs |
      | --- | --- | --- |
      | size | number | (x - …) / …; missing: x = 2 |
      | colour | category | one for each of blue, gr\\|een, red: 1 where it is that, else 0; missing: all 0 |
      | new | boolean | 1 for true, yes, y, t and 1; 0 for false, no, n, f and 0; missing: 0 |"
    `);
    expect(masked(sectionOf('table onnx', 'Output'))).toMatchInlineSnapshot(`
      "\`values\`, float32, [n, 1]: real values, in their own units.

      0 price"
    `);
    expect(masked(sectionOf('table safetensors', 'Output'))).toMatchInlineSnapshot(`
      "\`values\`, float32, [n, 1]: real values, as training has them: y = output * std + mean gives them in their own units, std […], mean […].

      0 price"
    `);
  });

  it('tells of shapes that stood in for the data, and of how many samples there were', async () => {
    mkdirSync(join(cwd, 'nowhere'));
    expect((await lossnet(['train', 'stand-in.yaml', '-q'], { cwd })).code).toBe(0);
    const args = ['export', 'runs/stand-in', '--format', 'onnx', '--json'];
    const { stdout, stderr } = await lossnet(args, { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ stands_in_for: 'cifar10' });
    expect(stderr).toContain(
      'WARNING cifar10 could not be had when runs/stand-in was trained: generated shapes',
    );
    const folder = join(run('stand-in'), 'onnx');
    const runner = await openExport(folder);
    expect(runner.record.standsInFor).toBe('cifar10');
    runner.dispose();
    const card = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(card).toContain('**cifar10 could not be had: this model was trained on generated shapes');
    expect(card).toContain('| train | shapes | train | the first 64 of 5,000 |');
  });

  it('has code for each format', () => {
    expect(sectionOf('pictures onnx', 'Use')).toMatchInlineSnapshot(`
      "It needs the packages of \`pip install numpy onnxruntime pillow\`:

      \`\`\`python
      import json

      import numpy as np
      import onnxruntime
      from PIL import Image, ImageOps

      preprocessing = json.load(open("preprocessing.json", encoding="utf-8"))
      picture = ImageOps.exif_transpose(Image.open("picture.png")).convert("RGBA")
      picture = Image.alpha_composite(Image.new("RGBA", picture.size, (40, 40, 40, 255)), picture)
      picture = picture.convert("RGB")
      picture = ImageOps.pad(picture, (12, 8), Image.Resampling.BILINEAR, color=(40, 40, 40)).convert("L")
      inputs = np.asarray(picture, np.float32).reshape(1, 8, 12, 1)

      session = onnxruntime.InferenceSession("model.onnx")
      outputs = session.run(["logits"], {"images": inputs})[0]
      print(preprocessing["target"]["names"][outputs[0].argmax()])
      \`\`\`"
    `);
    expect(sectionOf('pictures tfjs', 'Use')).toMatchInlineSnapshot(`
      "It needs tf.min.js, from the folder dist of the npm package @tensorflow/tfjs, and a server of files, such as python3 -m http.server:

      \`\`\`html
      <!doctype html>
      <meta charset="utf-8">
      <img id="picture" src="picture.png" hidden>
      <output id="said"></output>
      <script src="tf.min.js"></script>
      <script type="module">
      const preprocessing = await (await fetch('preprocessing.json')).json();
      const model = await tf.loadGraphModel('model.json');
      const picture = document.getElementById('picture');
      await picture.decode();
      const canvas = new OffscreenCanvas(12, 8).getContext('2d');
      canvas.fillStyle = 'rgb(40 40 40)';
      canvas.fillRect(0, 0, 12, 8);
      canvas.imageSmoothingQuality = 'high';
      const scale = Math.min(12 / picture.width, 8 / picture.height);
      const [wide, high] = [picture.width * scale, picture.height * scale];
      canvas.drawImage(picture, (12 - wide) / 2, (8 - high) / 2, wide, high);
      const pixels = tf.browser.fromPixels(canvas.getImageData(0, 0, 12, 8), 3).toFloat().mul([0.299, 0.587, 0.114]).sum(2, true).round();
      const inputs = pixels.expandDims();
      const outputs = await model.execute({ images: inputs }, 'logits').data();
      const best = outputs.indexOf(Math.max(...outputs));
      document.getElementById('said').textContent = preprocessing.target.names[best];
      </script>
      \`\`\`"
    `);
    expect(masked(sectionOf('table onnx', 'Use'))).toMatchInlineSnapshot(`
      "It needs the packages of \`pip install numpy onnxruntime\`:

      \`\`\`python
      import json

      import numpy as np
      import onnxruntime

      from rows import Rows

      preprocessing = json.load(open("preprocessing.json", encoding="utf-8"))
      rows = Rows(preprocessing)
      row = {"size":15,"colour":"blue","new":"true"}  # of a file: rows.read(open("table.csv", encoding="utf-8-sig").read())[0]
      inputs = np.array([rows.encode(row)], np.float32)

      session = onnxruntime.InferenceSession("model.onnx")
      outputs = session.run(["values"], {"features": inputs})[0]
      print(rows.answer(outputs[0]))
      \`\`\`

      It needs Node and \`npm install onnxruntime-node\`:

      \`\`\`js
      import { readFile } from 'node:fs/promises';
      import onnxruntime from 'onnxruntime-node';
      import { Rows } from './rows.mjs';

      const rows = new Rows(JSON.parse(await readFile('preprocessing.json', 'utf8')));
      const row = {"size":15,"colour":"blue","new":"true"}; // of a file: rows.read(await readFile('table.csv', 'utf8'))[0]
      const inputs = rows.encode(row);

      const session = await onnxruntime.InferenceSession.create('model.onnx');
      const tensor = new onnxruntime.Tensor('float32', inputs, [1, 5]);
      const { values } = await session.run({ features: tensor });
      console.log(rows.answer(values.data));
      \`\`\`"
    `);
  });

  it('has code for Node that runs as it stands, and says of a whole table what lossnet predict says', async () => {
    const folder = join(run('table'), 'onnx');
    const [, code] = /```js\n([\s\S]*?)```/.exec(cards['table onnx']!)!;
    const rest = `for (const row of rows.read(await readFile('table.csv', 'utf8'))) {
  const tensor = new onnxruntime.Tensor('float32', rows.encode(row), [1, 5]);
  console.log(rows.answer((await session.run({ features: tensor })).values.data).price);
}`;
    const table = [files['table.csv'], '1,5e1;green;yes;', ';;;', '"12" ;red;n;1'].join('\n');
    writeFileSync(join(folder, 'table.csv'), table);
    writeFileSync(join(folder, 'use.mjs'), `${code}\n${rest}`);
    const modules = join(folder, 'node_modules');
    symlinkSync(new URL('../../../node_modules', import.meta.url).pathname, modules);
    const { stdout, stderr } = spawnSync(process.execPath, ['use.mjs'], { cwd: folder, encoding: 'utf8' });
    const [first, ...said] = stdout.trim().split('\n');
    expect(first, stderr).toMatch(/^\{ price: \d+\.\d+ \}$/);
    const expected: number[] = [];
    for await (const prediction of predict(run('table'), [join(folder, 'table.csv')])) {
      expect(prediction).toHaveProperty('answer');
      if ('answer' in prediction && prediction.answer.kind === 'values')
        expected.push(prediction.answer.values.price!);
    }
    expect([said.length, expected.length]).toEqual([93, 93]);
    expected.forEach((value, i) => {
      expect(Math.abs(Number(said[i]) - value)).toBeLessThan(1e-5 * Math.abs(value));
    });
  });

  it.skipIf(!hasTorch)('has code for PyTorch that runs as it stands', async () => {
    const outputOf = (name: string) => {
      const folder = join(run(name), 'safetensors');
      const code = /```python\n([\s\S]*?)```/.exec(cards[`${name} safetensors`]!)![1]!;
      const { stdout, stderr } = spawnSync(PYTHON, ['-c', code], { cwd: folder, encoding: 'utf8' });
      expect(stdout, stderr).not.toBe('');
      return stdout;
    };
    writeFileSync(join(run('pictures'), 'safetensors/picture.png'), picture('light3', 180));
    const runner = await openExport(join(run('pictures'), 'safetensors'));
    const bytes = Uint8Array.from(numbers('light3', 8 * 12), (value) => 180 + value * 60);
    const [dark, light] = (await runner.run(bytes, 1)) as unknown as [number, number];
    runner.dispose();
    expect(outputOf('pictures')).toBe(`${light > dark ? 'light' : 'dark'}\n`);
    expect(outputOf('table')).toMatch(/^\{'price': .*\d+\.\d+/);
  });
});
