import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LossnetError } from '../../../../base/errors.js';
import { writeFileAtomically } from '../../../../base/files.js';
import { inParallel } from '../../../../base/parallel.js';
import { lanes } from './decode.js';
import { type Content, contentOf, orProblem, stateOfFile } from './file.js';
import type { Progress } from './progress.js';
import { ENOUGH, type PictureThreads } from './threads.js';

const MAGIC = 'lossnet contents 1';
/** A file may change twice in one tick of a clock: only what has been as it is for so long is known by its state. */
const SETTLED_MILLISECONDS = 2_000;

/** Of a path the state that its content was read in, and the content. */
type Known = Map<string, readonly [state: string, hash: string]>;

/**
 * Finds out what files hold. What has not changed since it was read last is not read again.
 *
 * @param paths of the files
 * @param index the file that remembers their contents; null: nothing does
 * @param threads that read them, where they are many
 * @param progress told how far it is, and what stops it
 * @returns what each of them holds
 */
export async function contentsOf(
  paths: readonly string[],
  index: string | null,
  threads: PictureThreads,
  progress: Progress,
): Promise<Content[]> {
  const known = index === null ? (new Map() as Known) : readIndex(index);
  const contents = new Array<Content>(paths.length);
  const started = Date.now();
  const unread: number[] = [];
  let done = 0;
  const take = (at: number, content: Content): void => {
    contents[at] = content;
    progress.report('Reading', ++done, paths.length);
  };
  const look = async (path: string, at: number): Promise<void> => {
    const [before, hash] = known.get(path) ?? [];
    const state = before === undefined ? null : await orProblem(() => stateOfFile(path));
    if (state !== null && 'problem' in state) take(at, state);
    else if (state !== null && state.key === before) take(at, { hash: hash!, state });
    else unread.push(at);
  };
  await inParallel(paths, 2 * lanes(), look, progress.signal);

  const own = unread.map((at) => paths[at]!);
  const takeRead = (i: number, content: Content) => take(unread[i]!, content);
  if (own.length >= ENOUGH) await threads.read(own, takeRead, progress.signal);
  else {
    const read = async (path: string, i: number) => takeRead(i, await contentOf(path));
    await inParallel(own, 2 * lanes(), read, progress.signal);
  }

  const next: Known = new Map();
  for (const [at, content] of contents.entries()) {
    if ('problem' in content || started - content.state.changed <= SETTLED_MILLISECONDS) continue;
    next.set(paths[at]!, [content.state.key, content.hash]);
  }
  const isNew = next.size !== known.size || [...next].some(([path, [key]]) => known.get(path)?.[0] !== key);
  if (index !== null && isNew) writeIndex(index, next);
  return contents;
}

/** What is damaged, or of another version, knows nothing: all is read again. */
function readIndex(file: string): Known {
  const known: Known = new Map();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return known;
  }
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  if (end < 0 || text.slice(0, end) !== headOf(body)) return known;
  for (const line of body.split('\n').slice(0, -1)) {
    const [path, state, hash] = JSON.parse(line) as [string, string, string];
    known.set(path, [state, hash]);
  }
  return known;
}

function writeIndex(file: string, known: Known): void {
  const body = [...known].map(([path, entry]) => `${JSON.stringify([path, ...entry])}\n`).join('');
  try {
    writeFileAtomically(file, `${headOf(body)}\n${body}`);
  } catch (error) {
    // It saves time alone; a disk that is full or read-only is told of where the pictures are to be kept.
    if (!(error instanceof LossnetError)) throw error;
  }
}

const headOf = (body: string) => `${MAGIC} ${createHash('sha256').update(body).digest('hex')}`;
