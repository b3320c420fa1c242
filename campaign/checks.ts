import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors, loadConfig, readRun } from './built.js';
import { contentsOf } from './files.js';
import { type Failure, failed } from './trial.js';

/** What differs from run to run by its nature. */
const OF_THE_MOMENT = new Set([
  'wall_seconds',
  'samples_per_second',
  'images_per_second',
  'resumed_at_step',
  'train_seconds',
  'eval_seconds',
]);

/**
 * Holds a run's folder against that of a training that nothing disturbed.
 *
 * @param folder the run's
 * @param files what it should be
 * @param story how it came about
 */
export function checkSame(folder: string, files: ReadonlyMap<string, Buffer>, story: string): Failure[] {
  const now = contentsOf(folder);
  const failures: Failure[] = [];
  for (const path of new Set([...files.keys(), ...now.keys()])) {
    const [wanted, found] = [files.get(path), now.get(path)];
    if (wanted === undefined) failures.push(...failed(`${generic(path)} is left in the run's folder`, story));
    else if (found === undefined) failures.push(...failed(`${path} is missing after all`, story));
    else if (!comparable(path, wanted).equals(comparable(path, found)))
      failures.push(
        ...failed(
          `${path} is not that of an undisturbed run`,
          `${story}\n${firstDifference(path, wanted, found)}`,
        ),
      );
  }
  return failures;
}

function comparable(path: string, bytes: Buffer): Buffer {
  if (!/^(summary\.json|timings\.jsonl)$/.test(path)) return bytes;
  const lines = path.endsWith('l') ? bytes.toString().trimEnd().split('\n') : [bytes.toString()];
  const reduced = lines.map((line) =>
    JSON.stringify(JSON.parse(line), (key, value: unknown) => (OF_THE_MOMENT.has(key) ? undefined : value)),
  );
  return Buffer.from(reduced.join('\n'));
}

function firstDifference(path: string, wanted: Buffer, found: Buffer): string {
  if (!/\.(jsonl?|yaml)$/.test(path)) return `${wanted.length} bytes, and ${found.length} now`;
  const [old, now] = [wanted, found].map((bytes) => comparable(path, bytes).toString().split('\n'));
  const line = old!.findIndex((text, i) => text !== now![i]);
  const at = line < 0 ? old!.length : line;
  return `line ${at + 1}, wanted: ${old![at]?.slice(0, 300)}\nfound: ${now![at]?.slice(0, 300)}`;
}

/** A name without what is different each time. */
export const generic = (path: string): string => path.replace(/[0-9a-f]{8}(-[0-9a-f-]+)?|\d+/g, '…');

/**
 * What must hold of a run at any moment: each file is whole or not there, and the program can read what there is.
 *
 * @param folder of the run
 * @param story how it came about
 */
export function checkWhole(folder: string, story: string): Failure[] {
  const failures: Failure[] = [];
  const attempt = (what: string, read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      failures.push(
        ...failed(`${what} cannot be read, in the run as it was left`, `${story}\n${(error as Error).stack}`),
      );
    }
  };
  const checkpoints = join(folder, 'checkpoints');
  const names = existsSync(checkpoints) ? readdirSync(checkpoints) : [];
  for (const name of names.filter((each) => each.endsWith('.safetensors') && !each.startsWith('.')))
    attempt(name, () => decodeSafetensors(readFileSync(join(checkpoints, name)), name));
  const config = join(folder, 'config.yaml');
  if (!existsSync(config)) return failures;
  attempt('config.yaml', () => loadConfig({ file: config }));
  attempt('the run', () => readRun(folder));
  return failures;
}

/** How far a run has come that is saved; -1 when nothing is. */
export function savedStep(folder: string): number {
  const file = join(folder, 'checkpoints/resume.safetensors');
  if (!existsSync(file)) return -1;
  const { lossnet = '{}' } = decodeSafetensors(readFileSync(file), file).metadata;
  return (JSON.parse(lossnet) as { progress: { step: number } }).progress.step;
}
