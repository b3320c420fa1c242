import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../machine.js';
import { PATHS } from '../paths.js';
import { CORES, measureModel } from './measure-model.js';
import { type ModelResults, modelReport } from './model-report.js';
import { plotRanks } from './plot.js';
import { type RanksResults, ranksReport } from './ranks-report.js';
import { measureRanks, RANKS, settings } from './two-ranks.js';

const USAGE = `Usage: npm run bench:parallel -- [options]

  --quick      few steps, to see that it works; the results go to bench/.quick
  --rounds N   how often each is measured, taking turns (default 5, quick 1)
  --model      instead, what a step would take on more machines: a model, fitted here and held against 2 and 4 ranks on a
               network of namespaces that token buckets slow down; takes root. What was measured before for the same
               src/train is in bench/.campaigns, and is not measured again
  --page       measures nothing: writes the page and the plot anew from what was measured before
  --help

Two ranks of one core each against one process with two cores, one process with one core, and PyTorch's
DistributedDataParallel over gloo with two ranks of one thread each (BENCH_PYTHON names a Python that has it).
Run it on a machine that does nothing else. Both write their part of bench/PARALLEL.md.
`;

const log = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      model: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const { quick, model, page } = values;
  if (model && (quick || values.rounds !== undefined))
    throw new Error('--model measures each once: leave out --quick and --rounds');
  const rounds = Number(values.rounds ?? (quick ? 1 : 5));
  if (!(Number.isInteger(rounds) && rounds > 0))
    throw new Error(`--rounds ${values.rounds}: not a number above 0`);
  const target = quick ? PATHS.quick : PATHS.bench;
  mkdirSync(target, { recursive: true });
  if (!page) await measure(target, { rounds, quick, model });
  writePage(target);
}

async function measure(
  target: string,
  { rounds, quick, model }: { rounds: number; quick: boolean; model: boolean },
): Promise<void> {
  const machine = describeMachine();
  const least = model ? CORES : RANKS;
  if (machine.cores < least)
    throw new Error(`ranks of one core each need ${least} cores, and this machine has ${machine.cores}`);
  const folder = mkdtempSync(join(os.tmpdir(), 'lossnet-ranks-'));
  try {
    if (model) {
      const results: ModelResults = { machine, ...(await measureModel(folder, log)) };
      write(join(target, 'parallel-model.json'), results);
    } else {
      const results = [];
      for (const setting of settings(quick)) results.push(await measureRanks(setting, rounds, folder, log));
      write(join(target, 'parallel.json'), { machine, rounds, results } satisfies RanksResults);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each part of the page as far as it was measured. */
function writePage(target: string): void {
  const ranks = read<RanksResults>(join(target, 'parallel.json'));
  const model = read<ModelResults>(join(target, 'parallel-model.json'));
  if (ranks !== null) writeFileSync(join(target, 'parallel.svg'), plotRanks(ranks.results));
  const text = [ranks && ranksReport(ranks), model && modelReport(model)].filter(Boolean).join('\n');
  process.stdout.write(text);
  writeFileSync(join(target, 'PARALLEL.md'), text);
}

function write(file: string, results: object): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** What was measured; null: nothing yet. */
function read<T>(file: string): T | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : null;
}

// So that what is to be taken down at the end is: a signal alone would end the process without.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await main();
