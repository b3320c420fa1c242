// What a recurrent cell is given for one step of some rows: see recurrent.cc.
#pragma once

#include <cstddef>
#include "channels.h"

namespace lossnet {

// Rows of numbers, `stride` from one to the next.
template <typename Number>
struct Rows {
  Number *data;
  size_t stride;

  Number *operator[](size_t row) const { return data + row * stride; }
};

struct StepForward {
  size_t rows, hidden;
  Rows<const float> input;              // the input's part of the gates
  const float *product;                 // the state's part, [rows, gates]
  const float *inputBias, *stateBias;   // [gates]
  Rows<float> gates;                    // takes them after their activation; may lie over either part
  float *kept;                          // [rows, hidden], what the step before has left there
  float *state;                         // [rows, hidden], likewise
};

struct StepBackward {
  size_t rows, hidden;
  Rows<const float> gates, kept, keptBefore, stateBefore;
  float *dState;       // [rows, hidden]; takes what does not come to the state before by way of the product
  float *dKept;        // [rows, hidden], for cells that carry it from step to step
  Rows<float> dInput;  // takes the gradient of the input's part of the gates; may lie over the gates
  float *dProduct;     // takes that of the state's part, [rows, gates]
};

}  // namespace lossnet
