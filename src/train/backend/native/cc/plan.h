// What runs in a session, and the thread that it runs on.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
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

// A placeholder, and what it is given.
struct Feed {
  std::string name;
  TF_DataType type;
  std::vector<int64_t> sizes;  // the first one is that of what is given, where the graph leaves it open
  bool is_open = false;
  size_t each = 1;  // numbers in all sizes but an open one
  TF_Tensor *value = nullptr;
  // Of batches, which are large and of one size: to have the memory anew for each takes as long as to copy it. No variable
  // holds on to them, as it may to what it is given.
  bool is_kept = false;

  void Clear() {
    if (value && !is_kept) Delete();
  }

  void Delete() {
    if (value) TF_DeleteTensor(value);
    value = nullptr;
  }

  // Memory for what is fed: the sizes are set.
  void *Room(bool keeps) {
    size_t bytes = TF_DataTypeSize(type);
    for (int64_t size : sizes) bytes *= size;
    if (value && TF_TensorByteSize(value) != bytes) Delete();
    if (!value) value = TF_AllocateTensor(type, sizes.data(), static_cast<int>(sizes.size()), bytes);
    is_kept = keeps;
    return value ? TF_TensorData(value) : nullptr;
  }
};

struct Plan {
  Session *session;
  std::vector<Feed> feeds;
  std::vector<TF_Output> inputs, outputs;
  std::vector<TF_Tensor *> values, results;
  TF_Status *status = TF_NewStatus();

  ~Plan() {
    Clear();
    for (Feed &feed : feeds) feed.Delete();
    TF_DeleteStatus(status);
  }

  void Clear() {
    for (Feed &feed : feeds) feed.Clear();
    for (TF_Tensor *tensor : results)
      if (tensor) TF_DeleteTensor(tensor);
    results.clear();
  }

  void Run() {
    for (size_t i = 0; i < feeds.size(); i++) values[i] = feeds[i].value;
    HoldProfiler(true);
    const FlushDenormals flush;
    auto began = std::chrono::steady_clock::now();
    results.assign(outputs.size(), nullptr);
    TF_SessionRun(session->session, session->options, inputs.data(), values.data(), static_cast<int>(inputs.size()),
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
