import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf } from './files.js';
import { describe } from './judge.js';
import { runMain } from './program.js';
import { RUN, RUN_FOLDER } from './references.js';
import type { Scenario } from './scenarios.js';

/** In the middle of the second epoch of each scenario. */
const STEPS = 11;

const made = new Map<string, ReadonlyMap<string, Buffer>>();

/** The files of a run that was interrupted in the middle. Made once in each lane. */
export async function interrupted(
  { name, yaml }: Scenario,
  shared: string,
): Promise<ReadonlyMap<string, Buffer>> {
  const known = made.get(name);
  if (known) return known;
  const before = process.cwd();
  const folder = join(shared, `interrupted-${name}`);
  mkdirSync(folder, { recursive: true });
  process.chdir(folder);
  try {
    writeFileSync('x.yaml', yaml);
    let isAsked = false;
    const outcome = await runMain(['train', 'x.yaml', '-n', RUN, '--json'], {}, (stdout) => {
      if (isAsked || stdout.split('{"type":"step"').length <= STEPS) return;
      isAsked = true;
      process.emit('SIGTERM', 'SIGTERM');
    });
    if (outcome.code !== 143) throw new Error(`it was not interrupted: ${describe(outcome)}`);
    const files = contentsOf(RUN_FOLDER);
    made.set(name, files);
    return files;
  } finally {
    process.chdir(before);
  }
}
