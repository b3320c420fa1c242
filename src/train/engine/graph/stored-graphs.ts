import { createHash } from 'node:crypto';
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../../base/cache-folder.js';
import { LossnetError } from '../../../base/errors.js';
import { makeFolder, removeQuietly, writeFileAtomically } from '../../../base/files.js';
import { WrongValue } from '../../../base/guards.js';
import { BUILD } from '../../../base/package.js';
import { exists, readBytes } from '../../../base/read.js';
import { sessions } from '../../backend/sessions.js';
import { tensorflowVersions } from '../../backend/tensorflow.js';
import { currentThreads } from '../threads.js';
import { groupedConvolutionsHere } from './grouped-convolutions.js';
import { readNames, type TracedGraph } from './traced-graph.js';

/** Goes up whenever the files are laid out in another way. */
const FORMAT = 1;
const ENDING = '.graph';
/** All files together; a graph that is larger than a quarter of it is not kept. */
const MOST_BYTES = 2 ** 26;
/** What is written under another name, and has not got its own after so long, is what a kill has left. */
const LEFT_MILLISECONDS = 60 * 60 * 1000;
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;

/**
 * Graphs that were traced by processes before, in the cache: a process that starts with the same one need not trace it again.
 *
 * A file is the sha256 of what follows, the length of the names, the names as JSON, and the graph. One that is not what it was is
 * taken for none. It is called by all that a graph follows from: see `keyOf`. What was used longest ago goes first.
 */
export class StoredGraphs {
  /**
   * @param build what tells this source from others
   * @param folder where they are, default in lossnet's cache
   * @param most bytes of all of them, default 64 MB
   */
  constructor(
    private readonly build: string,
    private readonly folder = join(cacheFolder(), 'graphs'),
    private readonly most = MOST_BYTES,
  ) {}

  /**
   * @param key as `graphKey` gives it, with what else the graph follows from
   * @returns the graph; null when there is none that can be used
   */
  find(key: string): TracedGraph | null {
    const file = this.#file(key);
    try {
      if (!exists(file)) return null;
      const graph = decode(readBytes(file));
      touch(file);
      return graph;
    } catch {
      // Damaged, or not to be read, or removed meanwhile: it is traced, as if it were not there.
      return null;
    }
  }

  /** Keeps a graph; where that cannot be, the next start takes longer, and nothing else comes of it. */
  keep(key: string, graph: TracedGraph): void {
    const bytes = encode(graph);
    if (bytes.length > this.most / 4) return;
    try {
      makeFolder(this.folder);
      this.#makeRoom(bytes.length);
      writeFileAtomically(this.#file(key), bytes);
    } catch (error) {
      if (!(error instanceof LossnetError)) throw error;
    }
  }

  /** The file of a graph. */
  #file(key: string): string {
    const digest = createHash('sha256').update(keyOf(this.build, key)).digest('hex');
    return join(this.folder, `${digest.slice(0, DIGEST_BYTES)}${ENDING}`);
  }

  #makeRoom(bytes: number): void {
    const files = this.#files();
    const isLeft = ({ name, used }: StoredFile) =>
      !name.endsWith(ENDING) && Date.now() - used > LEFT_MILLISECONDS;
    for (const { path } of files.filter(isLeft)) removeQuietly(path);
    const kept = files.filter(({ name }) => name.endsWith(ENDING)).sort((a, b) => a.used - b.used);
    let total = kept.reduce((sum, { size }) => sum + size, bytes);
    for (const { path, size } of kept) {
      if (total <= this.most) return;
      removeQuietly(path);
      total -= size;
    }
  }

  #files(): StoredFile[] {
    return readdirSync(this.folder).flatMap((name) => {
      const path = join(this.folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats?.isFile() ? [{ name, path, size: stats.size, used: stats.mtimeMs }] : [];
    });
  }
}

interface StoredFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly used: number;
}

/** Notes that a file is used, so that others go first. */
function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // In a cache that may only be read, nothing is removed either.
  }
}

/** Those of this program; undefined where it runs from its source, which may change at any time. */
export function storedGraphs(): StoredGraphs | undefined {
  return BUILD === null ? undefined : new StoredGraphs(BUILD);
}

/** All that a graph follows from: lossnet's source, TensorFlow, the machine, what is set in this process, and the model. */
function keyOf(build: string, key: string): string {
  const { intra, inter } = currentThreads();
  const cpu = cpus()[0]?.model ?? '';
  const switches = [
    process.env.TF_ENABLE_ONEDNN_OPTS ?? '',
    groupedConvolutionsHere(),
    sessions().multiplies(),
  ];
  const machine = [process.platform, process.arch, process.version, cpu, intra, inter, ...switches];
  return JSON.stringify([FORMAT, build, tensorflowVersions(), machine, key]);
}

function encode({ definition, names }: TracedGraph): Buffer {
  const text = Buffer.from(JSON.stringify(names));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  const content = Buffer.concat([length, text, definition]);
  return Buffer.concat([createHash('sha256').update(content).digest(), content]);
}

/** @throws WrongValue, SyntaxError when it is not what `encode` has made */
function decode(bytes: Buffer): TracedGraph {
  const content = bytes.subarray(DIGEST_BYTES);
  const digest = createHash('sha256').update(content).digest();
  if (!digest.equals(bytes.subarray(0, DIGEST_BYTES))) throw new WrongValue('it is not what was written');
  const end = LENGTH_BYTES + content.readUInt32LE();
  const names = readNames(JSON.parse(content.toString('utf8', LENGTH_BYTES, end)), '');
  return { definition: content.subarray(end), names };
}
