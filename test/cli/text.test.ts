import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, type Tensor, tensorflow } from '../../src/train/backend/tensorflow.js';
import { lossnet, workspace } from '../helpers/cli.js';

const TEXT = `${'to be, or not to be: that is the question.\r\n'.repeat(40)}Ünd so weiter, und weiter.`;

const config = (dataset: string, vocabulary = 19) => `epochs: 2
seed: 3
dataset: { type: text, ${dataset}context: 8, stride: 5, split: { val: 0.2, test: 0.1 } }
loader: { batch_size: 16 }
model:
  - { type: embedding, num_embeddings: ${vocabulary}, embedding_dim: 4 }
  - { type: gru, hidden_size: 6 }
  - { type: dropout, p: 0.1 }
  - { type: linear, out_features: ${vocabulary} }
optimizer: { type: rmsprop, lr: 0.01 }
checkpoint: { monitor: eval_perplexity, every_steps: 3 }
log_every: 1
`;

const cwd = workspace({ 't.yaml': config('path: own.txt, '), 'own.txt': TEXT });
const run = (args: string[]) => lossnet(args, { cwd });
const file = (name: string, path: string) => readFileSync(join(cwd, 'runs', name, path));
const records = (name: string) =>
  file(name, 'metrics.jsonl')
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
let trained: Awaited<ReturnType<typeof lossnet>>;

beforeAll(async () => {
  trained = await run(['train', 't.yaml']);
});

describe('a text', () => {
  it('is trained on, with what it was taken for, and the figures of next tokens', () => {
    expect([trained.code, trained.stderr]).toEqual([0, expect.any(String)]);
    expect(trained.stderr).toContain(
      'note: own.txt: 1,786 characters, 1,250 train, 357 val, 179 test; a vocabulary of 19: 18 of the train part, and unknown\n',
    );
    expect(trained.stderr).toMatch(/warning: .*: 3 characters .* stand as unknown, 5 times: Ü, d, w\./);
    expect(trained.stderr).toContain(
      'data  own.txt: 249 train sequences, 70 val sequences, 35 test sequences (own.txt)',
    );
    expect(trained.stdout).toMatch(/best epoch \d: eval perplexity \d+\.\d{4}/);
    expect(trained.stdout).toMatch(/test of the best epoch: accuracy .*; perplexity .*; bits per char /);
    const epoch = records('t').find(({ type }) => type === 'epoch')!;
    expect(Object.keys(epoch).filter((key) => /^(eval|train)_/.test(key))).toEqual([
      'train_loss',
      'train_accuracy',
      'eval_loss',
      'eval_accuracy',
      'eval_perplexity',
      'eval_bits_per_char',
    ]);
    const { eval_loss: loss, eval_perplexity: perplexity, eval_bits_per_char: bits } = epoch;
    expect(Math.log(perplexity as number)).toBeCloseTo(loss as number, 5);
    expect(bits as number).toBeCloseTo((loss as number) / Math.log(2), 5);
  });

  it('has its vocabulary stored with the run', () => {
    const { input, target, tokens } = JSON.parse(file('t', 'preprocessing.json').toString());
    expect(input).toEqual({ kind: 'tokens', length: 8, vocabulary: 19 });
    expect([target.of, target.names.slice(0, 4), target.names.at(-1)]).toEqual([
      'token',
      ['\\n', '\\r', 'space', ','],
      'unknown',
    ]);
    expect(tokens.level).toBe('char');
    expect(tokens.vocabulary.join('')).toBe([...new Set(TEXT.slice(0, 1250))].sort().join(''));
  });

  it('gives the same when it is trained again, and nearly so in the other engine', async () => {
    expect((await run(['train', 't.yaml', '-q', '-n', 'again'])).code).toBe(0);
    expect(records('again').slice(1)).toEqual(records('t').slice(1));
    expect((await run(['train', 't.yaml', '-q', '-n', 'eager', 'engine=eager'])).code).toBe(0);
    const losses = (name: string) => records(name).map(({ loss }) => (loss ?? 0) as number);
    expect(losses('eager').length).toBe(losses('t').length);
    for (const [i, loss] of losses('eager').entries()) expect(loss).toBeCloseTo(losses('t')[i]!, 4);
  });

  it('is gone on with after a kill, to the same bytes; not with another text', async () => {
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
    cpSync(join(cwd, 'runs/killed'), join(cwd, 'runs/other'), { recursive: true });
    const resumed = await run(['train', 'runs/killed', '--resume', '-q']);
    expect([resumed.code, resumed.stdout]).toEqual([0, expect.any(String)]);
    for (const name of ['best', 'last', 'resume'])
      expect(file('killed', `checkpoints/${name}.safetensors`)).toEqual(
        file('t', `checkpoints/${name}.safetensors`),
      );
    expect(records('killed').slice(1)).toEqual(records('t').slice(1));

    copyFileSync(join(cwd, 'own.txt'), join(cwd, 'kept.txt'));
    writeFileSync(join(cwd, 'own.txt'), TEXT.replace('to be', 'be to'));
    const { code, stderr } = await run(['train', 'runs/other', '--resume', '-q']);
    copyFileSync(join(cwd, 'kept.txt'), join(cwd, 'own.txt'));
    expect([code, stderr]).toEqual([1, expect.stringContaining('training data')]);
  });

  it('is shown in a report by what the model said after what, also when it is gone by its figures', async () => {
    expect((await run(['report', 'runs/t'])).code).toBe(0);
    const page = file('t', 'report.html').toString();
    expect(page).toMatch(/on 70 evaluation sequences of own\.txt:\n\d+\.\d\d % right\./);
    expect(page).toContain('Worst mistakes of t: the end of what it saw');
    expect(page).toContain('The characters that cost most, by t, checkpoint best.');
    expect(page).toMatch(/character 1,\d{3} of own\.txt/);
    rmSync(join(cwd, 'own.txt'));
    const gone = await run(['report', 'runs/t', '--force']);
    writeFileSync(join(cwd, 'own.txt'), TEXT);
    expect(gone.code).toBe(0);
    expect(file('t', 'report.html').toString()).toContain('there is no file own.txt');
  });

  it('is exported with its numbers as what the model takes', async () => {
    const { code, stdout } = await run(['export', 'runs/t', '--batch-size', '2']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^exported runs\/t\/checkpoints\/best\.safetensors to runs\/t\/savedmodel \(\d+ KB\)\n {2}tokens {2}\[2, 8\] {2}int32, as they are encoded for training\n {2}logits {2}\[2, 19\]\nchecked on /,
    );
    await loadTensorFlow();
    const tf = tensorflow();
    const model = await tf.node.loadSavedModel(join(cwd, 'runs/t/savedmodel'));
    const tokens = tf.tensor2d([...Array(16).keys()], [2, 8], 'int32');
    const { logits } = model.predict({ tokens }) as unknown as { logits: Tensor };
    expect([logits.shape, [...logits.dataSync()].every(Number.isFinite)]).toEqual([[2, 19], true]);
    model.dispose();
  });

  it('is what optimizers are compared on, by perplexity, and a learning rate is found on', async () => {
    const compared = await run([
      'compare',
      'sgd',
      'adam',
      ...['--config', 't.yaml', '--by', 'eval_perplexity', '--json', '--name', 'c', 'epochs=1'],
    ]);
    expect([compared.code, compared.stderr]).toEqual([0, expect.any(String)]);
    expect(compared.stdout).toContain('eval_perplexity');
    const found = await run(['lr-find', 't.yaml', '--steps', '60', '--json']);
    expect(found.code).toBe(0);
  });

  it('has its data looked at', async () => {
    const { code, stdout } = await run(['data', 't.yaml']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('own.txt: sequences of 8, a vocabulary of 19'),
    ]);
    expect(stdout).toContain('3 characters of what is evaluated on do not occur in what is trained on');
    expect(stdout).not.toContain('with different things to be told');
  });

  it('of the generated kind needs no file, and tells how much there is to know', async () => {
    writeFileSync(join(cwd, 'g.yaml'), config('size: 2000, ', 40));
    const problems = await run(['validate', 'g.yaml']);
    const [, size] = /the data set has a vocabulary of (\d+)/.exec(problems.stdout + problems.stderr) ?? [];
    expect([problems.code, size]).toEqual([2, '19']);
    writeFileSync(join(cwd, 'g.yaml'), config('size: 2000, ', Number(size)));
    const { code, stderr: said } = await run(['train', 'g.yaml', 'epochs=1']);
    expect([code, said]).toEqual([0, expect.stringContaining('(generated)')]);
    expect(said).toMatch(/no model, however long it remembers, needs less than \d\.\d{3} bits per character/);
    expect((await run(['report', 'runs/g'])).code).toBe(0);
  });
});

describe('a text that cannot be used', () => {
  it.each([
    ['path: none.txt, ', 'dataset.path\n  there is no file none.txt'],
    ['path: latin.txt, ', 'latin.txt is not UTF-8 text: line 1, byte 1 of the file is 0xfc'],
    ['path: short.txt, ', 'dataset.context'],
  ])('%s', async (dataset, message) => {
    writeFileSync(join(cwd, 'latin.txt'), Buffer.from('für', 'latin1'));
    writeFileSync(join(cwd, 'short.txt'), 'short');
    writeFileSync(join(cwd, 'bad.yaml'), config(dataset));
    const { code, stderr, stdout } = await run(['validate', 'bad.yaml']);
    expect([code, `${stdout}${stderr}`]).toEqual([2, expect.stringContaining(message)]);
    expect(`${stdout}${stderr}`).not.toMatch(/^ +at /m);
  });

  it('by another layer than an embedding, or by what is for images', async () => {
    const text = config('path: own.txt, ').replace(/ {2}- { type: embedding.*\n/, '');
    writeFileSync(join(cwd, 'bad.yaml'), `${text}transforms: { scale: false }\n`);
    const { code, stderr, stdout } = await run(['validate', 'bad.yaml']);
    expect(code).toBe(2);
    const said = `${stdout}${stderr}`;
    expect(said).toContain('gru works on numbers that mean an amount, but gets 8 tokens of 19');
    expect(said).toContain('Put { type: embedding, num_embeddings: 19, embedding_dim: 32 } before it.');
    expect(said).toContain('scale is for images, and text has tokens');
  });
});
