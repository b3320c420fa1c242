// What runs in a session, and the thread that it runs on.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>
#include "denormals.h"
#include "tensorflow/c/c_api.h"

namespace lossnet {

struct Plan;

// What process.cc says of signals is true of the profiler's too, which alone are let through to JavaScript's thread.
inline void HoldProfiler(bool is_on) {
  sigset_t profiler;
  sigemptyset(&profiler);
  sigaddset(&profiler, SIGPROF);
  pthread_sigmask(is_on ? SIG_BLOCK : SIG_UNBLOCK, &profiler, nullptr);
}

inline std::chrono::steady_clock::duration busy{};  // read and written while nothing runs, of several sessions one after the other

struct Session {
  TF_Graph *graph = nullptr;
  TF_Session *session = nullptr;
  TF_Buffer *options = nullptr;  // of each run
  std::thread runner;
  std::mutex lock;
  std::condition_variable changed;
  Plan *given = nullptr;  // what the runner is to run, or runs
  bool closing = false;
  std::vector<std::unique_ptr<Plan>> plans;
};

struct Plan {
  Session *session;
  std::vector<TF_Output> feeds, outputs;
  std::vector<TF_DataType> types;  // of what is fed
  std::vector<TF_Tensor *> values, results;
  // Of batches, which are large and of one size: to have the memory anew for each takes as long as to copy it. No variable
  // holds on to them, as it may to what it is given.
  std::vector<bool> is_kept;
  TF_Status *status = TF_NewStatus();

  ~Plan() {
    is_kept.assign(is_kept.size(), false);
    Clear();
    TF_DeleteStatus(status);
  }

  void Clear() {
    for (size_t i = 0; i < values.size(); i++) {
      if (is_kept[i] || !values[i]) continue;
      TF_DeleteTensor(values[i]);
      values[i] = nullptr;
    }
    for (TF_Tensor *tensor : results)
      if (tensor) TF_DeleteTensor(tensor);
    results.clear();
  }

  static bool IsOf(TF_Tensor *tensor, const std::vector<int64_t> &sizes) {
    bool is_so = TF_NumDims(tensor) == static_cast<int>(sizes.size());
    for (size_t k = 0; is_so && k < sizes.size(); k++) is_so = TF_Dim(tensor, static_cast<int>(k)) == sizes[k];
    return is_so;
  }

  // Memory for what is fed.
  TF_Tensor *Room(size_t i, bool keeps, const std::vector<int64_t> &sizes, size_t bytes) {
    TF_Tensor *&tensor = values[i];
    if (tensor && !IsOf(tensor, sizes)) {
      TF_DeleteTensor(tensor);
      tensor = nullptr;
    }
    if (!tensor) tensor = TF_AllocateTensor(types[i], sizes.data(), static_cast<int>(sizes.size()), bytes);
    is_kept[i] = keeps;
    return tensor;
  }

  void Run() {
    HoldProfiler(true);
    const FlushDenormals flush;
    auto began = std::chrono::steady_clock::now();
    results.assign(outputs.size(), nullptr);
    TF_SessionRun(session->session, session->options, feeds.data(), values.data(), static_cast<int>(feeds.size()),
                  outputs.data(), results.data(), static_cast<int>(outputs.size()), nullptr, 0, nullptr, status);
    busy += std::chrono::steady_clock::now() - began;
    HoldProfiler(false);
  }
};

inline void RunWhatIsGiven(Session *session) {
  std::unique_lock<std::mutex> held(session->lock);
  for (;;) {
    session->changed.wait(held, [=] { return session->given || session->closing; });
    if (session->closing) return;
    Plan *plan = session->given;
    held.unlock();
    plan->Run();
    held.lock();
    session->given = nullptr;
    session->changed.notify_all();
  }
}

}  // namespace lossnet
