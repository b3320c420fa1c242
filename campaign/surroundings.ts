import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generic } from './checks.js';
import { changes, contentsOf } from './files.js';
import { layOut, type Reference, RUN_FOLDER } from './references.js';
import type { Failure } from './trial.js';

/** Where the program puts temporary files, below the trial's folder. */
const TEMPORARY = 'tmp';
const CONFIG = join(RUN_FOLDER, 'config.yaml');

/**
 * What lies around a run in the working directory, which nothing may touch; and perhaps an older run in its place, which goes as
 * a whole or not at all.
 */
export class Surroundings {
  /** Of the programs that are run there. */
  readonly env: Readonly<Record<string, string>>;
  readonly #before: ReadonlyMap<string, Buffer>;

  /**
   * @param yaml the configuration, for x.yaml
   * @param runs files by the folder that they are laid out in, such as those of a run that is to be resumed
   * @param older the run that is to be replaced
   * @param mayChange the paths of what may change
   */
  constructor(
    yaml: string,
    runs: Readonly<Record<string, ReadonlyMap<string, Buffer>>>,
    private readonly older: Reference | null,
    private readonly mayChange: RegExp,
  ) {
    this.env = { TMPDIR: join(process.cwd(), TEMPORARY) };
    mkdirSync(TEMPORARY);
    mkdirSync('runs/mine', { recursive: true });
    writeFileSync('x.yaml', yaml);
    writeFileSync('runs/notes.txt', 'notes of a user');
    writeFileSync('runs/mine/notes.yaml', 'epochs: 1 # of a user');
    for (const [folder, files] of Object.entries(runs)) layOut(files, folder);
    if (older) layOut(older.files, RUN_FOLDER);
    this.#before = this.#others();
  }

  /** Whether there is a run to resume. */
  get isBegun(): boolean {
    return existsSync(CONFIG) && !this.#isOlder();
  }

  /** Holds what must not change against what there was. */
  check(story: string): Failure[] {
    const wrong = changes(this.#before, this.#others());
    if (this.older && existsSync(CONFIG) && this.#isOlder()) {
      const old = changes(this.older.files, contentsOf(RUN_FOLDER));
      wrong.push(...old.filter((change) => !/^\.lock\S* is new$/.test(change)));
    }
    return wrong.map((what) => ({ what: `of what it should not touch, ${generic(what)}`, detail: story }));
  }

  /** What is left when all has ended. */
  checkLeft(story: string): Failure[] {
    const left = [
      ...readdirSync(TEMPORARY).map((name) => `the temporary folder: ${generic(name)}`),
      ...readdirSync('runs')
        .filter((name) => name.startsWith('.'))
        .map((name) => `runs/: ${generic(name)}`),
    ];
    return left.map((what) => ({ what: `left in ${what}`, detail: story }));
  }

  #isOlder(): boolean {
    return this.older !== null && readFileSync(CONFIG).equals(this.older.files.get('config.yaml')!);
  }

  #others(): Map<string, Buffer> {
    const isOther = (path: string) => !path.startsWith(`${TEMPORARY}/`) && !this.mayChange.test(path);
    return new Map([...contentsOf('.')].filter(([path]) => isOther(path)));
  }
}
