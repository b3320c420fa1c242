import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { generateShapes } from '../src/train/data/sources/shapes/draw.js';
import { measureCommandLine } from './command-line.js';
import { describeMachine } from './machine.js';
import { measure } from './measure.js';
import { type Options, readOptions, USAGE } from './options.js';
import { PATHS } from './paths.js';
import { type Peer, REFERENCE } from './peers.js';
import { plot } from './plot.js';
import { report } from './report.js';
import type { Cell, Results } from './results.js';
import { settingsFor, titleOf } from './settings.js';

/** Measures lossnet beside its peers, and writes RESULTS.md, results.json and results.svg. */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(USAGE);
    return;
  }
  const results = await measureAll(options);
  const folder = options.quick ? PATHS.quick : PATHS.bench;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, 'results.svg'), plot(results));
  writeFileSync(join(folder, 'RESULTS.md'), report(results));
  process.stdout.write(report(results));
  log(`written to ${folder}`);
}

async function measureAll({ quick, rounds, batches, peers, commandLine }: Options): Promise<Results> {
  const machine = describeMachine();
  if (machine.loadBefore > machine.cores / 4) {
    log(`The machine is busy (load average ${machine.loadBefore.toFixed(2)}): the times will be too long.`);
  }
  const skipped: Record<string, string> = {};
  const available = peers.filter(({ name, title, unavailable }) => {
    const reason = unavailable();
    if (reason === null) return true;
    skipped[name] = reason;
    log(`${title} is not measured: ${reason}`);
    return false;
  });
  const settings = settingsFor(batches, quick);
  const cells: Cell[] = [];
  let versions: Record<string, string> = {};
  const temporary = mkdtempSync(join(os.tmpdir(), 'lossnet-bench-'));
  try {
    const images = join(temporary, 'images.bin');
    writeImages(images, Math.max(...settings.map(({ batch, steps }) => batch * steps)));
    for (const setting of settings) {
      log(titleOf(setting));
      const measured = await measure({ setting, peers: available, rounds, images, log });
      cells.push(measured.cell);
      versions = { ...versions, ...measured.versions };
      for (const [name, reason] of Object.entries(measured.failed)) {
        skipped[name] = [skipped[name], `${titleOf(setting)}: ${reason}`].filter(Boolean).join('; ');
      }
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return {
    ...{ date: new Date().toISOString(), quick, rounds, machine, versions, skipped, cells },
    titles: Object.fromEntries(peers.map(({ name, title }) => [name, title])),
    commandLine: commandLine ? await program(peers, rounds, quick) : null,
  };
}

function program(peers: readonly Peer[], rounds: number, quick: boolean) {
  log('the program');
  return measureCommandLine(peers.find(({ name }) => name === REFERENCE)!, rounds, quick);
}

/** The images that lossnet's own workers make, for those who cannot: a byte of class, then the pixels. */
function writeImages(file: string, records: number): void {
  const { inputs, targets } = generateShapes({ seed: 0, split: 'train', size: records });
  const pixels = inputs.length / records;
  const bytes = new Uint8Array(inputs.length + records);
  for (let i = 0; i < records; i++) {
    bytes[i * (pixels + 1)] = targets[i]!;
    bytes.set(inputs.subarray(i * pixels, (i + 1) * pixels), i * (pixels + 1) + 1);
  }
  writeFileSync(file, bytes);
}

function log(message: string): void {
  process.stderr.write(`${message}\n`);
}

try {
  await main();
} catch (error) {
  log((error as Error).message);
  process.exitCode = 1;
}
