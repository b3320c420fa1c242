import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/index.js';
import { readFlatness } from '../../../src/runs/landscape/flatness.js';
import { keepMeasured } from '../../../src/runs/landscape/keep.js';
import { flatness, landscape } from '../../../src/runs/landscape/landscape.js';
import { landscapePage, notesOf } from '../../../src/runs/landscape/page.js';
import { landscapeSvg } from '../../../src/runs/landscape/picture.js';
import type { LandscapeOptions } from '../../../src/runs/landscape/result.js';
import { openSubjects } from '../../../src/runs/landscape/subject.js';
import { landscapeFiles, writeLandscape } from '../../../src/runs/landscape/write.js';
import type { Notice } from '../../../src/runs/notices.js';
import type { ReportRun } from '../../../src/runs/report/predictions.js';
import { flatnessColumns } from '../../../src/runs/report/sections/flatness.js';
import { isRun } from '../../../src/runs/store/folder.js';
import { readRun } from '../../../src/runs/store/read.js';
import { train } from '../../../src/runs/train/train.js';
import { TINY, workspace } from '../../helpers/cli.js';
import { expectWithin } from '../../helpers/margin.js';

const ROWS = Array.from({ length: 60 }, (_, i) => [(i * 37) % 50, 3 * ((i * 37) % 50) + (i % 5)] as const);
const table = ['size,price', ...ROWS.map((row) => row.join(','))].join('\n');

const cwd = workspace({ 'tiny.yaml': TINY, 't.csv': `${table}\n`, 'e.csv': `${table}\n` });
const runOf = (name: string) => join(cwd, 'runs', name);
const bestLoss = (name: string) => readRun(runOf(name)).epochs.findLast(({ best }) => best)!.eval_loss;
/** Few points: what is tested does not depend on how many. */
const look = async (names: readonly string[], options: LandscapeOptions = {}) =>
  (await landscape(names.map(runOf), { resolution: 3, ...options }))!;

async function made(name: string, overrides: readonly string[] = [], file = 'tiny.yaml'): Promise<void> {
  const resolved = loadConfig({ file: join(cwd, file), overrides });
  for await (const _ of train(resolved, { folder: runOf(name) }));
}

beforeAll(async () => {
  writeFileSync(
    join(cwd, 'line.yaml'),
    `epochs: 2
dataset: { type: csv, path: ${join(cwd, 't.csv')}, eval_path: ${join(cwd, 'e.csv')}, target: [price] }
loader: { batch_size: 16 }
model: [{ type: linear, out_features: 1 }]
loss: { type: mse }
optimizer: { type: sgd, lr: 0.05 }
`,
  );
  await made('line', [], 'line.yaml');
  await made('a');
  await made('b', ['optimizer.lr=0.01']);
  await made('c', ['optimizer.type=sgd', 'optimizer.lr=0.05', 'epochs=2']);
});

describe('the loss of a linear model', () => {
  it('is the quadratic that it is known to be, over the plane and around the run', async () => {
    const { state, trained } = openSubjects([runOf('line')], undefined, [])[0]!;
    const [weight, bias] = ['0.weight', '0.bias'].map((name) => state.get(name)![0]!) as [number, number];
    const [{ mean, std }] = trained.preprocessing.inputs as unknown as [{ mean: number; std: number }];
    const { target } = trained.preprocessing.spec as unknown as { target: { mean: number[]; std: number[] } };
    const targets = ROWS.map(([, price]) => (price - target.mean[0]!) / target.std[0]!);
    const inputs = ROWS.map(([size]) => (size - mean) / std);
    const lossAt = (t: number) =>
      inputs.reduce((sum, x, i) => sum + (weight * (1 + t) * x + bias - targets[i]!) ** 2, 0) / inputs.length;

    const found = await look(['line'], { resolution: 5, range: 0.5 });
    expect(found.runs[0]!.loss).toBe(bestLoss('line'));
    expectWithin(Math.abs(found.runs[0]!.loss / lossAt(0) - 1), 1e-5, 'the centre');
    // A filter of one weight: each random direction is that weight, forth or back. Which, the corners tell.
    const along = [-0.5, -0.25, 0, 0.25, 0.5];
    const errors = [1, -1].flatMap((s) =>
      [1, -1].map((r) =>
        Math.max(
          ...along.flatMap((y, row) =>
            along.map((x, column) => Math.abs(found.values[row * 5 + column]! / lossAt(s * x + r * y) - 1)),
          ),
        ),
      ),
    );
    expectWithin(Math.min(...errors), 1e-5, 'the plane');
    // Of a quadratic the rise is the same in every direction: distance² w² mean(x²).
    const square = inputs.reduce((sum, x) => sum + x * x, 0) / inputs.length;
    for (const { distance, mean: rise, std: spread } of found.runs[0]!.flatness.rises) {
      const expected = (distance * weight) ** 2 * square;
      expectWithin(Math.abs(rise - expected), 1e-5 * lossAt(0), `rise at ${distance}`);
      expectWithin(spread, 1e-5 * lossAt(0), `spread at ${distance}`);
    }
  });
});

describe('a plane', () => {
  it('has the run in its middle, with the loss that it recorded, to the last bit', async () => {
    const { values, runs, statistics, data } = await look(['a']);
    expect(runs[0]).toMatchObject({ at: [0, 0], off: 0, loss: bestLoss('a') });
    expect(values[4]).toBe(bestLoss('a'));
    expect(values.length).toBe(9);
    expect(statistics).toBe('fixed');
    expect(data.name).toBe('shapes');
  });

  it('is the same for the same seed, and so are the bytes of its files', async () => {
    const write = async (name: string, seed: number) => {
      const found = await look(['a'], { seed });
      const files = landscapeFiles([runOf('a')], join(cwd, name, 'x.html'), false);
      writeLandscape(found, files);
      return Object.values(files).map((file) => readFileSync(file));
    };
    const [first, again, other] = [await write('one', 3), await write('two', 3), await write('three', 4)];
    for (const [i, bytes] of first.entries()) {
      expect(bytes.equals(again[i]!)).toBe(true);
      expect(bytes.equals(other[i]!)).toBe(false);
    }
    expect(first[2]!.subarray(1, 4).toString()).toBe('PNG');
    expect(() => landscapeFiles([runOf('a')], join(cwd, 'one/x.html'), false)).toThrow(
      /x\.html and .* exist already/,
    );
  });

  it('has a key whose heights have as many digits each, zeros at the end too', async () => {
    const found = await look(['a']);
    const values = [2.0368, 2.037, 2.0434, 2.0512, 2.0603, 2.0699, 2.0777, 2.0848, 2.0903];
    const texts = [...landscapeSvg({ ...found, values }, null).matchAll(/<text x="732" [^>]+>([\d.]+)</g)];
    expect(texts.map(([, text]) => text)).toContain('2.0370');
    expect(new Set(texts.map(([, text]) => text!.length))).toEqual(new Set([6]));
    const small = landscapeSvg({ ...found, values: values.map((_, i) => 10 ** (i - 3)) }, null);
    for (const text of ['0.00100', '1.00', '10.0', '100', '10000'])
      expect(small).toContain(`>${text}</text>`);
  });

  it('goes through the runs that it is made of, each with its own loss and statistics', async () => {
    const { runs, shares, statistics, values } = await look(['a', 'b', 'c'], { resolution: 21 });
    expect(statistics).toBe('moving');
    expect(shares[0]! + shares[1]!).toBeCloseTo(1, 6);
    expect(runs.map(({ loss }) => loss)).toEqual(['a', 'b', 'c'].map(bestLoss));
    expect(runs.map(({ off }) => off)).toEqual([0, 0, 0]);
    expect(runs[0]!.at).toEqual([0, 0]);
    const lowest = Math.min(...values);
    expect(lowest).toBeLessThanOrEqual(Math.max(...runs.map(({ loss }) => loss)));
    const two = await look(['a', 'b']);
    expect(two.shares).toEqual([expect.closeTo(1, 9), null]);
    expect(two.runs[1]!.at[1]).toBeCloseTo(0, 6);
  });

  it('is that of the way of the run, trained once more to the same losses', async () => {
    const { path, runs, shares, plane } = await look(['a'], { plane: 'path' });
    expect(plane).toBe('path');
    expect(path).toMatchObject({ isExact: true, largestDifference: 0 });
    expect(path!.points.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
    expect(path!.points.slice(1).map(({ evalLoss }) => evalLoss)).toEqual(
      readRun(runOf('a')).epochs.map(({ eval_loss }) => eval_loss),
    );
    // The best epoch is where the run is.
    const best = readRun(runOf('a')).epochs.find(
      ({ best: is }, i, all) => is && !all.slice(i + 1).some((e) => e.best),
    )!;
    expect(path!.points[best.epoch]).toMatchObject({ at: runs[0]!.at, off: 0 });
    expect(shares[0]!).toBeGreaterThan(shares[1]!);
  });

  it('says where the losses that the run recorded on its way are of other samples', async () => {
    const found = await look(['a'], { plane: 'path', overrides: ['evaluation.limit=8'] });
    expect([found.samples, found.path!.recordedSamples]).toEqual([8, 20]);
    const note =
      'Those are of the 20 val samples that the run was evaluated on, the losses of the plane of 8 val samples: at one point they are two figures.';
    expect(notesOf(found)).toContain(note);
    expect(landscapePage(found, 'x')).toContain(
      '>recorded eval loss, of the 20 val samples that the run was evaluated on</th>',
    );
    const train = { ...found, part: 'train' as const, samples: 20 };
    expect(notesOf(train).join(' ')).toContain('of the plane of 20 train samples');
    const same = { ...found, samples: 20 };
    expect(notesOf(same).join(' ')).not.toContain('two figures');
    expect(landscapePage(same, 'x')).toContain('>recorded eval loss</th>');
  });
});

describe('flatness', () => {
  it('is kept with the run, read back by a schema, and forgotten when the weights are others', async () => {
    const found = (await flatness([runOf('b'), runOf('c')]))!;
    expect(found.map(({ name, loss }) => [name, loss])).toEqual([
      ['b', bestLoss('b')],
      ['c', bestLoss('c')],
    ]);
    expect(readFlatness(runOf('b'))).toEqual(found[0]!.flatness);
    expect(readFlatness(runOf('b'))!.rises.map(({ distance }) => distance)).toEqual([0.1, 0.25]);
    // Another look finds the same, and a run with it is still lossnet's own.
    const alone = await look(['b']);
    expect(alone.runs[0]!.flatness).toEqual(found[0]!.flatness);
    expect(isRun(runOf('b'))).toBe(true);

    const file = join(runOf('c'), 'flatness.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"weights_sha256": "./, '"weights_sha256": "x'));
    expect(readFlatness(runOf('c'))).toBeNull();
    writeFileSync(file, '{ "rises": 3 }');
    expect(() => readFlatness(runOf('c'))).toThrow(/flatness\.json is damaged: weights_file is missing/);
  });

  it('that came along with a picture replaces none of other weights or another seed', async () => {
    const rm = (name: string) => rmSync(join(runOf(name), 'flatness.json'), { recursive: true, force: true });
    rm('a');
    const notices: Notice[] = [];
    const options = { onProgress: (notice: Notice) => notices.push(notice), overrides: [] };
    const [own] = (await look(['a'])).runs;
    const [other] = (await look(['a'], { weights: 'last', seed: 9 })).runs;
    expect(readFlatness(runOf('a'))).toBeNull();
    const file = join(runOf('a'), 'flatness.json');
    expect(keepMeasured([own!], options, false)).toEqual([file]);
    expect(keepMeasured([other!], options, false)).toEqual([null]);
    expect(readFlatness(runOf('a'))).toEqual(own!.flatness);
    expect(notices).toEqual([
      {
        type: 'note',
        text: expect.stringMatching(
          /flatness\.json has it of best\.safetensors, seed 0, and this is of last\.safetensors, seed 9\. lossnet landscape .*a --flatness, with/,
        ),
      },
    ]);
    expect(keepMeasured([other!], options, true)).toEqual([file]);
    expect(readFlatness(runOf('a'))).toEqual(other!.flatness);
    // What is damaged is written anew; what cannot be written is told, and measured all the same.
    writeFileSync(file, '{');
    expect(keepMeasured([own!], options, false)).toEqual([file]);
    rm('a');
    mkdirSync(join(file, 'x'), { recursive: true });
    const [found] = (await flatness([runOf('a')], options))!;
    expect([found!.kept, found!.flatness]).toEqual([null, own!.flatness]);
    expect(notices.at(-1)).toMatchObject({ type: 'warning', text: expect.stringContaining(file) });
    rm('a');
  });

  it('is ranked in the report only where it is of the same weights and seed', async () => {
    const shown = ['b', 'c'].map((label) => ({ label, record: { path: runOf(label) } }) as ReportRun);
    await flatness(['b', 'c'].map(runOf));
    expect(flatnessColumns(shown)[0]).not.toHaveProperty('note');
    await flatness([runOf('c')], { weights: 'last', seed: 9 });
    expect(flatnessColumns(shown)[0]).toMatchObject({
      note: 'Loss rise is not compared: b with best weights, 10 directions of seed 0; c with last weights, 10 directions of seed 9. One lossnet landscape --flatness of all measures them alike.',
    });
  });

  it('of other samples than those of the run is not kept', async () => {
    rmSync(join(runOf('a'), 'flatness.json'), { force: true });
    const [own] = (await flatness([runOf('a')], { overrides: ['evaluation.limit=8'] }))!;
    expect(own!.flatness.samples).toBe(8);
    expect(readFlatness(runOf('a'))).toBeNull();
  });
});

describe('what cannot be', () => {
  const refused = async (names: readonly string[], options: LandscapeOptions = {}) =>
    await look(names, options).then(
      () => 'done',
      (error: Error) => error.message,
    );

  it('is refused by name', async () => {
    expect(await refused(['a', 'line'])).toMatch(
      /runs\/a and .*runs\/line have no common landscape: layer 0 is {"type":"conv2d".* in the one and {"type":"linear"/,
    );
    expect(await refused(['a', 'a'])).toMatch(/runs\/a is named twice/);
    expect(await refused(['a'], { resolution: 4 })).toMatch(/resolution is 4; expected an odd number/);
    expect(await refused(['a'], { plane: 'runs' })).toMatch(/A plane of runs needs two or more/);
    expect(await refused(['a', 'b'], { plane: 'path' })).toMatch(/that of one run; received 2 runs/);
    expect(await refused(['a'], { range: Number.NaN })).toMatch(/range is NaN/);
    expect(await refused(['nowhere'])).toMatch(/There is no folder .*nowhere/);
    expect(await refused(['a'], { overrides: ['epochs=3'] })).toMatch(
      /epochs=3: an evaluation does not look at that/,
    );
  });

  it('is a page in a folder that cannot be written to, before anything is measured', () => {
    const page = (file: string) => () => landscapeFiles([runOf('a')], join(cwd, file), false);
    expect(page('t.csv/x.html')).toThrow(/t\.csv/);
    expect(page('t.csv/y/x.html')).toThrow(/t\.csv/);
    expect(page('new/folder/x.html')).not.toThrow();
  });

  it('stops, having written nothing', async () => {
    const controller = new AbortController();
    const onBegin = () => controller.abort();
    expect(await landscape([runOf('a')], { resolution: 3, signal: controller.signal, onBegin })).toBeNull();
  });

  it('is a run whose data are gone, or others', async () => {
    writeFileSync(join(cwd, 'e.csv'), `${table}\n51,1\n`);
    expect(await refused(['line'])).toMatch(/are not those of the run/);
    rmSync(join(cwd, 'e.csv'));
    expect(await refused(['line'])).toMatch(/e\.csv/);
  });
});
