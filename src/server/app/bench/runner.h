// Runs benchmarks, one at a time, with the machine to themselves.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "bench/history.h"
#include "bench/run.h"
#include "server/app/several_models.h"
#include "service/scheduler.h"

namespace tenfold::server::bench {

/// Thread-safe. Functions that return a Result read or write the history, and block.
class Runner {
 public:
  explicit Runner(Scheduler& scheduler, OpenModel open)
      : scheduler_(scheduler), open_(std::move(open)) {}
  /// As stop().
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// busy while another benchmark runs, and as Scheduler::hold().
  Result<Json> start(BenchPlan plan);
  /// Ends it, if it runs; not_found.
  Result<Json> cancel(std::int64_t id);
  /// Cancels it, and takes it out of the history; not_found.
  Result<void> remove(std::int64_t id);

  Result<Json> find(std::int64_t id);
  /// The latest first.
  Result<std::vector<Json>> list();
  /// The one that runs.
  [[nodiscard]] std::optional<std::int64_t> running() const;

  /// Ends what runs, and takes no more.
  void stop();

 private:
  Result<BenchHistory*> history();
  Result<Json> begin(BenchPlan plan);
  void leave();
  void perform();
  void measure_all();
  Result<void> measure(BenchRow& row);
  template <typename Change>
  void change(const Change& change);
  void save();
  [[nodiscard]] bool stopping() const;
  void join();

  Scheduler& scheduler_;
  const OpenModel open_;
  mutable std::mutex mutex_;
  std::optional<BenchRun> run_;          ///< that runs; guarded
  bool cancelled_ = false;               ///< guarded
  bool stopped_ = false;                 ///< guarded
  Engine* engine_ = nullptr;             ///< that measures; guarded
  std::optional<BenchHistory> history_;  ///< guarded by history_mutex_
  std::mutex history_mutex_;
  std::mutex start_mutex_;  ///< held by start(), which waits for models to leave
  std::thread thread_;      ///< guarded by start_mutex_
};

}  // namespace tenfold::server::bench
