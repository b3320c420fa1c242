// Long short-term memory; gates in PyTorch's order i, f, g, o, c is kept.
//
//     i, f, o = sigmoid(...)   g = tanh(...)   c = f c + i g   h = o tanh(c)
#pragma once

#include "activations.h"
#include "recurrent-steps.h"

namespace lossnet {

LOSSNET_FOR_EACH_CPU void LstmForward(const StepForward &step) {
  const size_t hidden = step.hidden;
  const float *__restrict b = step.input_bias, *__restrict s = step.state_bias;
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
    const float *gates = step.gates[row], *cell = step.kept[row], *before = step.kept_before[row];
    const float *d_state = step.d_state + row * hidden;
    float *d_cell = step.d_kept + row * hidden, *d_input = step.d_input[row], *d_product = step.d_product + row * 4 * hidden;
    LOSSNET_INDEPENDENT
    for (size_t j = 0; j < hidden; j++) {
      const float i = gates[j], f = gates[j + hidden], g = gates[j + 2 * hidden], o = gates[j + 3 * hidden];
      const float t = Tanh(cell[j]), dh = d_state[j];
      const float dc = d_cell[j] + dh * o * (1.0f - t * t);
      const float di = dc * g * (i * (1.0f - i)), df = dc * before[j] * (f * (1.0f - f));
      const float dg = dc * i * (1.0f - g * g), d_o = dh * t * (o * (1.0f - o));
      d_cell[j] = dc * f;
      d_input[j] = d_product[j] = di;
      d_input[j + hidden] = d_product[j + hidden] = df;
      d_input[j + 2 * hidden] = d_product[j + 2 * hidden] = dg;
      d_input[j + 3 * hidden] = d_product[j + 3 * hidden] = d_o;
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
