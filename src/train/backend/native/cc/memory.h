// TensorFlow's memory: an arena in regions, each twice as large as the one before, as more is asked for. A tensor lies in one region,
// so what is left over in each is lost: to half of all that a large model needs.
#pragma once

#include <sys/mman.h>
#include <cstdint>
#include "tensorflow/c/c_api.h"

namespace lossnet {

// What has to be left beside the region: stacks of threads, JavaScript's heap, the libraries' own.
constexpr size_t kRest = size_t{1} << 30;

// Lets the arena have one region for as much as this, once in the process. Its pages are the system's until they are written to.
inline void Reserve(int64_t bytes) {
  static bool isDone = false;
  if (isDone || bytes <= 0) return;
  isDone = true;
  // A region may become twice as large as it has to be. Under `ulimit -v` there may be no room for it: TensorFlow would wait for ten
  // seconds, or what comes after would have none.
  const size_t needed = static_cast<size_t>(bytes) * 2 + kRest;
  void *room = mmap(nullptr, needed, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) return;
  munmap(room, needed);
  TF_Tensor *tensor = TF_AllocateTensor(TF_UINT8, &bytes, 1, static_cast<size_t>(bytes));
  if (tensor != nullptr) TF_DeleteTensor(tensor);
}

}  // namespace lossnet
