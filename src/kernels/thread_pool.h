// Threads that share the work of one computation, and sleep when there is none.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "kernels/threads.h"
#include "tenfold/result.h"

namespace tenfold::kernels {

/// The calling thread and some of the pool's own, which take tasks in turn: one on a busy core does
/// less, and no one waits for a thread that has not woken up. After a run they look for the next
/// for some microseconds, then sleep. A run allocates nothing. All calls are thread-safe; runs come
/// one after the other.
class ThreadPool : public Threads {
 public:
  /// One thread, the caller's.
  ThreadPool() = default;
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// From now on runs are shared by `count` threads, the caller's among them; 1 to most_threads,
  /// else invalid_argument. io if the system has no thread left; then there is one. Not from within
  /// a task.
  Result<void> resize(std::size_t count);
  [[nodiscard]] std::size_t size() const override { return size_.load(std::memory_order_relaxed); }

  static constexpr std::size_t most_threads = 256;

 private:
  void share(const Job& job) override;
  void take_tasks(std::size_t worker) noexcept;
  void work(std::size_t worker) noexcept;
  void stop();

  std::mutex mutex_;  ///< held while a job runs and while the number of threads changes
  std::vector<std::jthread> threads_;
  std::atomic<std::size_t> size_ = 1;
  std::atomic<bool> stopping_ = false;
  Job job_;
  std::atomic<std::size_t> next_ = 0;  ///< task of the job
  /// The number of the job, whether threads may still join it, and how many are in it.
  std::atomic<std::uint32_t> state_ = 0;
  std::atomic<std::uint32_t> left_ = 0;  ///< counts the times that a job was left by the last
};

}  // namespace tenfold::kernels
