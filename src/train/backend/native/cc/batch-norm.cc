// Batch normalisation of numbers that lie channels last, in as few passes over them as there can be: forward one that reads and one
// that reads and writes, backward likewise. TensorFlow's own op adds up each channel's numbers in float one after the other, which
// leaves four digits; this is right to seven, also where the mean is far from 0.
//
//     y = (x - mean) / sqrt(biased variance + eps) * scale + offset
//
// What often follows is done in the same passes: `+ addend`, then `relu`.

#include "batch-norm-loops.h"

#include <cmath>
#include <limits>
#include "kernels.h"
#include "parallel.h"

namespace lossnet {
namespace {

using Shape = std::vector<int64_t>;

struct Options {
  float eps = 0;
  bool relu = false;
};

// A shape as rows of channels.
Channels ChannelsOf(const Shape &shape) {
  size_t channels = static_cast<size_t>(shape.back());
  return Channels(Call::Count(shape) / channels, channels);
}

template <typename Work>
void ForEachPiece(const Channels &layout, const Work &work) {
  // From the end: what was read last by the pass before is still in the cache.
  size_t last = layout.pieces() - 1;
  Threads::All().For(layout.pieces(), [&](size_t i) { layout.Piece(last - i, work); });
}

template <typename Work>
std::vector<double> SumsOf(const Channels &layout, const Work &work) {
  return layout.Sums([](size_t count, const auto &each) { Threads::All().For(count, each); }, work);
}

// ---- forward

struct Moments {
  std::vector<double> mean, variance;
};

// By what x differs from a number near its mean: squares of large numbers leave nothing of how they differ.
Moments MomentsNear(const Channels &layout, const float *x, const std::vector<float> &near) {
  std::vector<float> wide = layout.Wide(near.data());
  std::vector<double> sums = SumsOf(layout, [&](size_t begin, size_t channel, Span span, double *first, double *second) {
    AddUp(x + begin, span, &wide[channel], first, second);
  });
  const size_t channels = layout.channels();
  const double rows = static_cast<double>(layout.rows());
  Moments moments{std::vector<double>(channels), std::vector<double>(channels)};
  for (size_t c = 0; c < channels; c++) {
    double rest = sums[c] / rows;
    moments.mean[c] = near[c] + rest;
    moments.variance[c] = std::fabs(sums[channels + c] / rows - rest * rest);  // rounding may leave less than 0
  }
  return moments;
}

// The mean of some rows, all over x.
std::vector<float> Guess(const Channels &layout, const float *x) {
  const size_t count = std::min<size_t>(layout.rows(), 16), channels = layout.channels();
  std::vector<double> sums(channels, 0.0);
  for (size_t i = 0; i < count; i++) {
    const float *row = x + i * layout.rows() / count * channels;
    for (size_t c = 0; c < channels; c++) sums[c] += row[c];
  }
  std::vector<float> mean(channels);
  for (size_t c = 0; c < channels; c++) mean[c] = static_cast<float>(sums[c] / static_cast<double>(count));
  return mean;
}

Moments MomentsOf(const Channels &layout, const float *x) {
  std::vector<float> near = Guess(layout, x);
  Moments moments = MomentsNear(layout, x, near);
  bool isFar = false;
  for (size_t c = 0; c < layout.channels(); c++) {
    double off = moments.mean[c] - near[c];
    isFar = isFar || off * off > 64 * moments.variance[c];
  }
  if (!isFar) return moments;
  // A few numbers unlike all others were among those rows.
  for (size_t c = 0; c < layout.channels(); c++) near[c] = static_cast<float>(moments.mean[c]);
  return MomentsNear(layout, x, near);
}

void Forward(const Options &options, TF_OpKernelContext *context) {
  Call call(context);
  const Shape shape = call.Shape(0);
  if (!call.Ok() || !call.Need(!shape.empty() && Call::Count(shape) > 0, "x has no numbers")) return;
  const Shape each{shape.back()};
  const bool hasAddend = TF_NumInputs(context) > 3;
  // An addend that is wanted no more makes room for y.
  float *y = hasAddend ? call.OutputOver(3, 0, shape) : call.Output(0, shape);
  const float *x = call.Input(0, shape), *scale = call.Input(1, each), *offset = call.Input(2, each);
  const float *addend = hasAddend ? call.Input(3, shape) : nullptr;
  float *mean = call.Output(1, each), *rest = call.Output(2, each);
  float *unbiased = call.Output(3, each), *inverse = call.Output(4, each);
  if (!call.Ok()) return;

  const Channels layout = ChannelsOf(shape);
  const Moments moments = MomentsOf(layout, x);
  const double rows = static_cast<double>(layout.rows());
  std::vector<float> factor(layout.channels());
  for (size_t c = 0; c < factor.size(); c++) {
    mean[c] = static_cast<float>(moments.mean[c]);
    rest[c] = static_cast<float>(moments.mean[c] - mean[c]);
    unbiased[c] = static_cast<float>(moments.variance[c] * (rows / (rows - 1)));
    inverse[c] = static_cast<float>(1 / std::sqrt(moments.variance[c] + options.eps));
    factor[c] = scale[c] * inverse[c];
  }
  const std::vector<float> means = layout.Wide(mean), rests = layout.Wide(rest);
  const std::vector<float> factors = layout.Wide(factor.data()), offsets = layout.Wide(offset);
  const float floor = options.relu ? 0 : -std::numeric_limits<float>::infinity();
  ForEachPiece(layout, [&](size_t at, size_t c, Span span) {
    const Normal by{&means[c], &rests[c], &factors[c], &offsets[c]};
    if (addend) {
      NormalizeAndAdd(x + at, addend + at, span, by, floor, y + at);
    } else {
      Normalize(x + at, span, by, floor, y + at);
    }
  });
}

void InferForward(TF_ShapeInferenceContext *context, TF_Status *status) {
  SameShape(context, 0, 0, status);
  for (int output = 1; output < 5; output++) SameShape(context, output, 1, status);
}

// ---- backward
//
//     dx = scale * inverse * (g - mean(g) - z * mean(g * z)),   z = (x - mean) * inverse
//
// g is the gradient of what the rectifier is given; without one, dy.

void Backward(const Options &options, TF_OpKernelContext *context) {
  Call call(context);
  const Shape shape = call.Shape(0);
  if (!call.Ok() || !call.Need(!shape.empty() && Call::Count(shape) > 0, "dy has no numbers")) return;
  const Shape each{shape.back()};
  const bool hasAddend = TF_NumInputs(context) > 7;
  // What is wanted no more makes room for what is made: dy, and x.
  float *dAddend = hasAddend ? call.OutputOver(0, 3, shape) : nullptr;
  float *dx = call.OutputOver(hasAddend ? 1 : 0, 0, shape);
  const float *dy = call.Input(0, shape), *x = call.Input(1, shape);
  const float *scale = call.Input(2, each), *offset = call.Input(3, each);
  const float *mean = call.Input(4, each), *rest = call.Input(5, each), *inverse = call.Input(6, each);
  const float *y = hasAddend ? call.Input(7, shape) : nullptr;
  float *dScale = call.Output(1, each), *dOffset = call.Output(2, each);
  if (!call.Ok()) return;

  const Channels layout = ChannelsOf(shape);
  const size_t channels = layout.channels();
  std::vector<float> factor(channels), time(channels), shift(channels);
  for (size_t c = 0; c < channels; c++) factor[c] = scale[c] * inverse[c];
  const std::vector<float> means = layout.Wide(mean), rests = layout.Wide(rest);
  const std::vector<float> factors = layout.Wide(factor.data()), offsets = layout.Wide(offset);
  const auto normal = [&](size_t c) { return Normal{&means[c], &rests[c], &factors[c], &offsets[c]}; };

  const std::vector<double> sums = SumsOf(layout, [&](size_t at, size_t c, Span span, double *first, double *second) {
    if (dAddend) {
      AddUpSum(dy + at, y + at, x + at, span, normal(c), dAddend + at, first, second);
    } else if (options.relu) {
      AddUpRectified(dy + at, x + at, span, normal(c), first, second);
    } else {
      AddUpGradient(dy + at, x + at, span, normal(c), first, second);
    }
  });
  const double rows = static_cast<double>(layout.rows());
  for (size_t c = 0; c < channels; c++) {
    const double products = sums[channels + c] * inverse[c];
    dOffset[c] = static_cast<float>(sums[c]);
    dScale[c] = static_cast<float>(products);
    time[c] = static_cast<float>(-factor[c] * inverse[c] * products / rows);
    shift[c] = static_cast<float>(-factor[c] * sums[c] / rows);
  }
  const std::vector<float> times = layout.Wide(time.data()), shifts = layout.Wide(shift.data());
  ForEachPiece(layout, [&](size_t at, size_t c, Span span) {
    const Share share{&times[c], &shifts[c]};
    if (dAddend) {
      Spread(dAddend + at, x + at, span, normal(c), share, dx + at);
    } else if (options.relu) {
      SpreadRectified(dy + at, x + at, span, normal(c), share, dx + at);
    } else {
      Spread(dy + at, x + at, span, normal(c), share, dx + at);
    }
  });
}

void InferBackward(TF_ShapeInferenceContext *context, TF_Status *status) {
  SameShape(context, 0, 1, status);
  SameShape(context, 1, 2, status);
  SameShape(context, 2, 2, status);
  // The addend's, where there is one.
  if (TF_ShapeInferenceContextNumInputs(context) > 7) SameShape(context, 3, 1, status);
}

// ---- as TensorFlow knows them

void *Create(TF_OpKernelConstruction *construction) {
  auto *options = new Options;
  TF_Status *status = TF_NewStatus();
  TF_OpKernelConstruction_GetAttrFloat(construction, "eps", &options->eps, status);
  unsigned char relu = 0;
  if (TF_GetCode(status) == TF_OK) TF_OpKernelConstruction_GetAttrBool(construction, "relu", &relu, status);
  options->relu = relu != 0;
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return options;
}

void Remove(void *options) { delete static_cast<Options *>(options); }

const bool registered =
    Register({"LossnetBatchNorm",
              {"x: float", "scale: float", "offset: float", "addend: N * float"},
              {"y: float", "mean: float", "rest: float", "unbiased: float", "inverse: float"},
              {"eps: float", "relu: bool = false", "N: int >= 0 = 0"},
              InferForward, Create,
              [](void *options, TF_OpKernelContext *context) { Forward(*static_cast<Options *>(options), context); },
              Remove}) &&
    Register({"LossnetBatchNormGrad",
              {"dy: float", "x: float", "scale: float", "offset: float", "mean: float", "rest: float", "inverse: float",
               "y: N * float"},
              {"dx: float", "dscale: float", "doffset: float", "daddend: N * float"},
              {"eps: float = 0", "relu: bool = false", "N: int >= 0 = 0"},
              InferBackward, Create,
              [](void *options, TF_OpKernelContext *context) { Backward(*static_cast<Options *>(options), context); },
              Remove});

}  // namespace
}  // namespace lossnet
