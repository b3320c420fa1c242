// Loops on several threads. A kernel of TensorFlow's C interface cannot get at TensorFlow's own; these are as many, and sleep while
// nothing is to be done.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include "denormals.h"

namespace lossnet {

// Threads that work on one loop at a time.
class Threads {
 public:
  // Calls `work` with each number below `count`, in any order, on several threads; returns when all is done. Where the threads are
  // at another loop already, as with ops side by side, this thread does it alone.
  void For(size_t count, const std::function<void(size_t)> &work) {
    std::unique_lock<std::mutex> mine(turn_, std::defer_lock);
    if (count < 2 || helpers_ == 0 || !mine.try_lock()) {
      for (size_t i = 0; i < count; i++) work(i);
      return;
    }
    Loop loop{count, work};
    {
      std::lock_guard<std::mutex> held(lock_);
      loop_ = &loop;
      given_.fetch_add(1, std::memory_order_release);
    }
    changed_.notify_all();
    loop.Run();
    std::unique_lock<std::mutex> held(lock_);
    loop_ = nullptr;  // who wakes up only now finds nothing to do
    held.unlock();
    // They are at their last piece: no time to sleep.
    while (loop.helpers.load(std::memory_order_acquire) > 0) std::this_thread::yield();
  }

  // As many as TensorFlow has within an op, which it reads once too. They end with the process.
  static Threads &All() {
    static Threads *all = new Threads;
    return *all;
  }

 private:
  struct Loop {
    const size_t count;
    const std::function<void(size_t)> &work;
    std::atomic<size_t> next{0};
    std::atomic<int> helpers{0};

    void Run() {
      for (size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) work(i);
    }
  };

  Threads() {
    const char *told = getenv("TF_NUM_INTRAOP_THREADS");
    int count = told ? atoi(told) : 0;
    if (count <= 0) count = static_cast<int>(std::thread::hardware_concurrency());
    try {
      for (; helpers_ + 1 < count; helpers_++) std::thread([this] { Help(); }).detach();
    } catch (const std::system_error &) {
      // The system gives no more: those that there are will do, and give the same.
    }
  }

  void Help() {
    const FlushDenormals flush;
    for (size_t seen = 0;;) {
      // An op has several loops, one right after the other: to sleep in between would take longer than to wait.
      for (int i = 0; i < kSpins && given_.load(std::memory_order_acquire) == seen; i++) Pause();
      Loop *loop;
      {
        std::unique_lock<std::mutex> held(lock_);
        changed_.wait(held, [&] { return given_.load(std::memory_order_relaxed) != seen; });
        seen = given_.load(std::memory_order_relaxed);
        loop = loop_;
        if (loop) loop->helpers.fetch_add(1, std::memory_order_relaxed);
      }
      if (!loop) continue;
      loop->Run();
      loop->helpers.fetch_sub(1, std::memory_order_release);
    }
  }

  static void Pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  static constexpr int kSpins = 2000;

  int helpers_ = 0;
  std::mutex turn_, lock_;
  std::condition_variable changed_;
  std::atomic<size_t> given_{0};
  Loop *loop_ = nullptr;
};

}  // namespace lossnet
