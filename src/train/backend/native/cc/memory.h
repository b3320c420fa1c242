// TensorFlow's memory: an arena in regions, each twice as large as the one before, as more is asked for. A tensor lies in one region,
// so what is left over in each is lost: to half of all that a large model needs.
#pragma once

#include <sys/mman.h>
#include <cstdint>
#include "tensorflow/c/c_api.h"

namespace lossnet {

// Lets the arena have one region for as much as this, once in the process. Its pages are the system's until they are written to.
inline void Reserve(int64_t bytes) {
  static bool isDone = false;
  if (isDone || bytes <= 0) return;
  isDone = true;
  // TensorFlow would wait for ten seconds where there is no room for twice as much, as under `ulimit -v`.
  void *room = mmap(nullptr, static_cast<size_t>(bytes) * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) return;
  munmap(room, static_cast<size_t>(bytes) * 2);
  TF_Tensor *tensor = TF_AllocateTensor(TF_UINT8, &bytes, 1, static_cast<size_t>(bytes));
  if (tensor != nullptr) TF_DeleteTensor(tensor);
}

}  // namespace lossnet
