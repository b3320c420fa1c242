// One direction of a recurrent layer over all steps of its sequences, forward and backward: TensorFlow would need some fifteen ops for
// each step, and keep what each of them gives.
//
// The batch is cut into blocks of rows, each of which goes through all steps by itself, so that threads do not wait for each other
// within a sequence. Which rows are a block follows from the batch alone. What needs no order is done by TensorFlow before and after,
// as one product over all steps: the input's part of the gates, and the gradients of both weights and of the input.

#include <algorithm>
#include <vector>
#include "gru.h"
#include "kernels.h"
#include "lstm.h"
#include "matmul.h"
#include "parallel.h"

namespace lossnet {
namespace {

using Shape = std::vector<int64_t>;

struct Options {
  bool backwards = false, all = false;
};

// What [batch, length, gates] is made of.
struct Sequences {
  size_t batch, length, gates, hidden;

  // Whether this is what a cell can go along; else the call fails.
  static bool Check(Call *call, const Shape &shape, size_t gates) {
    return call->Ok() && call->Need(shape.size() == 3 && Call::Count(shape) > 0 && shape[2] % gates == 0,
                                    "the gates have to be [batch, length, " + std::to_string(gates) + " x hidden]");
  }

  Sequences(const Shape &shape, size_t each)
      : batch(static_cast<size_t>(shape[0])),
        length(static_cast<size_t>(shape[1])),
        gates(static_cast<size_t>(shape[2])),
        hidden(gates / each) {}

  Shape OfStates() const { return {Long(batch), Long(length), Long(hidden)}; }
  Shape OfState() const { return {Long(batch), Long(hidden)}; }
  Shape OfWeight() const { return {Long(hidden), Long(gates)}; }
  Shape OfBias() const { return {Long(gates)}; }

  // The weights are read once for each block and step; threads have nothing to do where there are fewer blocks than threads.
  size_t blocks() const {
    const size_t most = batch < 128 ? 32 : 64;
    return (batch + most - 1) / most;
  }

  // The first row of a block.
  size_t First(size_t block) const { return block * batch / blocks(); }

  // The rows of a tensor [batch, length, width], at a step.
  template <typename Number>
  Rows<Number> At(Number *data, size_t first, size_t step, size_t width) const {
    return {data + (first * length + step) * width, length * width};
  }

 private:
  static int64_t Long(size_t value) { return static_cast<int64_t>(value); }
};

template <typename From>
void Copy(size_t rows, size_t width, Rows<From> from, Rows<float> to) {
  for (size_t row = 0; row < rows; row++) std::copy_n(from[row], width, to[row]);
}

LOSSNET_FOR_EACH_CPU void AddTo(size_t rows, size_t width, Rows<const float> from, float *__restrict to) {
  for (size_t row = 0; row < rows; row++, to += width) {
    const float *__restrict values = from[row];
    for (size_t i = 0; i < width; i++) to[i] += values[i];
  }
}

// Sums of each column. In float over a few rows, in double from there on.
LOSSNET_FOR_EACH_CPU void AddUp(size_t rows, size_t width, Rows<const float> x, double *__restrict sums) {
  size_t row = 0;
  for (; row + 4 <= rows; row += 4) {
    const float *__restrict a = x[row], *__restrict b = x[row + 1], *__restrict c = x[row + 2], *__restrict d = x[row + 3];
    for (size_t i = 0; i < width; i++) sums[i] += (a[i] + b[i]) + (c[i] + d[i]);
  }
  for (; row < rows; row++) {
    const float *__restrict a = x[row];
    for (size_t i = 0; i < width; i++) sums[i] += a[i];
  }
}

// ---- forward

template <typename Cell>
void Forward(const Options &options, TF_OpKernelContext *context) {
  Call call(context);
  const Shape shape = call.Shape(0);
  if (!Sequences::Check(&call, shape, Cell::kGates)) return;
  const Sequences all(shape, Cell::kGates);
  const size_t hidden = all.hidden, length = all.length;
  const bool isKept = TF_NumOutputs(context) > 1, hasBiases = TF_NumInputs(context) > 2;
  // What comes in is wanted no more: it makes room.
  float *gates = isKept ? call.OutputOver(0, 2, shape) : nullptr;
  const float *input = call.Input(0, shape), *weight = call.Input(1, all.OfWeight());
  const std::vector<float> none(hasBiases ? 0 : all.gates, 0.0f);
  const float *inputBias = hasBiases ? call.Input(2, all.OfBias()) : none.data();
  const float *stateBias = hasBiases ? call.Input(3, all.OfBias()) : none.data();
  float *y = call.Output(0, options.all ? all.OfStates() : all.OfState());
  float *before = isKept ? call.Output(1, all.OfStates()) : nullptr;
  float *kept = isKept ? call.Output(3, all.OfStates()) : nullptr;
  if (!call.Ok()) return;

  const Packed packed({weight, all.gates, 1}, hidden, all.gates);
  Threads::All().For(all.blocks(), [&](size_t block) {
    const size_t first = all.First(block), rows = all.First(block + 1) - first;
    Floats product(rows * all.gates), state(rows * hidden), keeps(rows * hidden);
    std::fill_n(product.data(), rows * all.gates, 0.0f);
    std::fill_n(state.data(), rows * hidden, 0.0f);
    std::fill_n(keeps.data(), rows * hidden, 0.0f);
    const Rows<const float> states{state.data(), hidden}, carried{keeps.data(), hidden};
    for (size_t i = 0; i < length; i++) {
      const size_t step = options.backwards ? length - 1 - i : i;
      if (isKept) Copy(rows, hidden, states, all.At(before, first, step, hidden));
      if (i > 0) Multiply({state.data(), hidden, 1}, rows, packed, product.data(), all.gates);
      const Rows<float> to = isKept ? all.At(gates, first, step, all.gates) : Rows<float>{product.data(), all.gates};
      Cell::Forward({rows, hidden, all.At(input, first, step, all.gates), product.data(), inputBias, stateBias, to, keeps.data(),
                     state.data()});
      if (isKept) Copy(rows, hidden, carried, all.At(kept, first, step, hidden));
      if (options.all) Copy(rows, hidden, states, all.At(y, first, step, hidden));
    }
    if (!options.all) Copy(rows, hidden, states, Rows<float>{y + first * hidden, hidden});
  });
}

// ---- backward

template <typename Cell>
void Backward(const Options &options, TF_OpKernelContext *context) {
  Call call(context);
  const Shape shape = call.Shape(3);
  if (!Sequences::Check(&call, shape, Cell::kGates)) return;
  const Sequences all(shape, Cell::kGates);
  const size_t hidden = all.hidden, length = all.length;
  float *dInput = call.OutputOver(3, 0, shape);
  const float *dy = call.Input(0, options.all ? all.OfStates() : all.OfState()), *weight = call.Input(1, all.OfWeight());
  const float *before = call.Input(2, all.OfStates()), *gates = call.Input(3, shape), *kept = call.Input(4, all.OfStates());
  float *dInputBias = call.Output(1, all.OfBias());
  float *dProduct = Cell::kIsSameForBoth ? nullptr : call.Output(2, shape);
  float *dStateBias = Cell::kIsSameForBoth ? nullptr : call.Output(3, all.OfBias());
  if (!call.Ok()) return;

  const Packed packed({weight, 1, all.gates}, all.gates, hidden);
  const std::vector<float> zeros(hidden, 0.0f);
  // Of each block: the input's part, and the state's where it is another.
  std::vector<double> sums(all.blocks() * 2 * all.gates, 0.0);
  Threads::All().For(all.blocks(), [&](size_t block) {
    const size_t first = all.First(block), rows = all.First(block + 1) - first;
    double *ofInput = &sums[block * 2 * all.gates], *ofState = ofInput + all.gates;
    Floats product(rows * all.gates), dState(rows * hidden), dKept(rows * hidden);
    std::fill_n(dState.data(), rows * hidden, 0.0f);
    std::fill_n(dKept.data(), rows * hidden, 0.0f);
    const Rows<const float> own{product.data(), all.gates};
    if (!options.all) AddTo(rows, hidden, {dy + first * hidden, hidden}, dState.data());
    for (size_t i = length; i-- > 0;) {
      const size_t step = options.backwards ? length - 1 - i : i;
      if (options.all) AddTo(rows, hidden, all.At(dy, first, step, hidden), dState.data());
      const Rows<float> to = all.At(dInput, first, step, all.gates);
      const Rows<const float> keptBefore =
          i > 0 ? all.At(kept, first, options.backwards ? step + 1 : step - 1, hidden) : Rows<const float>{zeros.data(), 0};
      Cell::Backward({rows, hidden, all.At(gates, first, step, all.gates), all.At(kept, first, step, hidden), keptBefore,
                      all.At(before, first, step, hidden), dState.data(), dKept.data(), to, product.data()});
      AddUp(rows, all.gates, own, Cell::kIsSameForBoth ? ofInput : ofState);
      if (!Cell::kIsSameForBoth) {
        AddUp(rows, all.gates, {to.data, to.stride}, ofInput);
        Copy(rows, all.gates, own, all.At(dProduct, first, step, all.gates));
      }
      if (i > 0) Multiply({product.data(), all.gates, 1}, rows, packed, dState.data(), hidden, Cell::kPassesOn);
    }
  });
  for (size_t i = 0; i < all.gates; i++) {
    double ofInput = 0, ofState = 0;
    for (size_t block = 0; block < all.blocks(); block++) {
      ofInput += sums[block * 2 * all.gates + i];
      ofState += sums[(block * 2 + 1) * all.gates + i];
    }
    dInputBias[i] = static_cast<float>(ofInput);
    if (dStateBias) dStateBias[i] = static_cast<float>(ofState);
  }
}

// ---- as TensorFlow knows them

void *Create(TF_OpKernelConstruction *construction) {
  auto *options = new Options;
  TF_Status *status = TF_NewStatus();
  unsigned char backwards = 0, all = 0;
  TF_OpKernelConstruction_GetAttrBool(construction, "backwards", &backwards, status);
  if (TF_GetCode(status) == TF_OK) TF_OpKernelConstruction_GetAttrBool(construction, "all", &all, status);
  *options = {backwards != 0, all != 0};
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return options;
}

void Remove(void *options) { delete static_cast<Options *>(options); }

// Of the state after all steps or the last: shapes follow from an attribute, which cannot be asked for here.
void InferForward(TF_ShapeInferenceContext *context, TF_Status *status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

void InferBackward(TF_ShapeInferenceContext *context, TF_Status *status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
  SameShape(context, 0, 3, status);
}

template <typename Cell>
bool RegisterForward(const char *name) {
  return Register({name,
                   {"input: float", "weight: float", "biases: B * float"},
                   {"y: float", "kept: K * float"},
                   {"backwards: bool", "all: bool", "B: int >= 0 = 0", "K: int >= 0 = 0"},
                   InferForward, Create,
                   [](void *options, TF_OpKernelContext *context) { Forward<Cell>(*static_cast<Options *>(options), context); },
                   Remove});
}

template <typename Cell>
bool RegisterBackward(const char *name, std::initializer_list<const char *> outputs) {
  return Register({name,
                   {"dy: float", "weight: float", "before: float", "gates: float", "kept: float"},
                   outputs,
                   {"backwards: bool", "all: bool"},
                   InferBackward, Create,
                   [](void *options, TF_OpKernelContext *context) { Backward<Cell>(*static_cast<Options *>(options), context); },
                   Remove});
}

const bool registered =
    RegisterForward<Lstm>("LossnetLstm") && RegisterForward<Gru>("LossnetGru") &&
    RegisterBackward<Lstm>("LossnetLstmGrad", {"dgates: float", "dbias: float"}) &&
    RegisterBackward<Gru>("LossnetGruGrad", {"dinput: float", "dinput_bias: float", "dstate: float", "dstate_bias: float"});

}  // namespace
}  // namespace lossnet
