import { LossnetError } from '../../../base/errors.js';
import { provideAddon } from './addons.js';
import { loadAddon } from './load.js';
import type { Report } from './provision.js';

/** What the addon offers: see cc/collectives.cc. Its errors have TensorFlow's code as `code`. */
export interface Collectives {
  /** Lets only these addresses connect to what TensorFlow opens from now on. Returns whether it can. */
  guard(addresses: readonly string[]): boolean;
  /** Starts TensorFlow's server. @param server, config protocol buffers: ServerDef and ConfigProto */
  join(server: Uint8Array, config: Uint8Array): Promise<void>;
  /** Adds up over all ranks, in place; or gathers. */
  collect(
    reduces: boolean,
    values: Float32Array,
    result: Float32Array,
    size: number,
    group: number,
    instance: number,
    timeoutSeconds: number,
  ): Promise<void>;
  /** Lets nobody in any more. Returns the number of sockets that this holds for. */
  shut(): number;
}

/**
 * Loads the addon for collective operations. TensorFlow must be loaded: the addon works with the library that is.
 *
 * @param report told each step where it has to be compiled first
 * @returns the addon
 * @throws LossnetError as `provideCollectives`
 */
export async function loadCollectives(report: Report): Promise<Collectives> {
  return loadAddon<Collectives>(await provideCollectives(report));
}

/**
 * Finds the addon for collective operations, as `provideAddon` does.
 *
 * @param report told each step of the compilation; not called when it is there
 * @returns path of the addon
 * @throws LossnetError `LOSSNET_PARALLEL_PLATFORM` where there is none, `LOSSNET_NATIVE_...` when it cannot be made
 */
export async function provideCollectives(report: Report): Promise<string> {
  if (process.platform === 'linux') return provideAddon('collectives', report);
  throw new LossnetError(
    'LOSSNET_PARALLEL_PLATFORM',
    `Several processes train one model on Linux; this is ${process.platform}.`,
    'Train with one process: parallel=null',
  );
}
