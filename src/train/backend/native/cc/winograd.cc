// Convolutions by winograd.h, as ops of TensorFlow's: forward, with what often follows, and both gradients.

#include "winograd.h"

#include <limits>
#include "kernels.h"

namespace lossnet {
namespace {

using Shape = std::vector<int64_t>;

constexpr float kNoFloor = -std::numeric_limits<float>::infinity();

Images ImagesOf(const Shape &shape) {
  const auto at = [&](size_t i) { return static_cast<size_t>(shape[i]); };
  return {at(0), at(1), at(2), at(3)};
}

// Whether images and a filter go together: its channels at `axis` are theirs.
bool Fit(Call &call, const Shape &images, const Shape &filter, size_t axis) {
  return call.Ok() && call.Need(images.size() == 4, "the images have to be [batch, height, width, channels]") &&
         call.Need(filter.size() == 4 && filter[0] == 3 && filter[1] == 3, "the filter has to be [3, 3, in, out]") &&
         call.Need(images[3] == filter[axis], "the images have " + std::to_string(images[3]) + " channels, the filter " +
                                                  std::to_string(filter[axis]));
}

// The images that come out of `from`, by a filter with its inputs and outputs exchanged or not.
void Run(TF_OpKernelContext *context, bool isTurned, bool hasFloor) {
  Call call(context);
  const Shape shape = call.Shape(0), filterShape = call.Shape(1);
  if (!Fit(call, shape, filterShape, isTurned ? 3 : 2)) return;
  const int64_t channels = filterShape[isTurned ? 2 : 3];
  const Shape made{shape[0], shape[1], shape[2], channels};
  const float *from = call.Input(0, shape), *filter = call.Input(1, filterShape);
  const bool hasBias = TF_NumInputs(context) > 2;
  const float *bias = hasBias ? call.Input(2, {channels}) : nullptr;
  float *to = call.Output(0, made);
  if (!call.Ok()) return;
  const size_t inputs = static_cast<size_t>(filterShape[2]), outputs = static_cast<size_t>(filterShape[3]);
  static thread_local Room ofFilter;
  const TransformedFilter transformed(filter, inputs, outputs, isTurned, ofFilter);
  const std::vector<float> none(hasBias ? 0 : static_cast<size_t>(channels), 0.0f);
  Convolve(from, ImagesOf(shape), transformed, {hasBias ? bias : none.data(), hasFloor ? 0 : kNoFloor}, to, ImagesOf(made));
}

void *Create(TF_OpKernelConstruction *construction) {
  TF_Status *status = TF_NewStatus();
  unsigned char relu = 0;
  TF_OpKernelConstruction_GetAttrBool(construction, "relu", &relu, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return new bool(relu != 0);
}

void *CreateNothing(TF_OpKernelConstruction *) { return nullptr; }

void RunFilterGradient(TF_OpKernelContext *context) {
  Call call(context);
  const Shape shape = call.Shape(0), dyShape = call.Shape(1);
  const bool isAlike = call.Ok() && shape.size() == 4 && dyShape.size() == 4 && std::equal(shape.begin(), shape.end() - 1, dyShape.begin());
  if (!call.Ok() || !call.Need(isAlike, "x and dy have to be [batch, height, width, channels], alike but for the channels")) return;
  if (!call.Need(Call::Count(shape) > 0 && Call::Count(dyShape) > 0, "x and dy have no numbers")) return;
  const float *x = call.Input(0, shape), *dy = call.Input(1, dyShape);
  float *dg = call.Output(0, {3, 3, shape[3], dyShape[3]});
  if (call.Ok()) FilterGradient(x, ImagesOf(shape), dy, ImagesOf(dyShape), dg);
}

// ---- as TensorFlow knows them

const bool registered =
    Register({"LossnetConv3x3",
              {"x: float", "filter: float", "bias: N * float"},
              {"y: float"},
              {"relu: bool = false", "N: int >= 0 = 0"},
              [](TF_ShapeInferenceContext *context, TF_Status *status) { JoinedShape(context, 0, {0, 0, 3}, {1, 3, 4}, status); },
              Create,
              [](void *relu, TF_OpKernelContext *context) { Run(context, false, *static_cast<bool *>(relu)); },
              [](void *relu) { delete static_cast<bool *>(relu); }}) &&
    Register({"LossnetConv3x3InputGrad",
              {"dy: float", "filter: float"},
              {"dx: float"},
              {},
              [](TF_ShapeInferenceContext *context, TF_Status *status) { JoinedShape(context, 0, {0, 0, 3}, {1, 2, 3}, status); },
              CreateNothing,
              [](void *, TF_OpKernelContext *context) { Run(context, true, false); },
              [](void *) {}}) &&
    Register({"LossnetConv3x3FilterGrad",
              {"x: float", "dy: float"},
              {"dfilter: float"},
              {},
              TF_ShapeInferenceContextSetUnknownShape,
              CreateNothing,
              [](void *, TF_OpKernelContext *context) { RunFilterGradient(context); },
              [](void *) {}});

}  // namespace
}  // namespace lossnet
