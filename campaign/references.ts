import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Call, callsIn } from './calls.js';
import { contentsOf } from './files.js';
import { describe } from './judge.js';
import { runProgram } from './program.js';
import type { Scenario } from './scenarios.js';

/** The name of every run of a trial, and its folder. */
export const RUN = 'x';
export const RUN_FOLDER = `runs/${RUN}`;

/** A training that nothing disturbed. */
export interface Reference {
  readonly scenario: Scenario;
  readonly code: number;
  /** The files of its run. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** Calls of the file system that it made. */
  readonly calls: readonly Call[];
}

const made = new Map<string, Reference>();

/** Trains without a disturbance; once in each lane. @throws Error when that fails */
export async function referenceOf(scenario: Scenario, shared: string): Promise<Reference> {
  const known = made.get(scenario.name);
  if (known) return known;
  const cwd = join(shared, scenario.name);
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, 'x.yaml'), scenario.yaml);
  const record = join(cwd, 'calls');
  const outcome = await runProgram(['train', 'x.yaml', '-q', '-n', RUN], { cwd, faults: { record } });
  const isRight = outcome.code === 0 || (outcome.code === 3 && scenario.name === 'diverges');
  if (!isRight) throw new Error(`the reference fails: ${describe(outcome)}`);
  const reference = {
    scenario,
    code: outcome.code,
    files: contentsOf(join(cwd, RUN_FOLDER)),
    seconds: outcome.seconds,
    calls: callsIn(record),
  };
  made.set(scenario.name, reference);
  return reference;
}

/** Puts the files of a reference into a folder. */
export function layOut(files: ReadonlyMap<string, Buffer>, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, bytes] of files) {
    const target = join(folder, path);
    if (path.endsWith('/')) mkdirSync(target, { recursive: true });
    else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, bytes);
    }
  }
}
