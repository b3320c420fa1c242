// Products of matrices on one thread, for kernels that have many small ones, with what comes before and after at hand: TensorFlow's C
// interface gives no way to its own.
//
//     c (+)= a b
//
// b is packed first, as panels of 32 columns, in which the numbers lie as they are wanted. The order in which products are added up
// follows from the shapes alone.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace lossnet {

constexpr size_t kPanel = 32;

// Numbers without values yet, that begin where a line of the cache does.
class Floats {
 public:
  explicit Floats(size_t count) : data_(static_cast<float *>(::operator new(count * sizeof(float), kLine))) {}
  Floats(Floats &&other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  Floats(const Floats &) = delete;
  ~Floats() { ::operator delete(data_, kLine); }

  float *data() { return data_; }
  const float *data() const { return data_; }

 private:
  static constexpr std::align_val_t kLine{64};
  float *data_;
};

// Where a matrix lies: its numbers are `row` apart from one row to the next, and `column` from one column to the next.
struct Matrix {
  const float *data;
  size_t row, column;
};

// Panels of 32 columns: each has rows `row` apart, and begins `next` after the one before.
struct Panels {
  const float *data;
  size_t row, next;
};

inline size_t PanelsOf(size_t columns) { return (columns + kPanel - 1) / kPanel; }

// b [k, n], packed: [panels, k, 32], with zeros behind the last column.
class Packed {
 public:
  Packed(Matrix b, size_t k, size_t n) : k_(k), n_(n), floats_(PanelsOf(n) * k * kPanel) {
    float *to = floats_.data();
    for (size_t first = 0; first < n; first += kPanel) {
      for (size_t i = 0; i < k; i++, to += kPanel) {
        const float *from = b.data + i * b.row + first * b.column;
        const size_t width = n - first < kPanel ? n - first : kPanel;
        for (size_t j = 0; j < width; j++) to[j] = from[j * b.column];
        for (size_t j = width; j < kPanel; j++) to[j] = 0;
      }
    }
  }

  size_t k() const { return k_; }
  size_t n() const { return n_; }
  Panels panels() const { return {floats_.data(), kPanel, k_ * kPanel}; }

 private:
  size_t k_, n_;
  Floats floats_;
};

// Some rows of a times one panel; c is [rows, 32].
using TimesPanel = void (*)(Matrix a, Panels b, size_t k, float *c, size_t row, bool add);

#if defined(__x86_64__)

template <int rows>
__attribute__((target("avx512f"))) void TimesPanel512(Matrix a, Panels b, size_t k, float *c, size_t row, bool add) {
  __m512 sums[rows][2];
  for (int r = 0; r < rows; r++) {
    sums[r][0] = add ? _mm512_loadu_ps(c + r * row) : _mm512_setzero_ps();
    sums[r][1] = add ? _mm512_loadu_ps(c + r * row + 16) : _mm512_setzero_ps();
  }
  // Addresses of rows from few registers: of each three, the first.
  const float *at[(rows + 2) / 3];
  for (int r = 0; r < rows; r += 3) at[r / 3] = a.data + r * a.row;
  const float *panel = b.data;
  for (size_t i = 0; i < k; i++, panel += b.row) {
    const __m512 left = _mm512_loadu_ps(panel), right = _mm512_loadu_ps(panel + 16);
    for (int r = 0; r < rows; r++) {
      const __m512 value = _mm512_set1_ps(at[r / 3][r % 3 * a.row]);
      sums[r][0] = _mm512_fmadd_ps(value, left, sums[r][0]);
      sums[r][1] = _mm512_fmadd_ps(value, right, sums[r][1]);
    }
    for (int r = 0; r < rows; r += 3) at[r / 3] += a.column;
  }
  for (int r = 0; r < rows; r++) {
    _mm512_storeu_ps(c + r * row, sums[r][0]);
    _mm512_storeu_ps(c + r * row + 16, sums[r][1]);
  }
}

template <int rows>
__attribute__((target("avx2,fma"))) void TimesPanel256(Matrix a, Panels b, size_t k, float *c, size_t row, bool add) {
  for (size_t half = 0; half < kPanel; half += 16) {
    __m256 sums[rows][2];
    float *to = c + half;
    for (int r = 0; r < rows; r++) {
      sums[r][0] = add ? _mm256_loadu_ps(to + r * row) : _mm256_setzero_ps();
      sums[r][1] = add ? _mm256_loadu_ps(to + r * row + 8) : _mm256_setzero_ps();
    }
    const float *from = b.data + half;
    const float *at[(rows + 2) / 3];
    for (int r = 0; r < rows; r += 3) at[r / 3] = a.data + r * a.row;
    for (size_t i = 0; i < k; i++, from += b.row) {
      const __m256 left = _mm256_loadu_ps(from), right = _mm256_loadu_ps(from + 8);
      for (int r = 0; r < rows; r++) {
        const __m256 value = _mm256_set1_ps(at[r / 3][r % 3 * a.row]);
        sums[r][0] = _mm256_fmadd_ps(value, left, sums[r][0]);
        sums[r][1] = _mm256_fmadd_ps(value, right, sums[r][1]);
      }
      for (int r = 0; r < rows; r += 3) at[r / 3] += a.column;
    }
    for (int r = 0; r < rows; r++) {
      _mm256_storeu_ps(to + r * row, sums[r][0]);
      _mm256_storeu_ps(to + r * row + 8, sums[r][1]);
    }
  }
}

#endif

// Four numbers, as any CPU has them at least.
using Four = float __attribute__((vector_size(16)));

inline Four Load(const float *from) {
  Four four;
  memcpy(&four, from, sizeof four);
  return four;
}

inline Four AddProduct(Four sum, float value, Four by) {
#if defined(__aarch64__)
  return vfmaq_n_f32(sum, by, value);
#else
  return sum + value * by;
#endif
}

template <int rows>
void TimesPanelAnywhere(Matrix a, Panels b, size_t k, float *c, size_t row, bool add) {
#if defined(__aarch64__)
  constexpr size_t kFours = 4;
#else
  constexpr size_t kFours = 2;
#endif
  for (size_t first = 0; first < kPanel; first += 4 * kFours) {
    float *to = c + first;
    Four sums[rows][kFours];
    for (int r = 0; r < rows; r++) {
      for (size_t j = 0; j < kFours; j++) sums[r][j] = add ? Load(to + r * row + 4 * j) : Four{};
    }
    const float *panel = b.data + first;
    for (size_t i = 0; i < k; i++, panel += b.row) {
      Four by[kFours];
      for (size_t j = 0; j < kFours; j++) by[j] = Load(panel + 4 * j);
      for (int r = 0; r < rows; r++) {
        const float value = a.data[r * a.row + i * a.column];
        for (size_t j = 0; j < kFours; j++) sums[r][j] = AddProduct(sums[r][j], value, by[j]);
      }
    }
    for (int r = 0; r < rows; r++) {
      for (size_t j = 0; j < kFours; j++) memcpy(to + r * row + 4 * j, &sums[r][j], sizeof(Four));
    }
  }
}

// Rows of a product that registers hold at a time, on the CPU that has most of them.
constexpr size_t kMostRows = 14;

// The kernels that suit this CPU: for 1, 2, 3 ... rows, up to as many as its registers hold.
struct PanelKernels {
  bool areFast;
  size_t most;
  TimesPanel of[kMostRows];  // for r rows at r - 1

  static const PanelKernels &Here() {
    static const PanelKernels here = Best();
    return here;
  }

 private:
  static PanelKernels Best() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
      return {true, kMostRows, {TimesPanel512<1>, TimesPanel512<2>, TimesPanel512<3>, TimesPanel512<4>, TimesPanel512<5>,
                                TimesPanel512<6>, TimesPanel512<7>, TimesPanel512<8>, TimesPanel512<9>, TimesPanel512<10>,
                                TimesPanel512<11>, TimesPanel512<12>, TimesPanel512<13>, TimesPanel512<14>}};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      return {true, 6, {TimesPanel256<1>, TimesPanel256<2>, TimesPanel256<3>, TimesPanel256<4>, TimesPanel256<5>, TimesPanel256<6>}};
#endif
    return {false, 4, {TimesPanelAnywhere<1>, TimesPanelAnywhere<2>, TimesPanelAnywhere<3>, TimesPanelAnywhere<4>}};
  }
};

// c [rows, n] = a [rows, k] b [k, n], or that added to c. `row`: from one row of c to the next.
inline void Multiply(Matrix a, size_t rows, Panels b, size_t k, size_t n, float *c, size_t row, bool add = false) {
  const PanelKernels &kernels = PanelKernels::Here();
  for (size_t first = 0; first < n; first += kPanel, b.data += b.next) {
    for (size_t r = 0; r < rows; r += kernels.most) {
      const size_t count = rows - r < kernels.most ? rows - r : kernels.most;
      const Matrix from{a.data + r * a.row, a.row, a.column};
      float *to = c + r * row + first;
      if (first + kPanel <= n) {
        kernels.of[count - 1](from, b, k, to, row, add);
        continue;
      }
      float part[kMostRows * kPanel];
      const size_t width = n - first;
      kernels.of[count - 1](from, b, k, part, kPanel, false);
      for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < width; j++) to[i * row + j] = part[i * kPanel + j] + (add ? to[i * row + j] : 0.0f);
      }
    }
  }
}

inline void Multiply(Matrix a, size_t rows, const Packed &b, float *c, size_t row, bool add = false) {
  Multiply(a, rows, b.panels(), b.k(), b.n(), c, row, add);
}

}  // namespace lossnet
