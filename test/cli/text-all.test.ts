import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportModel } from '../../src/runs/export/export.js';
import { EXPORT_FORMATS } from '../../src/runs/export/formats.js';
import { openExport } from '../../src/runs/export/run.js';
import { lossnet, workspace } from '../helpers/cli.js';

const TEXT = `${'to be, or not to be: that is the question.\n'.repeat(60)}`;
const VOCABULARY = 18;
const CONTEXT = 8;

const config = (more = '', recurrent = 'output: all') => `epochs: 2
seed: 3
dataset: { type: text, path: own.txt, positions: all, context: ${CONTEXT}, split: { val: 0.2, test: 0.1 } }
loader: { batch_size: 16 }
model:
  - { type: embedding, num_embeddings: ${VOCABULARY}, embedding_dim: 4 }
  - { type: gru, hidden_size: 6, ${recurrent} }
  - { type: dropout, p: 0.1 }
  - { type: linear, out_features: ${VOCABULARY} }
loss: { type: cross_entropy, label_smoothing: 0.05 }
optimizer: { type: rmsprop, lr: 0.01 }
checkpoint: { monitor: eval_perplexity, every_steps: 3 }
evaluation: { batch_size: 30 }
log_every: 1
${more}`;

const cwd = workspace({ 't.yaml': config(), 'own.txt': TEXT });
const run = (...args: string[]) => lossnet(args, { cwd });
const bytes = (name: string, path: string) => readFileSync(join(cwd, 'runs', name, path));
type Line = Readonly<Record<string, unknown>> & { readonly loss?: number };
const records = (name: string) =>
  bytes(name, 'metrics.jsonl')
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
let trained: Awaited<ReturnType<typeof lossnet>>;

beforeAll(async () => {
  trained = await run('train', 't.yaml');
  expect((await run('train', 't.yaml', '-q', '-n', 'eager', 'engine=eager')).code).toBe(0);
});

describe('a text of which the next character is told after each', () => {
  it('is trained on, each character told once in an epoch, its figures over all of them', () => {
    expect([trained.code, trained.stderr]).toEqual([0, expect.any(String)]);
    // 1,806 of 2,580 characters: floor((1806 - 9) / 8) + 1 samples of 8.
    expect(trained.stderr).toContain(
      'data  own.txt: 225 train sequences, 64 val sequences, 32 test sequences',
    );
    const {
      eval_loss: _,
      eval_perplexity: perplexity,
      eval_bits_per_char: bits,
    } = records('t').find(({ type }) => type === 'epoch')!;
    expect(Math.log2(perplexity as number)).toBeCloseTo(bits as number, 9);
    const { target } = JSON.parse(bytes('t', 'preprocessing.json').toString());
    expect([target.of, target.length, target.names.length]).toEqual(['token', CONTEXT, VOCABULARY]);
  });

  it('gives nearly the same in the other engine, and the same bytes on two processes', async () => {
    const losses = (name: string) => records(name).map(({ loss }) => loss ?? 0);
    expect(losses('eager').length).toBe(losses('t').length);
    for (const [i, loss] of losses('eager').entries()) expect(loss).toBeCloseTo(losses('t')[i]!, 4);

    writeFileSync(join(cwd, 'p.yaml'), config('parallel: { parts: 2, join_timeout: 60 }\n'));
    const launch = (ranks: string, name: string) =>
      run('launch', '-n', ranks, '--', 'train', 'p.yaml', '-q', '--name', name);
    expect((await launch('1', 'one')).code).toBe(0);
    const two = await launch('2', 'two');
    expect([two.code, two.stderr]).toEqual([0, expect.any(String)]);
    const last = (name: string) => bytes(name, 'checkpoints/last.safetensors').toString('base64');
    expect(last('two')).toBe(last('one'));
    expect(records('two').slice(1)).toEqual(records('one').slice(1));
  });

  it('is gone on with after a kill, to the same bytes', async () => {
    let sent = false;
    const killed = await lossnet(['train', 't.yaml', '--json', '-n', 'killed'], {
      cwd,
      onOutput: (stdout, child) => {
        if (sent || stdout.split('"type":"step"').length < 12) return;
        sent = true;
        child.kill('SIGKILL');
      },
    });
    expect(killed.signal).toBe('SIGKILL');
    expect((await run('train', 'runs/killed', '--resume', '-q')).code).toBe(0);
    for (const name of ['best', 'last'])
      expect(bytes('killed', `checkpoints/${name}.safetensors`)).toEqual(
        bytes('t', `checkpoints/${name}.safetensors`),
      );
    expect(records('killed').slice(1)).toEqual(records('t').slice(1));
  });

  it('is evaluated as it was in the run, beside another model, by whole sequences drawn anew', async () => {
    const { code, stdout } = await run('evaluate', 'runs/t', '--baseline', 'runs/eager', '--json');
    expect(code).toBe(0);
    const { figures, samples, baseline } = JSON.parse(stdout);
    const best = records('t').findLast(({ best }) => best === true)!;
    expect([samples, figures.loss, figures.bits_per_char]).toEqual([
      64,
      best.eval_loss,
      best.eval_bits_per_char,
    ]);
    for (const { figure, value, interval } of baseline.differences) {
      expect(value, figure).toBe(figures[figure]);
      expect(interval, figure).toEqual([expect.any(Number), expect.any(Number)]);
    }
    expect(baseline.differences).toHaveLength(4);
    const part = await run('evaluate', 'runs/t', 'dataset.stride=3');
    expect(part.stderr).toContain('To evaluate on others, all of them: dataset.path=other.txt');
    const other = ['dataset.size=9', 'dataset.context=4', 'dataset.positions=last'];
    const wrong = await run('evaluate', 'runs/t', ...other);
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      expect.stringContaining(
        'the model was trained with context: 8, positions: all, and cannot be evaluated with context: 4, positions: last',
      ),
    ]);
  });

  it('is exported in every format, and goes on with a text from any of them', async () => {
    const before = process.cwd();
    process.chdir(cwd);
    try {
      for (const format of EXPORT_FORMATS) {
        const exported = await exportModel('runs/t', { format });
        expect(exported!.output.shape.slice(1)).toEqual([CONTEXT, VOCABULARY]);
        expect(exported!.check).toMatchObject({ data: 'evaluation', samples: 64 });
      }
      const card = readFileSync('runs/t/onnx/README.md', 'utf8');
      expect(card).toContain('print(preprocessing["target"]["names"][outputs[0, -1].argmax()])');
      expect(card).toContain('those after the last are the last row');
      // What a short text goes on with follows from nothing but itself.
      const runner = await openExport('runs/t/onnx');
      const { tokens } = JSON.parse(readFileSync('runs/t/preprocessing.json', 'utf8'));
      const ids = [...'to'].map((character) => tokens.vocabulary.indexOf(character) as number);
      const said = await runner.run(
        Int32Array.from({ length: CONTEXT }, (_, i) => ids[i] ?? 1),
        1,
      );
      runner.dispose();
      const row = [...said.slice(VOCABULARY, 2 * VOCABULARY - 1)];
      const next = tokens.vocabulary[row.indexOf(Math.max(...row))];
      const args = ['--prompt', 'to', '--length', '30', '--temperature', '0'];
      const texts = [];
      for (const path of ['runs/t', 'runs/t/onnx']) {
        const { code, stdout } = await run('predict', path, ...args);
        expect(code).toBe(0);
        texts.push(JSON.parse(stdout).text as string);
      }
      expect(texts[0]).toHaveLength(30);
      expect(texts[0]![0]).toBe(next);
      expect(texts[1]).toBe(texts[0]);
    } finally {
      process.chdir(before);
    }
  });

  it('is explained by the last of its characters, and reported with the place of each', async () => {
    const explained = await run('explain', 'runs/t');
    expect(explained.code).toBe(0);
    const said = explained.stdout.replace(/\s+/g, ' ');
    expect(said).toMatch(/It has 8 next tokens to tell, one after each that it shows; followed is the last/);
    expect(said).toMatch(/cross_entropy for the last token of sample 0:/);
    expect(said).toMatch(/The losses of all 8 tokens of each of the \d+ sequences add up to/);
    expect((await run('report', 'runs/t')).code).toBe(0);
    const page = bytes('t', 'report.html').toString();
    expect(page).toMatch(
      /on 512 next characters of 64 evaluation sequences of own\.txt:\n\d+\.\d\d % right\./,
    );
    const { eval_accuracy: accuracy } = records('t').findLast(({ best }) => best === true)!;
    expect(page).toContain(`${((accuracy as number) * 100).toFixed(2)} % right.`);
    expect(page).toMatch(/character [12],\d{3} of own\.txt/);
  });
});

describe('a text of which the next character is told after each, but', () => {
  it.each([
    ['a model that tells one', config('', ''), 'has a vocabulary of 18 to tell after each of 8 tokens'],
    [
      'a model that sees what is to come',
      config('', 'output: all, bidirectional: true'),
      'model.1.bidirectional',
    ],
    ['samples drawn by a class', config().replace('batch_size: 16', 'sampler: balanced'), 'loader.sampler'],
    [
      'a model that tells each of what has one',
      config().replace('positions: all', 'positions: last'),
      'or have each be told of with dataset.positions: all',
    ],
    ['other positions', config().replace('positions: all', 'positions: each'), '"each"'],
  ])('%s', async (_, text, message) => {
    writeFileSync(join(cwd, 'bad.yaml'), text);
    const { code, stdout, stderr } = await run('validate', 'bad.yaml');
    expect([code, `${stdout}${stderr}`]).toEqual([2, expect.stringContaining(message)]);
  });
});
