import { type Fed, type Plan, type SessionHandle, sessions, type Values } from '../../backend/sessions.js';
import { currentThreads } from '../threads.js';
import type { GraphBuilder, Output } from './graph-def.js';

/** What a placeholder is given in a run. */
export interface Feed extends Fed {
  readonly name: string;
}

/** A TensorFlow session with a graph in it. */
export class GraphSession {
  #isHandedOver = false;

  private constructor(
    private readonly handle: SessionHandle,
    /** What has been run, by the names of all that went in and out. */
    private readonly plans: Map<string, Plan>,
  ) {}

  /**
   * @param graph the nodes
   * @returns the session; its variables have no values yet
   * @throws Error with TensorFlow's words when the graph is not valid
   */
  static load(graph: GraphBuilder): GraphSession {
    const isAlone = currentThreads().inter === 1;
    return new GraphSession(sessions().load(graph.def.serializeBinary(), isAlone), new Map());
  }

  /**
   * Runs what some outputs need.
   *
   * @param feeds values of the placeholders
   * @param outputs what to compute
   * @param meanwhile called while TensorFlow computes; must not use the session. Default: nothing is
   * @returns their values
   * @throws Error when an op refuses; else what `meanwhile` throws
   */
  run(feeds: readonly Feed[], outputs: readonly Output[], meanwhile?: () => void): Values[] {
    if (this.#isHandedOver) throw new Error('the session is that of another program by now');
    const plan = this.#plan(
      feeds.map(({ name }) => name),
      outputs,
    );
    if (meanwhile === undefined) return sessions().run(plan, feeds);
    sessions().start(plan, feeds);
    let values: Values[];
    try {
      meanwhile();
    } finally {
      // Also where it throws: what the run reads must not be freed, nor fed anew, while it goes on.
      values = sessions().finish(plan);
    }
    return values;
  }

  /** The same session for whoever comes next: this one cannot be used any more. */
  handOver(): GraphSession {
    this.#isHandedOver = true;
    return new GraphSession(this.handle, this.plans);
  }

  dispose(): void {
    sessions().close(this.handle);
  }

  #plan(feeds: readonly string[], outputs: readonly Output[]): Plan {
    const key = `${feeds.join()} ${outputs.join()}`;
    const known = this.plans.get(key);
    if (known !== undefined) return known;
    const plan = sessions().plan(this.handle, feeds, outputs);
    this.plans.set(key, plan);
    return plan;
  }
}
