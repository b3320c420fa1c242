import { describe, expect, it } from 'vitest';
import { inTemporaryFolder, load, MINIMAL, problemsOf } from './helpers.js';

inTemporaryFolder();

describe('layers: defaults < file < LOSSNET_* < command line', () => {
  it('fills in every default', () => {
    const { yaml, origins } = load(MINIMAL);
    expect(yaml).toMatchObject({ epochs: 20, loader: { batch_size: 64 }, schedule: { type: 'constant' } });
    expect(origins.get('epochs')).toEqual({ kind: 'default' });
    expect(origins.get('schedule.type')).toEqual({ kind: 'default' });
  });

  it('lets each layer win over the one below, and remembers which did', () => {
    const { yaml, origins } = load(`${MINIMAL}epochs: 1\nseed: 1\nlog_every: 1\n`, {
      env: { LOSSNET_SEED: '2', LOSSNET_LOG_EVERY: '2' },
      overrides: ['log_every=3'],
    });
    expect(yaml).toMatchObject({ epochs: 1, seed: 2, log_every: 3 });
    expect(origins.get('epochs')).toEqual({ kind: 'file', file: 'config.yaml', line: 4, column: 9 });
    expect(origins.get('seed')).toEqual({ kind: 'env', variable: 'LOSSNET_SEED' });
    expect(origins.get('log_every')).toEqual({ kind: 'argument', text: 'log_every=3' });
  });

  it('reaches into blocks that the file does not have, into lists and into blocks that are null', () => {
    const { yaml } = load(`${MINIMAL}transforms: { random_crop: null }\n`, {
      overrides: ['loader.batch_size=8', 'model.1.bias=false', 'transforms.random_crop.padding=4'],
    });
    expect(yaml.loader.batch_size).toBe(8);
    expect(yaml.model[1]).toMatchObject({ bias: false });
    expect(yaml.transforms.random_crop).toEqual({ padding: 4 });
  });

  it('keeps what the layers share apart from it: a changed layer leaves its alias alone', () => {
    const text = MINIMAL.replace('[{ type: flatten },', '[&f { type: dropout }, *f, { type: flatten },');
    const { yaml } = load(text, { overrides: ['model.1.p=0.25'] });
    expect(yaml.model.slice(0, 2)).toEqual([
      { type: 'dropout', p: 0.5 },
      { type: 'dropout', p: 0.25 },
    ]);
  });

  it('takes an empty value as null', () => {
    const { yaml } = load(`${MINIMAL}clip_grad_norm: 1\n`, { overrides: ['clip_grad_norm='] });
    expect(yaml.clip_grad_norm).toBeNull();
  });

  it('uses the default type of a block of which only another key is set', () => {
    expect(load(MINIMAL, { overrides: ['loss.type=cross_entropy'] }).yaml.loss.type).toBe('cross_entropy');
    expect(problemsOf(MINIMAL, { overrides: ['schedule.gamma=0.5'] })).toEqual([
      'schedule.gamma: unknown key `gamma` → `gamma` is a key of type step, multi_step, exponential',
    ]);
  });
});

describe('LOSSNET_DATA', () => {
  const env = { LOSSNET_DATA: '/srv/data' };
  const cifar = MINIMAL.replace('shapes', 'cifar10');

  it('is the default of dataset.root', () => {
    const { yaml, origins } = load(cifar, { env });
    expect(yaml.dataset).toMatchObject({ root: '/srv/data' });
    expect(origins.get('dataset.root')).toEqual({ kind: 'env', variable: 'LOSSNET_DATA' });
  });

  it('gives way to the file', () => {
    const { yaml } = load(cifar.replace('cifar10', 'cifar10, root: mine'), { env });
    expect(yaml.dataset).toMatchObject({ root: 'mine' });
  });

  it.each([
    ['no root to set', MINIMAL, env],
    ['an empty value', cifar, { LOSSNET_DATA: '' }],
  ])('is left out of account with %s', (_, text, variables) => {
    expect(load(text, { env: variables }).origins.get('dataset.root')?.kind ?? 'default').toBe('default');
  });

  it('is text, whatever YAML would make of it', () => {
    expect(load(cifar, { env: { LOSSNET_DATA: '2024' } }).yaml.dataset).toMatchObject({ root: '2024' });
  });
});

describe('the name of the run', () => {
  it('is the name of the file, as far as that is legal', () => {
    const { yaml, origins } = load(MINIMAL);
    expect(yaml.name).toBe('config');
    expect(origins.get('name')).toEqual({ kind: 'default' });
  });
});

describe('problem()', () => {
  it('lets a later stage point at a value', () => {
    const { problem } = load(MINIMAL);
    const { path, message, help, place } = problem('model.1.out_features', 'too many', ['take 10']);
    expect({ path, message, help }).toEqual({
      path: 'model.1.out_features',
      message: 'too many',
      help: ['take 10'],
    });
    expect(place.span?.source.text.slice(place.span.start, place.span.end)).toBe('10');
  });

  it.each([
    ['model.1.bias', '{ type: linear, out_features: 10 }'],
    ['optimizer.lr', '{ type: sgd }'],
  ])('points at the block above a default: %s', (path, text) => {
    const { span } = load(MINIMAL).problem(path, 'x').place;
    expect(span?.source.text.slice(span.start, span.end)).toBe(text);
  });

  it('shows no frame where the file has nothing to point at', () => {
    expect(load(MINIMAL).problem('epochs', 'x').place.frame).toBe(false);
    expect(load(MINIMAL).problem('name', 'x').place.frame).toBe(false);
  });
});
