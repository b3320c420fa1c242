import { tensorflow } from '../backend/tensorflow.js';
import { type WrittenLine, writeFormula } from '../formula.js';
import { updateOnce } from '../optim/home.js';
import type { Optimizer } from '../optim/optimizer.js';
import type { RecordedStep } from './record.js';

/** How the optimizer made the new value. */
export interface ExplainedUpdate {
  /** Number of this update of the tensor, counted from 1. */
  readonly t: number;
  readonly lr: number;
  /** Momentum or beta1; null: the optimizer has none. */
  readonly momentum: number | null;
  /** What the optimizer calls it: `momentum` or `beta1`. */
  readonly momentumName: string;
  readonly lines: readonly WrittenLine[];
  /** What the optimizer remembers of the number, by PyTorch's name; name: what the formula calls it. */
  readonly memory: readonly {
    readonly slot: string;
    readonly name: string;
    readonly before: number;
    readonly after: number;
  }[];
}

/**
 * Follows an optimizer's own update through its formula, on the very tensors of a step.
 *
 * @param optimizer that made the step, its learning rate and momentum still those of the step
 * @param step the step
 * @returns every line of the formula with its numbers; the new value and the memory are those that the step left
 */
export function explainUpdate(optimizer: Optimizer, step: RecordedStep): ExplainedUpdate {
  const { before, grad, memory: after, data } = step;
  const { parameter, index } = step.subject;
  const group = optimizer.groups.find(({ parameters }) => parameters.includes(parameter));
  if (group === undefined) throw new Error(`no group of the optimizer has ${parameter.name}`);
  const now = after.get(parameter.name)!;
  const values = before.state.get(parameter) as Float32Array;
  const slots = group.slots.map((slot) => {
    const saved = before.memory.get(parameter.name)?.tensors.get(slot);
    return [slot, saved ?? new Float32Array(parameter.size).fill(group.initial(slot))] as const;
  });
  const told: { name: string; value: number }[] = [];
  tensorflow().tidy(() => {
    const state = Object.fromEntries(slots.map(([slot, own]) => [slot, parameter.fromTorch(own)]));
    const tensors = { data: parameter.fromTorch(values), grad: parameter.fromTorch(grad.used), state };
    updateOnce(group, now.step, tensors, (name, value) => {
      told.push({ name, value: parameter.toTorch(value)[index]! });
      return value;
    });
  });

  const { lr, momentum } = group;
  const formula = group.formula({ lr, t: now.step, momentum: momentum ?? 0 });
  const coefficients: Record<string, number> = group.coefficients(lr, now.step, momentum ?? 0);
  const lines = formula.lines.map(({ coefficient, ...line }, i) => {
    if (coefficient !== undefined) return { ...line, value: coefficients[coefficient]! };
    const next = told.shift();
    if (next?.name !== line.gives) throw new Error(`the formula has ${line.gives}, the update ${next?.name}`);
    return { ...line, value: i === formula.lines.length - 1 ? data[index]! : next.value };
  });
  if (told.length > 0) throw new Error(`the formula lacks ${told[0]!.name}`);
  const memory = slots.map(([slot, own]) => ({
    ...{ slot, name: formula.slots[slot]!, before: own[index]! },
    after: now.tensors.get(slot)![index]!,
  }));
  const known = Object.fromEntries(memory.map((each) => [each.name, each.before]));
  const symbols = { ...formula.symbols, ...known, p: values[index]!, g: grad.used[index]! };
  const momentumName = 'beta1' in formula.symbols ? 'beta1' : 'momentum';
  return { t: now.step, lr, momentum, momentumName, lines: writeFormula({ symbols, lines }), memory };
}
