// Long short-term memory; gates in PyTorch's order i, f, g, o, c is kept.
//
//     i, f, o = sigmoid(...)   g = tanh(...)   c = f c + i g   h = o tanh(c)
#pragma once

#include "activations.h"
#include "recurrent-steps.h"

namespace lossnet {

LOSSNET_FOR_EACH_CPU void LstmForward(const StepForward &step) {
  const size_t hidden = step.hidden;
  const float *__restrict b = step.inputBias, *__restrict s = step.stateBias;
  for (size_t row = 0; row < step.rows; row++) {
    const float *x = step.input[row], *p = step.product + row * 4 * hidden;
    float *gates = step.gates[row], *cell = step.kept + row * hidden, *state = step.state + row * hidden;
    LOSSNET_INDEPENDENT
    for (size_t j = 0; j < hidden; j++) {
      const auto sum = [=](size_t at) { return (x[at] + b[at]) + (p[at] + s[at]); };
      const float i = Sigmoid(sum(j)), f = Sigmoid(sum(j + hidden));
      const float g = Tanh(sum(j + 2 * hidden)), o = Sigmoid(sum(j + 3 * hidden));
      const float c = f * cell[j] + i * g;
      gates[j] = i;
      gates[j + hidden] = f;
      gates[j + 2 * hidden] = g;
      gates[j + 3 * hidden] = o;
      cell[j] = c;
      state[j] = o * Tanh(c);
    }
  }
}

LOSSNET_FOR_EACH_CPU void LstmBackward(const StepBackward &step) {
  const size_t hidden = step.hidden;
  for (size_t row = 0; row < step.rows; row++) {
    const float *gates = step.gates[row], *cell = step.kept[row], *before = step.keptBefore[row];
    const float *dState = step.dState + row * hidden;
    float *dCell = step.dKept + row * hidden, *dInput = step.dInput[row], *dProduct = step.dProduct + row * 4 * hidden;
    LOSSNET_INDEPENDENT
    for (size_t j = 0; j < hidden; j++) {
      const float i = gates[j], f = gates[j + hidden], g = gates[j + 2 * hidden], o = gates[j + 3 * hidden];
      const float t = Tanh(cell[j]), dh = dState[j];
      const float dc = dCell[j] + dh * o * (1.0f - t * t);
      const float di = dc * g * (i * (1.0f - i)), df = dc * before[j] * (f * (1.0f - f));
      const float dg = dc * i * (1.0f - g * g), dO = dh * t * (o * (1.0f - o));
      dCell[j] = dc * f;
      dInput[j] = dProduct[j] = di;
      dInput[j + hidden] = dProduct[j + hidden] = df;
      dInput[j + 2 * hidden] = dProduct[j + 2 * hidden] = dg;
      dInput[j + 3 * hidden] = dProduct[j + 3 * hidden] = dO;
    }
  }
}

struct Lstm {
  static constexpr size_t kGates = 4;
  static constexpr bool kIsSameForBoth = true;  // the gradients of the input's and of the state's part of the gates
  static constexpr bool kPassesOn = false;  // whether the state comes to the next step beside the product too
  static void Forward(const StepForward &step) { LstmForward(step); }
  static void Backward(const StepBackward &step) { LstmBackward(step); }
};

}  // namespace lossnet
