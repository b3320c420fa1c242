import type { Sequential } from '../../model/sequential.js';
import type { CompiledGraph } from './compiled-graph.js';
import type { StoredGraphs } from './stored-graphs.js';

/** Where graphs are kept, and what a program's own is called there: the same text means the same graph. */
export interface Kept {
  readonly key: string;
  /** In this process; default: nowhere. */
  readonly graphs?: KeptGraphs | undefined;
  /** On the disk; default: nowhere. */
  readonly stored?: StoredGraphs | undefined;
}

const MOST_GRAPHS = 4;
/** Each holds the weights of a model, their gradients and the memory of its optimizer. */
const MOST_BYTES = 2 ** 28;

/**
 * Compiled graphs for programs that follow each other in a process. One that is built as a program before differs from it only in
 * numbers that are fed at each step and in the values of its variables, which it writes before anything reads them: it needs
 * no tracing and no compiling, and TensorFlow need not prepare its steps again.
 */
export class KeptGraphs {
  /** The one that was used last comes last. */
  readonly #graphs = new Map<string, CompiledGraph>();

  /**
   * @param most how many are kept: the ones used last. Default: 4
   * @param mostBytes of the variables of all that are kept. Default: 256 MB
   */
  constructor(
    private readonly most = MOST_GRAPHS,
    private readonly mostBytes = MOST_BYTES,
  ) {}

  /**
   * Takes a graph out, for a model that is to live in it.
   *
   * @param key what it was kept as
   * @param model built as the model that it was compiled for
   * @returns the graph; null when there is none
   */
  take(key: string, model: Sequential): CompiledGraph | null {
    const graph = this.#graphs.get(key);
    if (graph === undefined) {
      // Another is about to be compiled: large ones make room for it.
      this.#dropOldest(0);
      return null;
    }
    this.#graphs.delete(key);
    return { ...graph, store: graph.store.handOver(model) };
  }

  /** Keeps a graph that is not used any more. */
  keep(key: string, graph: CompiledGraph): void {
    this.#graphs.get(key)?.store.dispose();
    this.#graphs.delete(key);
    graph.store.clear();
    this.#graphs.set(key, graph);
    // The last one stays in any case: mostly, the next run is built as this one.
    this.#dropOldest(1);
  }

  /** Frees all of them. */
  dispose(): void {
    for (const key of [...this.#graphs.keys()]) this.#drop(key);
  }

  /** Drops those used longest ago, as long as there are too many or too large ones, and more than the fewest. */
  #dropOldest(fewest: number): void {
    for (const key of [...this.#graphs.keys()]) {
      const all = [...this.#graphs.values()];
      const bytes = all.reduce((sum, { store }) => sum + store.bytes, 0);
      if (all.length <= fewest || (all.length <= this.most && bytes <= this.mostBytes)) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#graphs.get(key)!.store.dispose();
    this.#graphs.delete(key);
  }
}
