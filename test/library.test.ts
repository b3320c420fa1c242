import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, ROOT, readPage } from './helpers/pages.js';

/** An empty TypeScript project, into which the package was installed as it is published, with what it depends on and no more. */
const project = mkdtempSync(join(tmpdir(), 'lossnet-library-'));

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'build/pack.mjs'), project]);
  const filename = readdirSync(project).find((name) => name.endsWith('.tgz'))!;
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'lossnet'), { recursive: true });
  execFileSync('tar', [
    '-xzf',
    join(project, filename),
    '-C',
    join(modules, 'lossnet'),
    '--strip-components=1',
  ]);
  const { dependencies } = installedManifest();
  // What these depend on themselves lies beside them, where the links lead.
  for (const name of Object.keys(dependencies)) {
    mkdirSync(join(modules, name, '..'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
});

function installedManifest(): { dependencies: Record<string, string>; scripts?: object } {
  return JSON.parse(readFileSync(join(project, 'node_modules/lossnet/package.json'), 'utf8'));
}

/** Compiles a program strictly, runs it, and returns all that it wrote. */
function run(name: string, program: string): { readonly stdout: string; readonly stderr: string } {
  writeFileSync(join(project, `${name}.ts`), program);
  // lossnet's own types are checked too: not every project skips that.
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2023,dom'];
  // Without a configuration of its own, and without the types of Node.
  const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, '--types', '', `${name}.ts`];
  const compiled = spawnSync(process.execPath, tsc, { cwd: project, encoding: 'utf8' });
  expect(compiled.stdout).toBe('');
  const { stdout, stderr, status } = spawnSync(process.execPath, [`${name}.js`], {
    cwd: project,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return { stdout, stderr };
}

const CONFIG = `{
  name: 'tiny',
  epochs: 2,
  dataset: { type: 'shapes', train_size: 60, eval_size: 20 },
  loader: { batch_size: 16 },
  model: [{ type: 'flatten' }, { type: 'linear', out_features: 10 }],
  optimizer: { type: 'sgd', lr: 0.01 },
}`;

describe('the library, from the packed package in an empty TypeScript project', () => {
  const [first = '', own = ''] = blocksOf(readPage('docs/library.md'))
    .filter(({ language }) => language === 'ts')
    .map(({ body }) => body);

  it('needs what is native and zod, whose types its own name: all else is in it', () => {
    const { dependencies, scripts } = installedManifest();
    expect([Object.keys(dependencies).sort(), scripts]).toEqual([
      ['@resvg/resvg-js', 'sharp', 'zod'],
      undefined,
    ]);
    const notices = readFileSync(
      join(project, 'node_modules/lossnet/dist/program/THIRD_PARTY_NOTICES.txt'),
      'utf8',
    );
    for (const name of ['@tensorflow/tfjs-node', 'commander', 'echarts', 'yaml', 'zod'])
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
  });

  it('trains as docs/library.md shows first', () => {
    const { stdout } = run('first', first);
    expect(stdout).toMatch(/^epoch 1: \d+\.\d\d\nepoch 2: \d+\.\d\d\ndone, in runs\/first\n$/);
    expect(readdirSync(join(project, 'runs/first')).sort()).toEqual([
      'checkpoints',
      'config.yaml',
      'metrics.jsonl',
      'sources.json',
      'summary.json',
      'timings.jsonl',
    ]);
  });

  it('finds runs, shows them and holds them against each other', () => {
    const { stdout } = run(
      'find',
      `import { diffRuns, doctor, listRuns, planRemoval, showRun } from 'lossnet';
      for (const { path, status } of listRuns(['runs'], { where: ['optimizer.type=sgd', 'epoch=2'] })) console.log(path, status);
      const { model, resolved, checkpoints } = showRun('runs/first');
      console.log(model?.multiplyAdds, resolved.origins.get('seed')?.kind, checkpoints.length);
      console.log(diffRuns('runs/first', 'runs/first').config.length, planRemoval(['runs/first']).runs.length);
      for await (const { name, level } of doctor({ signal: AbortSignal.abort() })) if (name === 'lossnet') console.log(name, level);`,
    );
    expect(stdout).toBe('runs/first done\n30720 default 3\n0 1\nlossnet ok\n');
  });

  it('trains on data of ones own as docs/library.md shows, records what they are, and can be read without them', () => {
    expect(run('own', own).stdout).toBe('1\n');
    const config = readFileSync(join(project, 'runs/light/config.yaml'), 'utf8');
    expect(config).toContain('type: custom');
    const { stdout } = run(
      'read',
      `import { exportModel, loadConfig, readRun, report } from 'lossnet';
      const record = readRun('runs/light');
      console.log(record.start?.train.name, record.start?.train.source, record.epochs.length);
      console.log((await report(['runs/light'])).html, (await exportModel('runs/light'))?.input.shape.join(' '));
      try {
        loadConfig({ file: 'runs/light/config.yaml' });
      } catch (error) {
        console.log((error as Error).message);
      }`,
    );
    expect(stdout).toContain('light memory 3\nruns/light/report.html 1 4 4 1\n');
    expect(stdout).toContain('light was given by a program, and cannot be had from a file');
    expect(existsSync(join(project, 'runs/light/savedmodel/saved_model.pb'))).toBe(true);
  });

  it('compares, finds learning rates and tries a step, and tells all through callbacks', () => {
    writeFileSync(join(project, 'tiny.yaml'), CONFIG);
    const { stdout } = run(
      'all',
      `import { compare, dryRun, explain, explainLoss, findLr, loadConfig, noticeLines, type CompareEvent } from 'lossnet';
      const config = loadConfig({ config: ${CONFIG}, overrides: ['epochs=1'] });
      const tried = await dryRun(config);
      console.log(tried?.diverged, tried?.plan.model.parameterCount);
      const found = await findLr(config, { steps: 20, optimizers: ['sgd', 'adam'] });
      console.log(found?.results.map(({ name, points }) => name + ' ' + points.length).join(', '));
      const step = await explain(config, { step: 2, parameter: '1.bias' });
      console.log(step?.step.number, step?.update.lines.at(-1)?.formula, (await explainLoss('l1')).curves.length);
      const seen = new Set<CompareEvent['type']>();
      const compared = await compare(['sgd', 'adam', 'epochs=1'], {
        config: 'tiny.yaml',
        expect: ['eval_accuracy>=0'],
        onEvent: ({ type }) => seen.add(type),
        onProgress: (notice) => console.log(noticeLines(notice).join(' ')),
      });
      console.log([...seen].sort().join(' '));
      console.log(compared?.comparison?.ranking.variants.map(({ name }) => name).sort().join(' '));
      console.log(compared?.comparison?.gates.every(({ passed }) => passed));`,
    );
    expect(stdout.split('\n')).toEqual([
      'false 30730',
      expect.stringMatching(/^sgd \d+, adam \d+$/),
      '2 p - lr * g 4',
      'compared planned report run_begin run_end run_event trained training',
      'adam sgd',
      'true',
      '',
    ]);
  });

  it('stops by a signal, saved, and goes on to the same weights', () => {
    const { stdout } = run(
      'stop',
      `import { loadConfig, readRun, train } from 'lossnet';
      const config = loadConfig({ config: ${CONFIG} });
      const controller = new AbortController();
      for await (const event of train(config, { folder: 'runs/stopped', signal: controller.signal })) {
        if (event.type === 'step' && event.step === 6) controller.abort();
        if (event.type === 'result') console.log(event.summary.end.status, event.summary.end.step);
      }
      for await (const event of train(config, { folder: 'runs/stopped', mode: 'resume' })) {
        if (event.type === 'prepared') console.log('resumed after', event.done.steps);
        if (event.type === 'result') console.log(event.summary.end.status, event.summary.end.step);
      }
      for await (const _ of train(config, { folder: 'runs/whole' })) continue;
      const [a, b] = [readRun('runs/stopped'), readRun('runs/whole')];
      console.log(JSON.stringify(a.epochs) === JSON.stringify(b.epochs));`,
    );
    expect(stdout).toBe('interrupted 6\nresumed after 6\ndone 8\ntrue\n');
  });

  it('throws what the user of a program can act on', () => {
    const { stdout } = run(
      'wrong',
      `import {
        compare, ConfigError, exportModel, findLr, fromArrays, loadConfig, LossnetError, train, UsageError,
      } from 'lossnet';
      const wrong: any = { ...${CONFIG}, optimzer: 1, epochs: 0 };
      try {
        loadConfig({ config: wrong });
      } catch (error) {
        if (error instanceof ConfigError) console.log(error.problems.map(({ path }) => path).sort().join(' '));
      }
      try {
        const none = { inputs: new Uint8Array(3), targets: new Uint8Array(1) };
        fromArrays({ name: 'odd', shape: [1, 2, 2], classes: ['a'], train: none, eval: none });
      } catch (error) {
        if (error instanceof LossnetError) console.log(error.message);
      }
      const config = loadConfig({ config: ${CONFIG} });
      const attempts = [
        async () => { for await (const _ of train(config, { mode: 'resume' })) continue; },
        async () => await findLr(config, { steps: 2.5 }),
        async () => await findLr(config, { min: 1, max: 0.1 }),
        async () => await compare(['sgd', 'adam'], { seeds: Number.NaN }),
        async () => await exportModel('nowhere', { batchSize: 0 }),
        async () => await exportModel('nowhere'),
        async () => void loadConfig({ config: { ...wrong, seed: () => 1 } }),
        async () => void config.with({ seed: 1n }),
      ];
      for (const attempt of attempts) {
        try {
          await attempt();
        } catch (error) {
          if (error instanceof UsageError) console.log(error.code, error.message);
        }
      }`,
    );
    expect(stdout.trimEnd().split('\n')).toEqual([
      'epochs optimzer',
      'odd: 1 train samples of 1 x 2 x 2 have 4 bytes; received 3.',
      'LOSSNET_RUN_MISSING There is no run to resume in runs/tiny.',
      'LOSSNET_USAGE steps is 2.5; expected a whole number from 10 to 1000000.',
      'LOSSNET_USAGE A learning rate cannot grow from 1 to 0.1.',
      'LOSSNET_USAGE seeds is NaN; expected a whole number from 1 to 1000000.',
      'LOSSNET_USAGE batchSize is 0; expected a whole number from 1 to 65536.',
      'LOSSNET_RUN_MISSING There is no folder nowhere.',
      'LOSSNET_USAGE The configuration holds what no file could: Tag not resolved for Function value',
      'LOSSNET_USAGE The configuration holds what no file could: Do not know how to serialize a BigInt',
    ]);
  });
});

it('is told to be installed again where a part of it is missing, and not to remove what is whole', () => {
  const part = join(project, 'node_modules/lossnet/dist/tfjs-node/tfjs-node.cjs');
  rmSync(part);
  const args = ['node_modules/lossnet/bin/lossnet.js', 'train', 'tiny.yaml', '--dry-run'];
  writeFileSync(join(project, 'tiny.yaml'), CONFIG);
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  expect([status, stderr]).toEqual([
    1,
    `error: lossnet is not whole: ${realpathSync(join(part, '..'))}/tfjs-node.cjs is missing or empty.\n  Install it again; in a clone: npm run build\n`,
  ]);
});

it('what is below the command line writes to no stream, ends no process and hears no signals, but for the worker', () => {
  const files = ['src/runs', 'src/config', 'src/train'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  const touching = files.filter((file) =>
    /(?<![#\w])process\.(on|once|exit|exitCode|kill|stdout|stderr|stdin)\b|console\./.test(
      readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, ''),
    ),
  );
  // The native library is compiled by child processes, which must not stay behind; docs/library.md says so. What a process has in
  // use of the cache of pictures is given back when it ends. A model card has a program in it, which prints.
  const known = [
    'src/train/backend/native/',
    'src/train/data/sources/image-folder/cache.ts',
    'src/runs/export/card/node.ts',
  ];
  expect(touching.filter((file) => !known.some((path) => file.startsWith(path)))).toEqual([
    'src/runs/compare/execute/worker.ts',
  ]);
});
