// Activations of one number each, as plain arithmetic: loops over them are vectorised. No product is joined with a sum, so every CPU
// gives the same bytes. Right to 2 units in the last place; nothing overflows, and what is no number stays none.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace lossnet {

// e to the power of x, from 1.2e-38 to infinity. x is a whole number of ln 2 and a rest, of which a polynomial is taken.
//
// https://www.netlib.org/cephes/ (expf.c)
inline float Exp(float x) {
  x = x < -87.336f ? -87.336f : x;
  x = x > 89.0f ? 89.0f : x;
  // Where numbers are so large, their last bit is 1: the sum is rounded to a whole number, which stands in its lowest bits.
  const float kWhole = 12582912.0f;
  const float shifted = x * 1.44269504088896341f + kWhole;
  const float whole = shifted - kWhole;
  const float r = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
  float series = 1.9875691500e-4f;
  series = series * r + 1.3981999507e-3f;
  series = series * r + 8.3334519073e-3f;
  series = series * r + 4.1665795894e-2f;
  series = series * r + 1.6666665459e-1f;
  series = series * r + 5.0000001201e-1f;
  series = (series * r * r + r) + 1.0f;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits << 23) + 0x3f800000u;  // 2 to the power of the whole number
  float power;
  memcpy(&power, &bits, sizeof power);
  return series * power;
}

inline float Sigmoid(float x) { return 1.0f / (1.0f + Exp(-x)); }

// Near 0, where the other formula loses digits, a polynomial.
//
// https://www.netlib.org/cephes/ (tanhf.c)
inline float Tanh(float x) {
  const float size = std::fabs(x), square = x * x;
  float series = -5.70498872745e-3f;
  series = series * square + 2.06390887954e-2f;
  series = series * square - 5.37397155531e-2f;
  series = series * square + 1.33314422036e-1f;
  series = series * square - 3.33332819422e-1f;
  const float near = series * square * x + x;
  const float far = std::copysign(1.0f - 2.0f / (Exp(2.0f * size) + 1.0f), x);
  // Both are there already: what is computed under a condition is computed one by one.
  return size < 0.625f ? near : far;
}

}  // namespace lossnet
