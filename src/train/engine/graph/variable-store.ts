import type { Tensor } from '../tensorflow.js';
import type { Output } from './graph-def.js';
import type { Feed, GraphSession } from './session.js';
import type { Variable, Variables } from './variables.js';

/** The variables of a graph, with the session that their values live in. */
export class VariableStore {
  constructor(
    private readonly session: GraphSession,
    readonly variables: Variables,
  ) {}

  /** The value of a variable, as a new tensor: the receiver's to free. */
  read({ value }: Variable): Tensor {
    return this.session.run([], [value])[0]!;
  }

  /** Gives a variable the value of a tensor, which stays the caller's. */
  write({ feed, stored }: Variable, tensor: Tensor): void {
    for (const output of this.session.run([{ name: feed, tensor }], [stored])) output.dispose();
  }

  /**
   * Runs what an output needs.
   *
   * @param feeds values of the placeholders, which are freed
   * @param output what to compute
   * @returns its values
   * @throws Error when an op refuses
   */
  run(feeds: readonly Feed[], output: Output): Float32Array {
    try {
      const [result] = this.session.run(feeds, [output]);
      const values = result!.dataSync();
      result!.dispose();
      return values as Float32Array;
    } finally {
      for (const { tensor } of feeds) tensor.dispose();
    }
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
    const move = (source: Variable, target: Variable) => {
      const tensor = other.read(source);
      this.write(target, tensor);
      tensor.dispose();
    };
    for (const [parameter, target] of to.data) move(from.data.get(parameter)!, target);
    for (const [parameter, slots] of to.slots) {
      for (const [slot, target] of slots) move(from.slots.get(parameter)!.get(slot)!, target);
    }
    for (const kind of ['grad', 'before'] as const) {
      if (!alive[kind]) continue;
      for (const [parameter, target] of to[kind]) move(from[kind].get(parameter)!, target);
    }
  }

  /** Frees the session. */
  dispose(): void {
    this.session.dispose();
  }
}
