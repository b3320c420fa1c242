import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LossnetError } from '../../../src/base/errors.js';
import { markdown } from '../../../src/cli/compare/show.js';
import { configSchema } from '../../../src/config/index.js';
import { comparisonOf } from '../../../src/runs/compare/ranking/comparison.js';
import { readResult, type VariantResult } from '../../../src/runs/compare/ranking/results.js';
import { page } from '../../../src/runs/report/page.js';
import { readComparison } from '../../../src/runs/store/comparison.js';
import { savedConfig } from '../../../src/runs/store/folder.js';
import { readRun } from '../../../src/runs/store/read.js';

const folder = mkdtempSync(join(tmpdir(), 'lossnet-read-'));
type Json = Record<string, unknown>;

const identity = { name: 'shapes', split: 'train', source: 'generated', records: 60, sha256: 'a'.repeat(64) };
/** A run that diverged in its third epoch, as the first version recorded it: hashes, layers and phases came later. */
const RECORDS: readonly Json[] = [
  {
    ...{ type: 'start', epochs: 3, batches_per_epoch: 1, steps_per_epoch: 1, parameters: 10 },
    ...{ train: identity, eval: { ...identity, split: 'test', stands_in_for: 'cifar10' } },
  },
  { type: 'step', epoch: 1, step: 1, batch: 1, loss: 2.5, running_loss: 2.5, lr: 0.1, grad_norm: null },
  {
    ...{ type: 'layers', epoch: 1, step: 1 },
    layers: [{ layer: '1', grad_norm: 1, weight_norm: 2, update_ratio: null }],
  },
  ...[1, 2].map((epoch) => ({
    ...{ type: 'epoch', epoch, step: epoch, running_loss: 2.5, train_loss: 2.5, train_accuracy: 0.1 },
    ...{ lr: 0.1, eval_loss: 2.4, eval_accuracy: epoch === 1 ? null : 0.1, best: epoch === 1 },
  })),
  {
    type: 'diverged',
    epoch: 3,
    step: 3,
    loss: null,
    tensor: 'loss',
    lr: 0.1,
    suggested_lr: 0.01,
    non_finite: ['loss'],
  },
];
const TIMINGS: readonly Json[] = [1, 2].map((epoch) => ({
  ...{ type: 'timing', epoch, train_seconds: 1, eval_seconds: 0.5, images_per_second: null },
}));
const SUMMARY: Json = { name: 'x', status: 'diverged', epochs: 2, steps: 2, final: null, best: null };

let count = 0;
/** Writes a run and returns its folder. */
function write({
  records = RECORDS,
  timings = TIMINGS,
  summary = SUMMARY as Json | null,
  name = 'x',
} = {}): string {
  const path = join(folder, `${count++}`, name);
  mkdirSync(path, { recursive: true });
  const config = configSchema.parse({
    name: 'x',
    dataset: { type: 'shapes' },
    epochs: 3,
    model: [{ type: 'flatten' }, { type: 'linear', out_features: 10 }],
    optimizer: { type: 'sgd', lr: 0.1 },
  });
  const lines = (all: readonly Json[]) => all.map((record) => `${JSON.stringify(record)}\n`).join('');
  writeFileSync(join(path, 'config.yaml'), savedConfig(config, '0.1.0', undefined));
  writeFileSync(join(path, 'metrics.jsonl'), lines(records));
  writeFileSync(join(path, 'timings.jsonl'), lines(timings));
  if (summary !== null) writeFileSync(join(path, 'summary.json'), JSON.stringify(summary));
  return path;
}

/** All that is ever said of a run, beside another one. */
function told(path: string): string {
  const results = [path, write({ name: 'other' })].map(
    (run): VariantResult => ({ name: run, summary: null, runs: [readResult(run, run)] }),
  );
  const records = results.map(({ runs }) => runs[0]!.record!);
  const showing = { output: 'markdown', by: undefined, target: undefined, gates: [] } as const;
  const reportRuns = records.map((record, line) => ({
    ...{ record, line, label: `${line}`, predicted: { kind: 'none', reason: '' } as const },
  }));
  const options = { title: 'x', lead: [], mistakes: true };
  return (
    markdown(comparisonOf(results, { title: 'x', shared: false, ...showing })) +
    page(reportRuns, options).replace(/<(script|style)>[\s\S]*?<\/\1>/g, '')
  );
}

const failure = (read: () => unknown): LossnetError | null => {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof LossnetError) return error;
    throw error;
  }
};

describe('the records of a run', () => {
  it('are read although an older version wrote them, and with what a newer one may add', () => {
    const run = readRun(write());
    expect(run.start).toMatchObject({ init_sha256: null, order_sha256: null });
    expect(run.diverged).toMatchObject({ phase: 'training' });
    expect(run.summary).toEqual({ status: 'diverged', epochs: 2, test: null, diagnosis: null });
    expect([run.steps.length, run.layers.length, run.epochs.length, run.timings.length]).toEqual([
      1, 1, 2, 2,
    ]);
    expect(told(run.path)).not.toMatch(/undefined|NaN|\[object/);

    const newer = (all: readonly Json[]) => [
      { type: 'newer' },
      ...all.map((one) => ({ ...one, newer: [1] })),
    ];
    const again = readRun(
      write({ records: newer(RECORDS), timings: newer(TIMINGS), summary: { ...SUMMARY, newer: {} } }),
    );
    expect({ ...again, path: run.path, resolved: run.resolved }).toEqual(run);
  });

  it.each([
    ['{"type":"step","epoch":1', 'it is no JSON: '],
    ['', 'it is no JSON: '],
    ['3', 'it is 3; expected an object'],
    ['{"epoch":1}', 'type is missing'],
    ['{"type":["step"]}', 'type is ["step"]; expected text'],
    [
      '{"type":"step","epoch":1,"step":1.5,"loss":1,"lr":1,"grad_norm":1}',
      'step is 1.5; expected a whole number',
    ],
    ['{"type":"step","epoch":0,"step":1,"loss":1,"lr":1,"grad_norm":1}', 'epoch is 0; expected 1 or more'],
    [
      '{"type":"step","epoch":1,"step":1,"loss":"\\u001b[2J","lr":1,"grad_norm":1}',
      'loss is "\\u001b[2J"; expected a number',
    ],
    ['{"type":"layers","epoch":1,"step":1,"layers":[{}]}', 'layers.0.layer is missing'],
    [
      '{"type":"diverged","phase":"x","epoch":1,"step":1,"tensor":"x","lr":1,"suggested_lr":1}',
      'phase is "x"; expected training or evaluation or saving',
    ],
  ])('name the line and what is wrong with it: %s', (line, message) => {
    const path = write();
    const file = join(path, 'metrics.jsonl');
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, lines.toSpliced(2, 0, line).join('\n'));
    expect(failure(() => readRun(path))).toMatchObject({
      code: 'LOSSNET_RUN_DAMAGED',
      message: expect.stringContaining(`${file}:3 is damaged: ${message}`),
      remedy: expect.stringContaining(`lossnet train ${path} --resume`),
    });
  });

  it('are of every epoch, in order', () => {
    const without = RECORDS.filter(({ type, epoch }) => type !== 'epoch' || epoch !== 1);
    expect(failure(() => readRun(write({ records: without })))?.message).toContain(
      'it tells of epoch 2 where epoch 1 should be',
    );
    const stopped = RECORDS.filter(({ type }) => type !== 'diverged');
    const summary = { ...SUMMARY, status: 'interrupted', epochs: 3 };
    expect(failure(() => readRun(write({ records: stopped, summary })))?.message).toContain(
      'it tells of 2 epochs, and the run had 3',
    );
    // It has gone on since, and was killed.
    expect(readRun(write({ records: stopped, summary: { ...summary, epochs: 1 } })).epochs).toHaveLength(2);
  });

  it('make no text that says undefined or NaN, whatever is damaged', () => {
    const values = [undefined, null, 'x', -1, {}, [null]];
    let refused = 0;
    const attempt = (change: { records?: Json[]; timings?: Json[]; summary?: Json }) => {
      const path = write(change);
      const error = failure(() => expect(told(path)).not.toMatch(/undefined|NaN|Infinity|\[object/));
      if (error === null) return;
      refused += 1;
      expect(error.message).toMatch(
        /(metrics\.jsonl|timings\.jsonl|summary\.json)(:\d+)? is damaged: [\w.]+ (is|tells) /,
      );
      expect(error.message).not.toMatch(/undefined|NaN/);
    };
    const changed = (all: readonly Json[], at: number, key: string, value: unknown) =>
      all.map((one, i) => (i === at ? { ...one, [key]: value } : one));
    for (const value of values) {
      for (const [at, record] of RECORDS.entries())
        for (const key of Object.keys(record)) attempt({ records: changed(RECORDS, at, key, value) });
      for (const key of Object.keys(TIMINGS[0]!)) attempt({ timings: changed(TIMINGS, 0, key, value) });
      for (const key of ['status', 'epochs', 'stands_in_for', 'diagnosis'])
        attempt({ summary: { ...SUMMARY, [key]: value } });
    }
    expect(refused).toBeGreaterThan(200);
  });
});

describe('compare.json', () => {
  const asked = { type: 'comparison', sha256: 'x', variants: [{ runs: ['a'] }], results: null };
  const file = join(folder, 'comparison', 'compare.json');
  mkdirSync(dirname(file));

  it.each([
    [{}, true],
    [{ threads: { intra_op: 2, inter_op: 1 }, newer: 1 }, true],
    [{ threads: { intra_op: '2' } }, false],
    [{ threads: 2 }, false],
    [{ sha256: undefined }, false],
    [{ variants: [{ runs: [1] }] }, false],
    [{ results: { verdict: 'x', variants: [] } }, false],
  ])('with %j is read: %s', (change, isRead) => {
    writeFileSync(file, JSON.stringify({ ...asked, ...change }));
    expect(readComparison(dirname(file)) !== null).toBe(isRead);
  });
});
