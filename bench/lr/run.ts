import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PATHS } from '../paths.js';
import { reached, trainAt } from './grid.js';
import { nameOf, pairs } from './pairs.js';
import { report } from './report.js';
import { suggested, suggestFor } from './suggest.js';

const USAGE = `Usage: npm run bench:lr -- [options]

Trains the pairs of docs/learning-rate.md on a grid of learning rates, asks lr-find for one with each seed, trains at it, and
writes bench/LR.md. What was done before is in bench/.campaigns, and is not done again. CIFAR-10 is looked for where
LOSSNET_DATA says.

  --seeds N      how many seeds (default 5)
  --models a,b   only these of shapes, cifar
  --only part    grid, or suggestions of what is in the grid already
  --help
`;

const log = (text: string) => process.stderr.write(`${text}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '5' },
      models: { type: 'string', default: 'shapes,cifar' },
      only: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const seeds = Number(values.seeds);
  if (!(Number.isInteger(seeds) && seeds > 0))
    throw new Error(`--seeds ${values.seeds}: not a number above 0`);
  if (!['', 'grid', 'suggestions'].includes(values.only))
    throw new Error(`--only ${values.only}: neither grid nor suggestions`);
  const models = values.models.split(',');
  const wrong = models.find((model) => pairs.every((pair) => pair.model !== model));
  if (wrong !== undefined) throw new Error(`--models: "${wrong}" is none of shapes, cifar`);
  const wanted = pairs.filter(({ model }) => models.includes(model));
  const [trained, asked] = [reached(), suggested()];
  if (values.only !== 'suggestions') {
    for (const pair of wanted) {
      for (const lr of pair.lrs) {
        const { accuracy } = await trainAt(pair, lr, 0, trained);
        log(`${nameOf(pair)} ${lr}: ${accuracy ?? 'diverged'}`);
      }
    }
  }
  for (let seed = 0; seed < seeds && values.only !== 'grid'; seed++) {
    for (const pair of wanted) {
      const { lr, computedLr, trials } = await suggestFor(pair, seed, asked);
      const run = lr === null ? null : await trainAt(pair, lr, seed, trained);
      const tried = trials.map(({ lr: at, status, steps }) => `${at} ${status} in ${steps}`).join(', ');
      log(`${nameOf(pair)} seed ${seed}: ${computedLr} -> ${lr}: ${run?.accuracy ?? 'none'} (${tried})`);
    }
  }
  writeFileSync(join(PATHS.bench, 'LR.md'), report(reached(), suggested(), seeds));
  log('written to bench/LR.md');
}

try {
  await main();
} catch (error) {
  log((error as Error).message);
  process.exitCode = 1;
}
