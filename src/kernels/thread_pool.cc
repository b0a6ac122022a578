#include "kernels/thread_pool.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>

#include "base/thread.h"

namespace tenfold::kernels {
namespace {

constexpr std::uint32_t one_thread = 1;
constexpr std::uint32_t threads_mask = 0x3FF;
constexpr std::uint32_t open = 0x400;  // threads may join
constexpr std::uint32_t one_job = 0x800;
static_assert(ThreadPool::most_threads <= threads_mask);

// Between the layers of a model the next run comes within some microseconds, and waking a thread
// takes ten times as long. Longer than this, a waiting thread would take the core from others.
constexpr std::chrono::microseconds watch_time{30};

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Returns when `word` is no longer `value`.
void wait(const std::atomic<std::uint32_t>& word, std::uint32_t value) {
  const auto end = std::chrono::steady_clock::now() + watch_time;
  do {
    for (int i = 0; i < 16; ++i) {
      if (word.load(std::memory_order_acquire) != value) return;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  word.wait(value, std::memory_order_acquire);
}

}  // namespace

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  stopping_ = true;
  state_ += one_job;
  state_.notify_all();
  threads_.clear();  // joins
  stopping_ = false;
  size_ = 1;
}

Result<void> ThreadPool::resize(std::size_t count) {
  if (count < 1 || count > most_threads) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} threads cannot compute together", count),
                fmt::format("give a number from 1 to {}", most_threads));
  }
  const std::lock_guard lock(mutex_);
  if (count == size_) return {};
  stop();
  threads_.reserve(count - 1);
  for (std::size_t worker = 1; worker < count; ++worker) {
    auto thread = start_thread([this, worker] { work(worker); }, [](const Error&) {});
    if (!thread.ok()) {
      stop();
      return std::move(thread).error();
    }
    threads_.push_back(std::move(thread).value());
  }
  size_ = count;
  return {};
}

void ThreadPool::take_tasks(std::size_t worker) noexcept {
  for (std::size_t i = next_.fetch_add(1, std::memory_order_relaxed); i < job_.tasks;
       i = next_.fetch_add(1, std::memory_order_relaxed)) {
    job_.call(job_.what, i, worker);
  }
}

void ThreadPool::share(const Job& job) {
  const std::lock_guard lock(mutex_);
  job_ = job;
  next_.store(0, std::memory_order_relaxed);
  if (threads_.empty() || job.tasks < 2) return take_tasks(0);
  state_.fetch_add(one_job | open, std::memory_order_release);
  state_.notify_all();
  take_tasks(0);
  // Whoever has not come yet has nothing left to do, and may be late: it isn't waited for.
  std::uint32_t left = left_.load(std::memory_order_acquire);
  if ((state_.fetch_and(~open, std::memory_order_acq_rel) & threads_mask) == 0) return;
  for (; (state_.load(std::memory_order_acquire) & threads_mask) != 0;
       left = left_.load(std::memory_order_acquire)) {
    wait(left_, left);
  }
}

void ThreadPool::work(std::size_t worker) noexcept {
  std::uint32_t seen = state_.load(std::memory_order_acquire);
  std::uint32_t last = ~seen;  // as it was when this thread left its last job
  while (!stopping_) {
    const bool same_job = seen / one_job == last / one_job;
    if ((seen & open) == 0 || same_job) {
      wait(state_, seen);
      seen = state_.load(std::memory_order_acquire);
      continue;
    }
    if (!state_.compare_exchange_weak(seen, seen + one_thread, std::memory_order_acq_rel)) continue;
    take_tasks(worker);
    seen = last = state_.fetch_sub(one_thread, std::memory_order_acq_rel) - one_thread;
    if ((seen & (open | threads_mask)) == 0) {
      left_.fetch_add(1, std::memory_order_release);
      left_.notify_one();
    }
  }
}

}  // namespace tenfold::kernels
