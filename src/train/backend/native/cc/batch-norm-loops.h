// The loops of batch normalisation, over rows of channels: see batch-norm.cc.
#pragma once

#include "channels.h"

namespace lossnet {

// What each channel is normalised by: its mean, as a float and what that leaves of it, and what is made of what is then left.
struct Normal {
  const float *mean, *rest, *factor, *offset;
};

// What a rectifier passes on of a gradient. Both are there already: a value that is read under a condition is read one by one.
inline float Passed(float given, float gradient) { return given > 0 ? gradient : 0.0f; }

// Sums of x - near and of their squares. In float up to a few rows, in double from there on.
LOSSNET_FOR_EACH_CPU void AddUp(const float *__restrict x, Span span, const float *__restrict near, double *__restrict sums,
                                double *__restrict squares) {
  const size_t stride = span.stride, width = span.width;
  size_t row = 0;
  for (; row + 8 <= span.rows; row += 8, x += 8 * stride) {
    for (size_t i = 0; i < width; i++) {
      const auto at = [=](size_t row) { return x[i + row * stride] - near[i]; };
      const float a = at(0), b = at(1), c = at(2), d = at(3), e = at(4), f = at(5), g = at(6), h = at(7);
      sums[i] += ((a + b) + (c + d)) + ((e + f) + (g + h));
      squares[i] += ((a * a + b * b) + (c * c + d * d)) + ((e * e + f * f) + (g * g + h * h));
    }
  }
  for (; row < span.rows; row++, x += stride) {
    for (size_t i = 0; i < width; i++) {
      const float a = x[i] - near[i];
      sums[i] += a;
      squares[i] += a * a;
    }
  }
}

// y = normalised x, at least `floor`.
LOSSNET_FOR_EACH_CPU void Normalize(const float *__restrict x, Span span, Normal by, float floor, float *__restrict y) {
  const float *__restrict mean = by.mean, *__restrict rest = by.rest;
  const float *__restrict factor = by.factor, *__restrict offset = by.offset;
  for (size_t row = 0; row < span.rows; row++, x += span.stride, y += span.stride) {
    for (size_t i = 0; i < span.width; i++) {
      const float value = ((x[i] - mean[i]) - rest[i]) * factor[i] + offset[i];
      y[i] = value < floor ? floor : value;
    }
  }
}

// y = normalised x + addend, at least `floor`. y may be the addend.
LOSSNET_FOR_EACH_CPU void NormalizeAndAdd(const float *__restrict x, const float *addend, Span span, Normal by, float floor,
                                          float *y) {
  const float *__restrict mean = by.mean, *__restrict rest = by.rest;
  const float *__restrict factor = by.factor, *__restrict offset = by.offset;
  for (size_t row = 0; row < span.rows; row++, x += span.stride, addend += span.stride, y += span.stride) {
    LOSSNET_INDEPENDENT
    for (size_t i = 0; i < span.width; i++) {
      const float value = (((x[i] - mean[i]) - rest[i]) * factor[i] + offset[i]) + addend[i];
      y[i] = value < floor ? floor : value;
    }
  }
}

// Sums of dy and of dy times what x differs from its mean.
LOSSNET_FOR_EACH_CPU void AddUpGradient(const float *__restrict dy, const float *__restrict x, Span span, Normal by,
                                        double *__restrict sums, double *__restrict products) {
  const size_t stride = span.stride, width = span.width;
  const float *__restrict mean = by.mean, *__restrict rest = by.rest;
  size_t row = 0;
  for (; row + 4 <= span.rows; row += 4, x += 4 * stride, dy += 4 * stride) {
    for (size_t i = 0; i < width; i++) {
      const auto z = [=](size_t row) { return (x[i + row * stride] - mean[i]) - rest[i]; };
      const float a = dy[i], b = dy[i + stride], c = dy[i + 2 * stride], d = dy[i + 3 * stride];
      sums[i] += (a + b) + (c + d);
      products[i] += (a * z(0) + b * z(1)) + (c * z(2) + d * z(3));
    }
  }
  for (; row < span.rows; row++, x += stride, dy += stride) {
    for (size_t i = 0; i < width; i++) {
      sums[i] += dy[i];
      products[i] += dy[i] * ((x[i] - mean[i]) - rest[i]);
    }
  }
}

// The same where a rectifier follows: what it has made 0 has no gradient.
LOSSNET_FOR_EACH_CPU void AddUpRectified(const float *__restrict dy, const float *__restrict x, Span span, Normal by,
                                         double *__restrict sums, double *__restrict products) {
  const size_t stride = span.stride, width = span.width;
  const float *__restrict mean = by.mean, *__restrict rest = by.rest;
  const float *__restrict factor = by.factor, *__restrict offset = by.offset;
  size_t row = 0;
  for (; row + 4 <= span.rows; row += 4, x += 4 * stride, dy += 4 * stride) {
    for (size_t i = 0; i < width; i++) {
      const auto z = [=](size_t row) { return (x[i + row * stride] - mean[i]) - rest[i]; };
      const auto g = [=](size_t row, float z) { return Passed(z * factor[i] + offset[i], dy[i + row * stride]); };
      const float p = z(0), q = z(1), r = z(2), s = z(3);
      const float a = g(0, p), b = g(1, q), c = g(2, r), d = g(3, s);
      sums[i] += (a + b) + (c + d);
      products[i] += (a * p + b * q) + (c * r + d * s);
    }
  }
  for (; row < span.rows; row++, x += stride, dy += stride) {
    for (size_t i = 0; i < width; i++) {
      const float z = (x[i] - mean[i]) - rest[i], g = Passed(z * factor[i] + offset[i], dy[i]);
      sums[i] += g;
      products[i] += g * z;
    }
  }
}

// The same where something was added before: y tells, and the gradient g of the sum is kept. It may be dy.
LOSSNET_FOR_EACH_CPU void AddUpSum(const float *dy, const float *__restrict y, const float *__restrict x, Span span, Normal by,
                                   float *g, double *__restrict sums, double *__restrict products) {
  const size_t stride = span.stride, width = span.width;
  const float *__restrict mean = by.mean, *__restrict rest = by.rest;
  size_t row = 0;
  for (; row + 4 <= span.rows; row += 4, x += 4 * stride, y += 4 * stride, dy += 4 * stride, g += 4 * stride) {
    LOSSNET_INDEPENDENT
    for (size_t i = 0; i < width; i++) {
      const auto z = [=](size_t row) { return (x[i + row * stride] - mean[i]) - rest[i]; };
      const auto at = [=](size_t row) { return Passed(y[i + row * stride], dy[i + row * stride]); };
      const float a = at(0), b = at(1), c = at(2), d = at(3);
      g[i] = a;
      g[i + stride] = b;
      g[i + 2 * stride] = c;
      g[i + 3 * stride] = d;
      sums[i] += (a + b) + (c + d);
      products[i] += (a * z(0) + b * z(1)) + (c * z(2) + d * z(3));
    }
  }
  for (; row < span.rows; row++, x += stride, y += stride, dy += stride, g += stride) {
    LOSSNET_INDEPENDENT
    for (size_t i = 0; i < width; i++) {
      const float a = Passed(y[i], dy[i]);
      g[i] = a;
      sums[i] += a;
      products[i] += a * ((x[i] - mean[i]) - rest[i]);
    }
  }
}

// How the gradient of x follows: dx = factor dy + (times (x - mean) + shift)
struct Share {
  const float *times, *shift;
};

// dx may be dy or x.
LOSSNET_FOR_EACH_CPU void Spread(const float *dy, const float *x, Span span, Normal by, Share share, float *dx) {
  const float *__restrict mean = by.mean, *__restrict rest = by.rest, *__restrict factor = by.factor;
  const float *__restrict times = share.times, *__restrict shift = share.shift;
  for (size_t row = 0; row < span.rows; row++, x += span.stride, dy += span.stride, dx += span.stride) {
    LOSSNET_INDEPENDENT
    for (size_t i = 0; i < span.width; i++) {
      dx[i] = factor[i] * dy[i] + (((x[i] - mean[i]) - rest[i]) * times[i] + shift[i]);
    }
  }
}

// The same where a rectifier follows.
LOSSNET_FOR_EACH_CPU void SpreadRectified(const float *dy, const float *x, Span span, Normal by, Share share, float *dx) {
  const float *__restrict mean = by.mean, *__restrict rest = by.rest;
  const float *__restrict factor = by.factor, *__restrict offset = by.offset;
  const float *__restrict times = share.times, *__restrict shift = share.shift;
  for (size_t row = 0; row < span.rows; row++, x += span.stride, dy += span.stride, dx += span.stride) {
    LOSSNET_INDEPENDENT
    for (size_t i = 0; i < span.width; i++) {
      const float z = (x[i] - mean[i]) - rest[i];
      const float g = Passed(z * factor[i] + offset[i], dy[i]);
      dx[i] = factor[i] * g + (z * times[i] + shift[i]);
    }
  }
}

}  // namespace lossnet
