import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { measureCommandLine } from './command-line.js';
import { describeMachine } from './machine.js';
import { measure } from './measure.js';
import { type Options, readOptions, USAGE } from './options.js';
import { PATHS } from './paths.js';
import { type Peer, REFERENCE } from './peers.js';
import { plot } from './plot.js';
import { report } from './report.js';
import { type Cell, keepResults, type Results, readResults } from './results.js';
import { writeSamples } from './samples.js';
import { settingsFor, titleOf } from './settings.js';

/** Measures lossnet beside its peers, and writes RESULTS.md, and results/ with figures and plot of this kind of CPU. */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(USAGE);
    return;
  }
  const found = await measureAll(options);
  const folder = options.quick ? PATHS.quick : PATHS.bench;
  const kept = join(folder, 'results');
  const { kind, results } = keepResults(kept, found);
  writeFileSync(join(kept, `${kind}.svg`), plot(results));
  const all = readResults(kept);
  writeFileSync(join(folder, 'RESULTS.md'), report(all));
  process.stdout.write(report(all.filter((each) => each.kind === kind)));
  log(`written to ${folder}`);
}

async function measureAll(options: Options): Promise<Results> {
  const { quick, rounds, models, batches, peers, commandLine } = options;
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
  const settings = settingsFor(models, batches, quick);
  const cells: Cell[] = [];
  let versions: Record<string, string> = {};
  const samples = mkdtempSync(join(os.tmpdir(), 'lossnet-bench-'));
  try {
    writeSamples(samples, settings);
    for (const setting of settings) {
      log(titleOf(setting));
      const those = available.filter((peer) => peer.suits(setting));
      const measured = await measure({ setting, peers: those, rounds, samples, machine, log });
      cells.push(measured.cell);
      versions = { ...versions, ...measured.versions };
      for (const [name, reason] of Object.entries(measured.failed)) {
        skipped[name] = [skipped[name], `${titleOf(setting)}: ${reason}`].filter(Boolean).join('; ');
      }
    }
  } finally {
    rmSync(samples, { recursive: true, force: true });
  }
  return {
    ...{ date: new Date().toISOString(), quick, machine, versions, skipped, cells },
    titles: Object.fromEntries(peers.map(({ name, title }) => [name, title])),
    commandLine: commandLine ? await program(peers, rounds, quick) : null,
  };
}

function program(peers: readonly Peer[], rounds: number, quick: boolean) {
  log('the program');
  return measureCommandLine(peers.find(({ name }) => name === REFERENCE)!, rounds, quick);
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
