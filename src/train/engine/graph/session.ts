import { type Fed, type Plan, type SessionHandle, sessions, type Values } from '../../backend/sessions.js';
import { currentThreads } from '../threads.js';
import type { Output } from './graph-def.js';

/** What a placeholder is given in a run, of the shape that it has. */
export interface Feed {
  readonly name: string;
  readonly values: Values['values'];
  /** Which rows of the values, in order. Absent: the values as they are. */
  readonly records?: Uint32Array | undefined;
}

/** A plan, and what it is fed. */
interface KnownPlan {
  readonly names: readonly string[];
  readonly plan: Plan;
}

/** A TensorFlow session with a graph in it. */
export class GraphSession {
  #isHandedOver = false;

  private constructor(
    private readonly handle: SessionHandle,
    /** What has been run, by the names of all that came out. */
    private readonly plans: Map<string, KnownPlan[]>,
  ) {}

  /**
   * @param definition bytes of a graph: see `GraphBuilder.bytes`
   * @returns the session; its variables have no values yet
   * @throws Error with TensorFlow's words when the graph is not valid
   */
  static load(definition: Uint8Array): GraphSession {
    const isAlone = currentThreads().inter === 1;
    return new GraphSession(sessions().load(definition, isAlone), new Map());
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
    return this.#run(this.#plan(feeds, outputs), inTurn(feeds), undefined, meanwhile)!;
  }

  /**
   * Runs what one output needs, as `run`. What a step gives is few numbers, and an array of their own takes longer than all else that
   * reads them.
   *
   * @param into where its values are copied to: as many as there are
   */
  runInto(feeds: readonly Feed[], output: Output, into: Float32Array, meanwhile?: () => void): void {
    this.#run(this.#plan(feeds, [output]), inTurn(feeds), into, meanwhile);
  }

  /** The same session for whoever comes next: this one cannot be used any more. */
  handOver(): GraphSession {
    this.#isHandedOver = true;
    return new GraphSession(this.handle, this.plans);
  }

  dispose(): void {
    sessions().close(this.handle);
  }

  #run(plan: Plan, fed: Fed, into: Float32Array | undefined, meanwhile?: () => void): Values[] | undefined {
    if (meanwhile === undefined) return sessions().run(plan, fed, into);
    sessions().start(plan, fed);
    let values: Values[] | undefined;
    try {
      meanwhile();
    } finally {
      // Also where it throws: what the run reads must not be freed, nor fed anew, while it goes on.
      values = sessions().finish(plan, into);
    }
    return values;
  }

  #plan(feeds: readonly Feed[], outputs: readonly Output[]): Plan {
    if (this.#isHandedOver) throw new Error('the session is that of another program by now');
    const key = outputs.length === 1 ? outputs[0]! : outputs.join();
    const known = this.plans.get(key)?.find(({ names }) => areFed(names, feeds));
    if (known !== undefined) return known.plan;
    const names = feeds.map(({ name }) => name);
    const plan = sessions().plan(this.handle, names, outputs);
    this.plans.set(key, [...(this.plans.get(key) ?? []), { names, plan }]);
    return plan;
  }
}

function areFed(names: readonly string[], feeds: readonly Feed[]): boolean {
  if (names.length !== feeds.length) return false;
  for (let i = 0; i < names.length; i++) if (names[i] !== feeds[i]!.name) return false;
  return true;
}

/** As the addon takes them: it reads an array faster than objects. */
function inTurn(feeds: readonly Feed[]): Fed {
  const all: Fed[number][] = [];
  for (const { values, records } of feeds) all.push(values, records);
  return all;
}
