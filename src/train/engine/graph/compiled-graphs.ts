import type { GraphParts } from './batch.js';
import { compile, trace } from './compile.js';
import type { BatchSizes, CompiledGraph } from './compiled-graph.js';
import type { Kept } from './kept-graphs.js';
import { openGraph } from './traced-graph.js';

/** A graph that fits the batches that come: for a new size it is compiled anew, with the values that there are. */
export class CompiledGraphs {
  #sizes: BatchSizes;
  #current: CompiledGraph;
  #kept: Kept | null;

  /**
   * @param parts what is trained, and how
   * @param sizes of the batches to come; another one compiles anew
   * @param kept where such a graph may be kept, and is to be kept when this one is not needed any more; null: nowhere
   * @throws TraceError when something cannot be compiled
   */
  constructor(
    private readonly parts: GraphParts,
    sizes: BatchSizes,
    kept: Kept | null = null,
  ) {
    this.#sizes = sizes;
    this.#kept = kept;
    this.#current = kept?.graphs?.take(kept.key, parts.model) ?? stored(kept, parts) ?? this.#compiled(kept);
  }

  #compiled(kept: Kept | null): CompiledGraph {
    const traced = trace(this.parts, this.#sizes);
    const graph = openGraph(traced, this.parts.model);
    kept?.stored?.keep(kept.key, traced);
    return graph;
  }

  get current(): CompiledGraph {
    return this.#current;
  }

  /**
   * @param kind what a batch is for
   * @param size its number of samples
   * @param alive which variables have values that count: see `VariableStore.takeOver`
   * @returns the graph for it
   */
  for(
    kind: keyof BatchSizes,
    size: number,
    alive: { readonly grad: boolean; readonly before: boolean },
  ): CompiledGraph {
    if (this.#sizes[kind].includes(size)) return this.#current;
    const { store } = this.#current;
    this.#sizes = { ...this.#sizes, [kind]: [...this.#sizes[kind], size] };
    this.#current = compile(this.parts, this.#sizes);
    this.#current.store.takeOver(store, alive);
    store.dispose();
    // It is for more than those ask for who look for one.
    this.#kept = null;
    return this.#current;
  }

  /** Frees the session, or keeps it. */
  dispose(): void {
    if (this.#kept?.graphs) this.#kept.graphs.keep(this.#kept.key, this.#current);
    else this.#current.store.dispose();
  }
}

/** The graph as another process has traced it; null when there is none. */
function stored(kept: Kept | null, { model }: GraphParts): CompiledGraph | null {
  const traced = kept?.stored?.find(kept.key);
  if (!traced) return null;
  try {
    return openGraph(traced, model);
  } catch {
    return null; // Of another TensorFlow, whatever it is called by.
  }
}
