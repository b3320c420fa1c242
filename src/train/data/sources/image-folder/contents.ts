import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LossnetError } from '../../../../base/errors.js';
import { writeFileAtomically } from '../../../../base/files.js';
import { inParallel } from '../../../../base/parallel.js';
import { lanes } from './decode.js';
import { BadPicture, readPicture, stateOfFile } from './file.js';
import type { Progress } from './progress.js';

/** What a file holds: the SHA-256 of it; or what is wrong with it. */
export type Content = { readonly hash: string } | { readonly problem: string };

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
 * @param progress told how far it is, and what stops it
 * @returns what each of them holds
 */
export async function contentsOf(
  paths: readonly string[],
  index: string | null,
  progress: Progress,
): Promise<Content[]> {
  const known = index === null ? (new Map() as Known) : readIndex(index);
  const next: Known = new Map();
  const contents = new Array<Content>(paths.length);
  const started = Date.now();
  let [done, news] = [0, 0];
  await inParallel(
    paths,
    2 * lanes(),
    async (path, at) => {
      try {
        const { key, changed } = await stateOfFile(path);
        const [state, before] = known.get(path) ?? [];
        const hash = state === key ? before! : (await readPicture(path)).hash;
        if (state !== key) news += 1;
        if (started - changed > SETTLED_MILLISECONDS) next.set(path, [key, hash]);
        contents[at] = { hash };
      } catch (error) {
        if (!(error instanceof BadPicture)) throw error;
        contents[at] = { problem: error.message };
      }
      progress.report('Reading', ++done, paths.length);
    },
    progress.signal,
  );
  const isNew = next.size !== known.size || (news > 0 && next.size > 0);
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
