import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LossnetError } from '../../../base/errors.js';
import { removeQuietly } from '../../../base/files.js';
import { createScratch, sweepScratches } from '../../../base/scratch.js';
import { cannotWrite } from '../../../base/system-errors.js';
import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import type { GraphBuilder, Output } from './graph-def.js';
import { SERVE, serializeSavedModel } from './saved-model.js';

/** A tensor that a run is given, and the placeholder that it is for. */
export interface Feed {
  readonly name: string;
  readonly tensor: Tensor;
}

/** What lossnet uses of tfjs-node's backend, which exports no types of it. */
interface SavedModelBackend {
  loadSavedModelMetaGraph(folder: string, tags: string): number;
  deleteSavedModel(session: number): void;
  runSavedModel(
    session: number,
    inputs: readonly Tensor[],
    infos: readonly { name: string; tfDtype: string }[],
    outputs: readonly string[],
  ): Tensor[];
}

/**
 * A TensorFlow session with a graph in it. tfjs-node can make one from a SavedModel on the disk, which is written to a
 * private temporary folder and removed again as soon as it is loaded.
 */
export class GraphSession {
  #isHandedOver = false;

  private constructor(private readonly id: number) {}

  /**
   * @param graph the nodes
   * @returns the session; its variables have no values yet
   * @throws LossnetError when there is no room for the temporary file
   * @throws Error with TensorFlow's words when the graph is not valid
   */
  static load(graph: GraphBuilder): GraphSession {
    const target = join(tmpdir(), 'lossnet-graph');
    sweepScratches(target);
    let folder: string | undefined;
    try {
      folder = createScratch(target);
      writeFileSync(join(folder, 'saved_model.pb'), serializeSavedModel(graph, null), { mode: 0o600 });
      return new GraphSession(backend().loadSavedModelMetaGraph(folder, SERVE));
    } catch (error) {
      throw unwritable(error);
    } finally {
      if (folder !== undefined) removeQuietly(folder);
    }
  }

  /**
   * Runs what some outputs need.
   *
   * @param feeds values of the placeholders
   * @param outputs what to compute
   * @returns their values
   * @throws Error when an op refuses
   */
  run(feeds: readonly Feed[], outputs: readonly Output[]): Tensor[] {
    if (this.#isHandedOver) throw new Error('the session is that of another program by now');
    return backend().runSavedModel(
      this.id,
      feeds.map(({ tensor }) => tensor),
      feeds.map(({ name }) => ({ name: `${name}:0`, tfDtype: '' })),
      outputs.map((output) => (output.includes(':') ? output : `${output}:0`)),
    );
  }

  /** The same session for whoever comes next: this one cannot be used any more. */
  handOver(): GraphSession {
    this.#isHandedOver = true;
    return new GraphSession(this.id);
  }

  dispose(): void {
    backend().deleteSavedModel(this.id);
  }
}

const backend = () => tensorflow().backend() as unknown as SavedModelBackend;

/** What is no error of the system stays as it is. */
function unwritable(cause: unknown): unknown {
  const error = cannotWrite(tmpdir(), cause);
  if (!(error instanceof LossnetError)) return cause;
  return new LossnetError(
    'LOSSNET_GRAPH_UNWRITABLE',
    `The compiled graph needs a temporary file. ${error.message}`,
    'Name a folder with some free space in TMPDIR, or set engine to eager.',
    { cause },
  );
}
