import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import type { Sequential } from '../../model/sequential.js';
import type { Output } from './graph-def.js';
import type { Feed, GraphSession } from './session.js';
import { type Variable, type Variables, variablesFor } from './variables.js';

/** Of float32 and int32. */
const BYTES_EACH = 4;

/**
 * The variables of a graph, with the session that their values live in.
 *
 * TensorFlow prepares the whole graph anew for each set of outputs that is run, which takes 10 ms for the tutorial's CNN.
 * So what is written waits until something runs, and is stored at once; and what is read is read together with all that
 * is mostly wanted along with it.
 */
export class VariableStore {
  /** Values that are not in the session yet. */
  readonly #written = new Map<Variable, Tensor>();
  /** Values as they are in the session, until something runs there. */
  readonly #read = new Map<Variable, Tensor>();
  /** What is read together: these have values at the same time. */
  readonly #groups: readonly (readonly Variable[])[];

  constructor(
    private readonly session: GraphSession,
    readonly variables: Variables,
  ) {
    const { data, slots, grad, before } = variables;
    const memory = [...slots.values()].flatMap((each) => [...each.values()]);
    const trained = [...data].flatMap(([parameter, variable]) => (grad.has(parameter) ? variable : []));
    // Buffers by themselves: several processes read them after each step.
    const others = [...data.values()].filter((variable) => !trained.includes(variable));
    this.#groups = [[...trained, ...memory], others, [...grad.values()], [...before.values()]];
  }

  /** How much memory the values take, those for JavaScript left out. */
  get bytes(): number {
    const numbers = this.#groups.flat().map(({ shape }) => shape.reduce((size, length) => size * length, 1));
    return numbers.reduce((sum, size) => sum + size * BYTES_EACH, 0);
  }

  /** The value of a variable: borrowed until something is written or run. */
  read(variable: Variable): Tensor {
    return this.#written.get(variable) ?? this.#read.get(variable) ?? this.#readGroup(variable);
  }

  /** Gives a variable the value of a tensor, which is taken over. */
  write(variable: Variable, tensor: Tensor): void {
    this.#written.get(variable)?.dispose();
    this.#written.set(variable, tensorflow().keep(tensor));
  }

  /**
   * Runs what an output needs.
   *
   * @param feeds values of the placeholders
   * @param output what to compute
   * @param meanwhile see `GraphSession.run`
   * @returns its values
   * @throws Error when an op refuses
   */
  run(feeds: readonly Feed[], output: Output, meanwhile?: () => void): Float32Array {
    this.#store();
    const [result] = this.session.run(feeds, [output], meanwhile);
    return result!.values as Float32Array;
  }

  /** The same into an array that is there, of as many numbers: see `GraphSession.runInto`. */
  runInto(feeds: readonly Feed[], output: Output, into: Float32Array, meanwhile?: () => void): void {
    this.#store();
    this.session.runInto(feeds, output, into, meanwhile);
  }

  /**
   * Takes the values of the same model and optimizer over from another graph.
   *
   * @param other where they are
   * @param alive whether the gradients count, and the parameters as they were when they were last remembered; else they
   * may have no values yet
   */
  takeOver(other: VariableStore, alive: { readonly grad: boolean; readonly before: boolean }): void {
    const [from, to] = [other.variables, this.variables];
    const move = (source: Variable, target: Variable) => this.write(target, other.read(source).clone());
    for (const [parameter, target] of to.data) move(from.data.get(parameter)!, target);
    for (const [parameter, slots] of to.slots) {
      for (const [slot, target] of slots) move(from.slots.get(parameter)!.get(slot)!, target);
    }
    for (const kind of ['grad', 'before'] as const) {
      if (!alive[kind]) continue;
      for (const [parameter, target] of to[kind]) move(from[kind].get(parameter)!, target);
    }
  }

  /**
   * Gives the session to a model that is built as the one before; its values count no more.
   *
   * @param model that is to live in the session
   * @returns the store for it; this one cannot be used any more
   */
  handOver(model: Sequential): VariableStore {
    this.clear();
    return new VariableStore(this.session.handOver(), variablesFor(model, this.variables));
  }

  /** Frees the session. */
  dispose(): void {
    this.clear();
    this.session.dispose();
  }

  /** Lets go of what JavaScript holds: what was not stored yet is lost. */
  clear(): void {
    release(this.#written);
    release(this.#read);
  }

  /** Brings the session up to date. What was read is about to be out of date. */
  #store(): void {
    release(this.#read);
    if (this.#written.size === 0) return;
    const feeds = [...this.#written].map(([{ feed }, tensor]) => ({ name: feed, values: tensor.dataSync() }));
    const stored = [...this.#written.keys()].map((variable) => variable.stored);
    this.session.run(feeds, stored);
    release(this.#written);
  }

  #readGroup(variable: Variable): Tensor {
    this.#store();
    const group = this.#groups.find((variables) => variables.includes(variable))!;
    const read = this.session.run(
      [],
      group.map(({ value }) => value),
    );
    for (const [i, each] of group.entries()) {
      const tensor = tensorflow().tensor(read[i]!.values, [...each.shape], each.dtype);
      this.#read.set(each, tensorflow().keep(tensor));
    }
    return this.#read.get(variable)!;
  }
}

function release(tensors: Map<Variable, Tensor>): void {
  for (const tensor of tensors.values()) tensor.dispose();
  tensors.clear();
}
