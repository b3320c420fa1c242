// Gated recurrent unit; gates in PyTorch's order r, z, n; the state's part of n is kept.
//
//     r, z = sigmoid(...)   n = tanh(x_n + r (p_n + s_n))   h = (1 - z) n + z h
#pragma once

#include "activations.h"
#include "recurrent-steps.h"

namespace lossnet {

LOSSNET_FOR_EACH_CPU void GruForward(const StepForward &step) {
  const size_t hidden = step.hidden;
  const float *__restrict b = step.inputBias, *__restrict s = step.stateBias;
  for (size_t row = 0; row < step.rows; row++) {
    const float *x = step.input[row], *p = step.product + row * 3 * hidden;
    float *gates = step.gates[row], *kept = step.kept + row * hidden, *state = step.state + row * hidden;
    LOSSNET_INDEPENDENT
    for (size_t j = 0; j < hidden; j++) {
      const size_t at = j + 2 * hidden;
      const auto sum = [=](size_t at) { return (x[at] + b[at]) + (p[at] + s[at]); };
      const float r = Sigmoid(sum(j)), z = Sigmoid(sum(j + hidden));
      const float own = p[at] + s[at];
      const float n = Tanh((x[at] + b[at]) + r * own);
      gates[j] = r;
      gates[j + hidden] = z;
      gates[at] = n;
      kept[j] = own;
      state[j] = n + z * (state[j] - n);
    }
  }
}

LOSSNET_FOR_EACH_CPU void GruBackward(const StepBackward &step) {
  const size_t hidden = step.hidden;
  for (size_t row = 0; row < step.rows; row++) {
    const float *gates = step.gates[row], *kept = step.kept[row], *before = step.stateBefore[row];
    float *dState = step.dState + row * hidden;
    float *dInput = step.dInput[row], *dProduct = step.dProduct + row * 3 * hidden;
    LOSSNET_INDEPENDENT
    for (size_t j = 0; j < hidden; j++) {
      const float r = gates[j], z = gates[j + hidden], n = gates[j + 2 * hidden];
      const float dh = dState[j];
      const float dn = dh * (1.0f - z) * (1.0f - n * n);
      const float dr = dn * kept[j] * (r * (1.0f - r)), dz = dh * (before[j] - n) * (z * (1.0f - z));
      dState[j] = dh * z;
      dInput[j] = dProduct[j] = dr;
      dInput[j + hidden] = dProduct[j + hidden] = dz;
      dInput[j + 2 * hidden] = dn;
      dProduct[j + 2 * hidden] = dn * r;
    }
  }
}

struct Gru {
  static constexpr size_t kGates = 3;
  static constexpr bool kIsSameForBoth = false;
  static constexpr bool kPassesOn = true;  // whether the state comes to the next step beside the product too
  static void Forward(const StepForward &step) { GruForward(step); }
  static void Backward(const StepBackward &step) { GruBackward(step); }
};

}  // namespace lossnet
