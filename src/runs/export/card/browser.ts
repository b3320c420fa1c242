import { MODEL_FILES } from '../formats.js';
import { exampleRow } from './example-row.js';
import type { CardSubject, Snippet } from './subject.js';

/** A page that runs the model; the browser test loads it as it stands. */
export function browserSnippet(card: CardSubject): Snippet {
  const { input, output } = card.record;
  const { spec } = card.preprocessing;
  const isImage = spec.input.kind === 'image';
  const isTable = card.preprocessing.inputs !== null;
  const lines = [
    '<!doctype html>',
    '<meta charset="utf-8">',
    ...(isImage ? ['<img id="picture" src="picture.png" hidden>'] : []),
    '<output id="said"></output>',
    '<script src="tf.min.js"></script>',
    '<script type="module">',
    ...(isTable ? ["import { Rows } from './rows.mjs';"] : []),
    "const preprocessing = await (await fetch('preprocessing.json')).json();",
    `const model = await tf.loadGraphModel('${MODEL_FILES.tfjs}');`,
    ...browserInputs(card),
    `const outputs = await model.execute({ ${input.name}: inputs }, '${output.name}').data();`,
    ...answerLines(card),
    '</script>',
  ];
  return {
    language: 'html',
    code: lines.join('\n'),
    needs: `tf.min.js, from the folder dist of the npm package @tensorflow/tfjs, and a server of files, such as python3 -m http.server:`,
  };
}

/** Lines that show what the model says of the first sample. */
function answerLines({ record: { output }, preprocessing }: CardSubject): string[] {
  const say = (text: string) => `document.getElementById('said').textContent = ${text};`;
  const [, rows, width] = output.shape;
  if (preprocessing.inputs !== null) return [say(`JSON.stringify(rows.answer(outputs.slice(0, ${rows})))`)];
  if (output.name !== 'logits') return [say("outputs.join(', ')")];
  const name = say('preprocessing.target.names[best]');
  if (width === undefined) return ['const best = outputs.indexOf(Math.max(...outputs));', name];
  return [
    `const last = outputs.slice(${(rows! - 1) * width!}, ${rows! * width!}); // what comes after the last token`,
    'const best = last.indexOf(Math.max(...last));',
    name,
  ];
}

function browserInputs(card: CardSubject): string[] {
  const { batchSize } = card.record;
  const { spec, tokens, inputs } = card.preprocessing;
  const batch = (one: string) =>
    batchSize === null || batchSize === 1
      ? `const inputs = ${one};`
      : `const inputs = ${one}.tile([${[batchSize, ...card.record.input.shape.slice(1).map(() => 1)].join(', ')}]); // it takes so many at once`;
  switch (spec.input.kind) {
    case 'image':
      return [...pictureLines(card), batch(`pixels.expandDims()`)];
    case 'features':
      if (inputs !== null) {
        return [
          'const rows = new Rows(preprocessing);',
          `const row = ${exampleRow(inputs)};`,
          batch(`tf.tensor2d(rows.encode(row), [1, ${spec.input.features}])`),
        ];
      }
      return [
        `// A row of ${spec.input.features} numbers, made of columns as preprocessing.json says.`,
        batch(`tf.zeros([1, ${spec.input.features}])`),
      ];
    case 'tokens': {
      const { length } = spec.input;
      const ids =
        tokens?.level === 'byte'
          ? '[...new TextEncoder().encode(text)]'
          : '[...text].map((c) => (vocabulary.includes(c) ? vocabulary.indexOf(c) : vocabulary.length))';
      return [
        `const text = 'To be, or not to be: '.repeat(${length}).slice(0, ${length});`,
        ...(tokens?.level === 'byte' ? [] : ['const { vocabulary } = preprocessing.tokens;']),
        batch(`tf.tensor2d([${ids}], [1, ${length}], 'int32')`),
      ];
    }
  }
}

/** Lines that make `pixels`. Browsers make pictures smaller about as well as the training does. */
function pictureLines({ preprocessing: { spec }, plan: { config } }: CardSubject): string[] {
  if (spec.input.kind !== 'image') return [];
  const { height, width, channels } = spec.input;
  const { dataset } = config;
  const isFolder = dataset.type === 'image_folder';
  const background = isFolder ? dataset.background : 0;
  const colours = typeof background === 'number' ? [background, background, background] : background;
  const resize = isFolder ? dataset.resize : 'stretch';
  const place =
    resize === 'stretch'
      ? [`canvas.drawImage(picture, 0, 0, ${width}, ${height});`]
      : [
          `const scale = Math.${resize === 'cover' ? 'max' : 'min'}(${width} / picture.width, ${height} / picture.height);`,
          'const [wide, high] = [picture.width * scale, picture.height * scale];',
          `canvas.drawImage(picture, (${width} - wide) / 2, (${height} - high) / 2, wide, high);`,
        ];
  const grey = channels === 1 ? '.mul([0.299, 0.587, 0.114]).sum(2, true).round()' : '';
  return [
    "const picture = document.getElementById('picture');",
    'await picture.decode();',
    `const canvas = new OffscreenCanvas(${width}, ${height}).getContext('2d');`,
    `canvas.fillStyle = 'rgb(${colours.join(' ')})';`,
    `canvas.fillRect(0, 0, ${width}, ${height});`,
    "canvas.imageSmoothingQuality = 'high';",
    ...place,
    `const pixels = tf.browser.fromPixels(canvas.getImageData(0, 0, ${width}, ${height}), 3).toFloat()${grey};`,
  ];
}
