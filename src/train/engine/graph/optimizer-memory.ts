import { tensorflow } from '../../backend/tensorflow.js';
import type { OptimizerState } from '../../optim/home.js';
import type { Optimizer } from '../../optim/optimizer.js';
import type { VariableStore } from './variable-store.js';

/**
 * Reads an optimizer's memory out of a graph.
 *
 * @param store where it lives
 * @param step optimizer steps made so far
 * @returns the memory of every parameter; empty before the first step
 */
export function readOptimizerMemory(store: VariableStore, step: number): OptimizerState {
  if (step === 0) return new Map();
  return new Map(
    [...store.variables.slots].map(([parameter, slots]) => {
      const tensors = [...slots].map(([slot, variable]) => {
        return [slot, parameter.toTorch(store.read(variable))] as const;
      });
      return [parameter.name, { step, tensors: new Map(tensors) }];
    }),
  );
}

/**
 * Writes an optimizer's memory into a graph. What `state` lacks begins anew.
 *
 * @param store where it is to live
 * @param optimizer whose memory it is
 * @param state the memory
 * @returns the optimizer steps made so far
 */
export function writeOptimizerMemory(
  store: VariableStore,
  optimizer: Optimizer,
  state: OptimizerState,
): number {
  for (const group of optimizer.groups) {
    for (const parameter of group.parameters) {
      // An optimizer may hold what is frozen: without a gradient there is nothing to remember of it.
      for (const [slot, variable] of store.variables.slots.get(parameter) ?? []) {
        const saved = state.get(parameter.name)?.tensors.get(slot);
        store.write(
          variable,
          saved ? parameter.fromTorch(saved) : tensorflow().fill([...variable.shape], group.initial(slot)),
        );
      }
    }
  }
  // All parameters step together.
  return Math.max(0, ...[...state.values()].map(({ step }) => step));
}
