import type { Tensor } from '../../backend/tensorflow.js';
import type { Parameter, TensorHome } from '../../model/parameter.js';

/** Where parameters live while a model is traced: as tensors that stand for the graph's variables. */
export class TraceHome implements TensorHome {
  constructor(private readonly standIns: ReadonlyMap<Parameter, Tensor>) {}

  /** Lets the parameters live here while `action` runs. */
  during<T>(parameters: readonly Parameter[], action: () => T): T {
    const before = parameters.map((parameter) => parameter.home);
    for (const parameter of parameters) parameter.home = this;
    try {
      return action();
    } finally {
      for (const [i, parameter] of parameters.entries()) parameter.home = before[i]!;
    }
  }

  read(parameter: Parameter): Tensor {
    return this.standIns.get(parameter)!;
  }

  readGrad(): null {
    return null;
  }

  write(): never {
    throw new Error('a model that is traced cannot be changed');
  }

  writeGrad(): never {
    throw new Error('a model that is traced cannot be changed');
  }
}
