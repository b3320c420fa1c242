import { type Collectives, loadCollectives } from '../backend/native/collectives.js';
import { type Group, type Rank, RankError } from './group.js';
import { serverMessages } from './protocol.js';

/** How ranks find each other, and how long they wait. */
export interface JoinOptions extends Rank {
  /** `host:port` of every rank, where its name is one that the others can resolve. */
  readonly addresses: readonly string[];
  /** Numerical addresses that may connect; null: anyone may, as the network is trusted. */
  readonly peers: readonly string[] | null;
  /** Seconds to wait until all ranks are there. */
  readonly joinTimeout: number;
  /** Seconds to wait for the others afterwards, at each step. */
  readonly timeout: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Told when something is prepared that takes long. */
  readonly report: (text: string) => void;
}

/** Whoever waits longer than this beyond the time that TensorFlow was given waits for TensorFlow itself. */
const GRACE_SECONDS = 5;
const GROUP_KEY = 1;
/** TensorFlow's code for time that is up. */
const DEADLINE_EXCEEDED = '4';
/** TensorFlow's code for a process that is not there any more. */
const UNAVAILABLE = '14';

/**
 * Joins the processes that train one model, on TensorFlow's own collective operations, and waits until all are there.
 *
 * From the moment that TensorFlow listens only the peers' addresses are let in, and nobody any more once all are connected:
 * its server runs whatever graph it is sent.
 *
 * @param options who they are, and how long to wait
 * @returns the group
 * @throws RankError when not all came in time, or the port is taken; LossnetError when it cannot be kept from strangers, or
 * the addon cannot be made
 */
export async function joinGroup(options: JoinOptions): Promise<Group> {
  const addon = await loadCollectives(options.report);
  if (options.peers !== null && !addon.guard(options.peers)) {
    throw new RankError(
      'LOSSNET_PARALLEL_UNGUARDED',
      "TensorFlow's port cannot be kept from strangers here, and whoever reaches it may do what this process may.",
      'In a network that nobody else reaches: parallel.trusted_network=true',
    );
  }
  const { server, config } = serverMessages(options.addresses, options.rank);
  const own = options.addresses[options.rank];
  try {
    await within(options.joinTimeout, addon.join(server, config), options.signal);
  } catch (error) {
    if (error instanceof RankError) throw error;
    throw new RankError(
      'LOSSNET_PARALLEL_PORT',
      `Rank ${options.rank} cannot listen on ${own}: ${firstLine(error)}.`,
      'Is another process at work there, or is this rank started twice? Give the ranks other ports in parallel.hosts.',
      { cause: error },
    );
  }
  const group = new TensorFlowGroup(addon, options);
  // Both kinds of operation once: whoever is to be connected is connected then.
  await group.meet();
  if (options.peers !== null && addon.shut() === 0) {
    throw new RankError('LOSSNET_PARALLEL_UNGUARDED', "TensorFlow's port cannot be shut.");
  }
  return group;
}

class TensorFlowGroup implements Group {
  readonly rank: number;
  readonly size: number;
  #instance = 0;
  #timeout: number;
  #sum = new Float32Array(0);

  constructor(
    private readonly addon: Collectives,
    private readonly options: JoinOptions,
  ) {
    this.rank = options.rank;
    this.size = options.size;
    this.#timeout = options.joinTimeout;
  }

  /** Waits for all ranks. */
  async meet(): Promise<void> {
    const { signal } = this.options;
    await this.#collect(false, Float32Array.of(this.rank), new Float32Array(this.size), signal);
    await this.allReduce(Float32Array.of(1));
    this.#timeout = this.options.timeout;
  }

  async allReduce(values: Float32Array): Promise<void> {
    await this.#collect(true, values, values);
  }

  async addParts(parts: Float32Array, length: number): Promise<Float32Array> {
    // New memory at each step would let Node look for what can be freed every few steps.
    if (this.#sum.length !== length) this.#sum = new Float32Array(length);
    await this.#collect(false, parts, this.#sum);
    return this.#sum;
  }

  async gather(values: Float32Array): Promise<Float32Array> {
    const all = new Float32Array(values.length * this.size);
    await this.#collect(false, values, all);
    return all;
  }

  async leave(): Promise<void> {
    try {
      await this.gather(Float32Array.of(this.rank));
    } catch (error) {
      // Nothing is left to be done together: who is gone has been done before.
      if (!(error instanceof RankError)) throw error;
    }
  }

  async #collect(
    reduces: boolean,
    values: Float32Array,
    result: Float32Array,
    signal?: AbortSignal,
  ): Promise<void> {
    const seconds = this.#timeout;
    this.#instance += 1;
    const work = this.addon.collect(reduces, values, result, this.size, GROUP_KEY, this.#instance, seconds);
    try {
      await within(seconds + GRACE_SECONDS, work, signal);
    } catch (error) {
      if (error instanceof RankError) throw error;
      throw this.#failed(error as Error & { code?: string }, seconds);
    }
  }

  #failed(error: Error & { code?: string }, seconds: number): RankError {
    const { joinTimeout, timeout, addresses } = this.options;
    const all = addresses.map((address, rank) => `${rank} (${address})`).join(', ');
    if (error.code === UNAVAILABLE) return this.#lost('the connection to it is broken', error);
    if (error.code !== DEADLINE_EXCEEDED) return this.#lost(firstLine(error), error);
    if (this.#instance > 2) return this.#lost(`it did not answer within ${timeout} s`, error);
    return new RankError(
      'LOSSNET_PARALLEL_JOIN',
      `Not all ranks were there within ${joinTimeout} s. They are: ${all}.`,
      `Start one process for each; where they take longer to start, set parallel.join_timeout above ${seconds}.`,
      { cause: error },
    );
  }

  #lost(reason: string, cause?: Error): RankError {
    return new RankError('LOSSNET_PARALLEL_LOST', `Another rank is lost: ${reason}.`, undefined, { cause });
  }
}

/**
 * Waits for TensorFlow, but not for ever. What TensorFlow does keeps no process alive, so that work that never ends can be
 * left behind; the timer does.
 */
async function within(seconds: number, work: Promise<void>, signal?: AbortSignal): Promise<void> {
  let release = (): void => {};
  const late = new Promise<never>((_, reject) => {
    const fail = (text: string) => reject(new RankError('LOSSNET_PARALLEL_LOST', text));
    const timer = setTimeout(() => fail(`TensorFlow did not answer within ${seconds} s.`), seconds * 1000);
    const onAbort = (): void => fail('Stopped while waiting for the other ranks.');
    signal?.addEventListener('abort', onAbort, { once: true });
    release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  });
  try {
    await Promise.race([work, late]);
  } finally {
    release();
  }
}

/** TensorFlow's words up to the first line's end, without the full stop. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').replace(/^Collective ops is aborted by: /, '').replace(/\.$/, '');
}
