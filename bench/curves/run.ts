import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PATHS } from '../paths.js';
import { families } from './families.js';
import { curvesOf, type LabelledCurve } from './fixture.js';
import { label } from './label.js';
import { record, recordings } from './record.js';
import { type Before, report } from './report.js';

const USAGE = `Usage: npm run bench:curves

Trains the families of curves that the diagnosis is judged by, which takes some minutes of one core, labels them, and writes
test/fixtures/labelled_curves.json.gz and bench/DIAGNOSIS.md. What was trained before is in bench/.campaigns, and is not trained
again.
`;

const log = (text: string) => process.stderr.write(`${text}\n`);

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(USAGE);
    return;
  }
  await record(log);
  const known = recordings();
  const curves: LabelledCurve[] = [];
  let unclear = 0;
  for (const family of families()) {
    const runs = family.lrs.map((lr) => known.get(`${family.name} ${lr}`)!);
    const of = curvesOf(family, label(runs, family.lrs, family.epochs));
    curves.push(...of.curves);
    unclear += of.unclear;
  }
  const json = JSON.stringify(curves);
  writeFileSync(join(PATHS.fixtures, 'labelled_curves.json.gz'), gzipSync(json, { level: 9 }));
  const before = JSON.parse(readFileSync(join(PATHS.bench, 'curves', 'before.json'), 'utf8')) as Before;
  writeFileSync(join(PATHS.bench, 'DIAGNOSIS.md'), report(curves, unclear, before));
  log(`${curves.length} curves, ${unclear} unclear; written to test/fixtures and bench/DIAGNOSIS.md`);
}

try {
  await main();
} catch (error) {
  log((error as Error).message);
  process.exitCode = 1;
}
