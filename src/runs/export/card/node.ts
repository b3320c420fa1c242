import { MODEL_FILES } from '../formats.js';
import { ROWS_FILES } from '../rows/names.js';
import { exampleRow } from './example-row.js';
import type { CardSubject, Snippet } from './subject.js';

/** A program for Node that runs an ONNX model on a row of a table; null: its data are none. */
export function nodeSnippet({ record, preprocessing }: CardSubject): Snippet | null {
  const { input, output, batchSize } = record;
  const { inputs } = preprocessing;
  if (inputs === null) return null;
  const size = batchSize ?? 1;
  const width = input.shape[1]!;
  const lines = [
    "import { readFile } from 'node:fs/promises';",
    "import onnxruntime from 'onnxruntime-node';",
    `import { Rows } from './${ROWS_FILES.javascript}';`,
    '',
    "const rows = new Rows(JSON.parse(await readFile('preprocessing.json', 'utf8')));",
    `const row = ${exampleRow(inputs)}; // of a file: rows.read(await readFile('table.csv', 'utf8'))[0]`,
    size === 1
      ? 'const inputs = rows.encode(row);'
      : `const inputs = Float32Array.from(Array(${size}).fill([...rows.encode(row)]).flat()); // it takes so many at once`,
    '',
    `const session = await onnxruntime.InferenceSession.create('${MODEL_FILES.onnx}');`,
    `const tensor = new onnxruntime.Tensor('float32', inputs, [${size}, ${width}]);`,
    `const { ${output.name} } = await session.run({ ${input.name}: tensor });`,
    `console.log(rows.answer(${output.name}.data${size === 1 ? '' : `.slice(0, ${output.shape[1]!})`}));`,
  ];
  return { language: 'js', code: lines.join('\n'), needs: 'Node and `npm install onnxruntime-node`:' };
}
