import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, type Tensor, tensorflow } from '../../src/train/backend/tensorflow.js';
import { lossnet, workspace } from '../helpers/cli.js';

const cwd = workspace();
const FLOWERS = Array.from({ length: 60 }, (_, i) => {
  const kind = ['rose', 'tulip', 'daisy'][i % 3]!;
  return `${(i % 3) + (i % 7)},5;${i % 2 === 0 ? 'wet' : 'dry'};${kind};${((i % 3) * 20 + i / 3).toFixed(1).replace('.', ',')}`;
});

const config = (target: string, outputs: number, loss: string) => `epochs: 4
dataset: { type: csv, path: flowers.csv, target: ${target}, columns: { ${target === 'kind' ? 'height' : 'kind'}: ignore } }
loader: { batch_size: 8 }
model: [{ type: linear, out_features: ${outputs} }]
loss: { type: ${loss} }
optimizer: { type: adam, lr: 0.1 }
`;

beforeAll(() => {
  writeFileSync(join(cwd, 'flowers.csv'), `width;soil;kind;height\n${FLOWERS.join('\n')}\n`);
  writeFileSync(join(cwd, 'kind.yaml'), config('kind', 3, 'cross_entropy'));
  writeFileSync(join(cwd, 'height.yaml'), config('height', 1, 'huber'));
});

const records = (run: string) =>
  readFileSync(join(cwd, 'runs', run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('a table', () => {
  it('is checked by validate', async () => {
    const { code, stdout } = await lossnet(['validate', 'kind.yaml', 'height.yaml'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^valid kind\.yaml\n +input +3\n +0 +linear +3 +12 parameters\n/);
    expect(stdout).toMatch(/valid height\.yaml\n +input +3\n +0 +linear +1 +4 parameters\n/);
  });

  it('is trained on, to tell classes, and what it was taken for is shown and recorded', async () => {
    const { code, stderr, stdout } = await lossnet(['train', 'kind.yaml'], { cwd });
    expect(code).toBe(0);
    const lines = stderr.split('\n');
    expect(
      lines.find((line) => line.startsWith('note: '))?.replace(/\d+ (?=rows|to choose|for the end)/g, '# '),
    ).toBe(
      'note: flowers.csv (delimiter ";", decimal comma), # rows to train on, # to choose with, # for the end; taken for: width: number; soil: category of 2 (dry, wet); kind: class of 3 (daisy, rose, tulip)',
    );
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^data {2}flowers\.csv: \d\d train rows, \d+ val rows, \d+ test rows \(flowers\.csv\)$/,
      ),
    );
    expect(stdout).toContain('final eval accuracy');
    const [start] = records('kind');
    const columns = [
      'width: number',
      'soil: category of 2 (dry, wet)',
      'kind: class of 3 (daisy, rose, tulip)',
    ];
    expect(start).toMatchObject({
      train: { name: 'flowers.csv', split: 'train', columns },
      eval: { name: 'flowers.csv', split: 'val', columns },
    });
  });

  it('is trained on, to tell numbers', async () => {
    const { code, stdout } = await lossnet(['train', 'height.yaml'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/final eval rmse \d+\.\d+; final eval mae \d+\.\d+; final eval r2 /);
    const epochs = records('height').filter(({ type }) => type === 'epoch');
    expect(epochs).toHaveLength(4);
    for (const figure of ['train_rmse', 'eval_rmse', 'train_mae', 'eval_r2']) {
      expect(epochs[0]).toHaveProperty(figure, expect.any(Number));
    }
  });

  it.each(['graph', 'eager'])('gives the same in engine %s as in the other', async (engine) => {
    const args = ['train', 'height.yaml', `engine=${engine}`, '--name', engine, '-q'];
    expect((await lossnet(args, { cwd })).code).toBe(0);
    const figure = (run: string) =>
      records(run).findLast(({ type }) => type === 'epoch')!.eval_rmse as number;
    expect(Math.abs(figure(engine) - figure('height'))).toBeLessThan(1e-3);
  });

  it('is shown in a report, with what is taken for what, and without pictures', async () => {
    const { code } = await lossnet(['report', 'runs/kind'], { cwd });
    expect(code).toBe(0);
    const page = readFileSync(join(cwd, 'runs/kind/report.html'), 'utf8');
    expect(page).toContain('Confusion matrix of');
    expect(page).not.toContain('Worst images of');
  });

  it('is what an optimizer is compared on', async () => {
    const args = ['compare', 'sgd', 'adam', 'epochs=2', '-c', 'kind.yaml', '--name', 'both', '-q'];
    const { code, stdout } = await lossnet(args, { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining('adam')]);
  });

  it('leaves a model that other programs load, which gives values in their own units', async () => {
    const { code, stdout } = await lossnet(['export', 'runs/height'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^exported runs\/height\/checkpoints\/best\.safetensors to runs\/height\/savedmodel \(\d+ KB\)\n {2}features {2}\[1, 3\] {2}float32, made of rows by rows\.py or rows\.mjs\n {2}values {4}\[1, 1\]\nchecked on 4 rows of its evaluation data: /,
    );
    await loadTensorFlow();
    const tf = tensorflow();
    const model = await tf.node.loadSavedModel(join(cwd, 'runs/height/savedmodel'));
    const { values } = model.predict({ features: tf.zeros([1, 3]) }) as unknown as { values: Tensor };
    // Of nothing but the bias: near the mean, which is about 30, and far from what is standardised.
    expect(values.dataSync()[0]).toBeGreaterThan(10);
    model.dispose();
  });

  it('must be the same where a run is resumed', async () => {
    expect((await lossnet(['train', 'runs/kind', '--resume', 'epochs=5', '-q'], { cwd })).code).toBe(0);
    appendFileSync(join(cwd, 'flowers.csv'), '9;dry;rose;1\n');
    const { code, stderr } = await lossnet(['train', 'runs/kind', '--resume', 'epochs=6'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /training data: flowers\.csv train, \d+ rows, sha256 \w+ when saved, flowers\.csv train/,
    );
  });

  it('may be gone: what was learnt from it before the first step is kept with the run', async () => {
    const file = join(cwd, 'runs/height/preprocessing.json');
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    expect(kept).toMatchObject({
      ...{ name: 'flowers.csv', input: { kind: 'features', features: 3 } },
      target: { kind: 'value', names: ['height'], mean: [expect.any(Number)], std: [expect.any(Number)] },
    });
    expect(kept.inputs).toEqual([
      {
        column: 'width',
        kind: 'number',
        fill: expect.any(Number),
        mean: expect.any(Number),
        std: expect.any(Number),
      },
      { column: 'soil', kind: 'category', categories: ['dry', 'wet'], fill: null },
    ]);
    renameSync(join(cwd, 'flowers.csv'), join(cwd, 'elsewhere.csv'));
    const exported = await lossnet(['export', 'runs/height', '-o', 'other'], { cwd });
    expect([exported.code, exported.stderr]).toEqual([0, '']);
    const same = (folder: string) => readFileSync(join(cwd, folder, 'saved_model.pb'));
    expect(same('other').equals(same('runs/height/savedmodel'))).toBe(true);
    expect((await lossnet(['report', 'runs/height', '--force'], { cwd })).code).toBe(0);
    expect((await lossnet(['compare', 'runs/height', 'runs/eager'], { cwd })).code).toBe(0);

    writeFileSync(file, readFileSync(file, 'utf8').replace('"features": 3', '"features": 0'));
    const damaged = await lossnet(['export', 'runs/height', '-o', 'third'], { cwd });
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toMatch(/preprocessing\.json is damaged: input\.features/);
    renameSync(join(cwd, 'elsewhere.csv'), join(cwd, 'flowers.csv'));
  });

  it('that is wrong is shown where it is named', async () => {
    writeFileSync(join(cwd, 'flowers.csv'), 'width;soil;kind;height\n1;dry;rose;2\n1;dry;rose\n');
    const { code, stderr } = await lossnet(['train', 'kind.yaml', '--name', 'no'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "kind.yaml:2:29  dataset.path
        flowers.csv: line 1, the header, has 4 fields; line 3 has 3
        → quote fields that hold the delimiter; or say which it is: delimiter: comma, semicolon, tab, pipe
          or blank

          1 | epochs: 4
          2 | dataset: { type: csv, path: flowers.csv, target: kind, columns: { height: ignore } }
            |                             ^^^^^^^^^^^
          3 | loader: { batch_size: 8 }

      1 problem in kind.yaml
      "
    `);
  });
});
