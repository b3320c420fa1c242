// Numbers below 1.2e-38 as zeros, as TensorFlow has them on its own threads: to compute with them takes up to a hundred times as long.
// On threads that are not TensorFlow's too, as results would depend on which of them computes what.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace lossnet {

// Holds for this thread, until its scope ends.
class FlushDenormals {
 public:
  FlushDenormals() : before_(Mode()) { SetMode(before_ | kFlush); }
  FlushDenormals(const FlushDenormals &) = delete;
  ~FlushDenormals() { SetMode(before_); }

 private:
#if defined(__x86_64__)
  using Bits = unsigned;
  static constexpr Bits kFlush = 0x8040;  // what comes out, and what goes in
  static Bits Mode() { return _mm_getcsr(); }
  static void SetMode(Bits bits) { _mm_setcsr(bits); }
#elif defined(__aarch64__)
  using Bits = uint64_t;
  static constexpr Bits kFlush = uint64_t{1} << 24;
  static Bits Mode() {
    Bits bits;
    asm volatile("mrs %0, fpcr" : "=r"(bits));
    return bits;
  }
  static void SetMode(Bits bits) { asm volatile("msr fpcr, %0" ::"r"(bits)); }
#else
  using Bits = unsigned;
  static constexpr Bits kFlush = 0;
  static Bits Mode() { return 0; }
  static void SetMode(Bits) {}
#endif

  const Bits before_;
};

}  // namespace lossnet
