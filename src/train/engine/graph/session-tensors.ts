import type { Tensor } from '../../backend/tensorflow.js';
import type { Parameter, TensorHome } from '../../model/parameter.js';
import type { CompiledGraphs } from './compiled-graphs.js';
import type { GraphSteps } from './steps.js';

/** Parameters, buffers and gradients that live in a graph's session: whatever reads or writes them goes there. */
export class SessionTensors implements TensorHome {
  constructor(
    private readonly graphs: CompiledGraphs,
    private readonly steps: GraphSteps,
  ) {}

  read(parameter: Parameter): Tensor {
    const { store } = this.#ready();
    return store.read(store.variables.data.get(parameter)!);
  }

  write(parameter: Parameter, tensor: Tensor): void {
    const { store } = this.#ready();
    store.write(store.variables.data.get(parameter)!, tensor);
  }

  readGrad(parameter: Parameter): Tensor | null {
    const { store } = this.#ready();
    const variable = store.variables.grad.get(parameter);
    return this.steps.hasGradients && variable ? store.read(variable) : null;
  }

  /** @throws Error when it cannot be: a graph has the gradients of all parameters, or of none */
  writeGrad(parameter: Parameter, gradient: Tensor | null): void {
    const { store } = this.#ready();
    const variable = store.variables.grad.get(parameter);
    if (gradient === null) {
      throw new Error(`the gradient of ${parameter.name} cannot be cleared alone: use optimizer.zeroGrad()`);
    }
    if (!variable || !this.steps.hasGradients) {
      throw new Error(`${parameter.name} has no gradient that could be replaced: call backward() first`);
    }
    store.write(variable, gradient);
  }

  #ready() {
    this.steps.flush();
    return this.graphs.current;
  }
}
