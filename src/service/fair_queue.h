// The requests that wait for one model.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/job.h"

namespace tenfold {

/// First come first served for one client, round robin among clients. Jobs that were begun before
/// come first, of the others those that may begin. Not thread-safe.
class FairQueue {
 public:
  void push(std::shared_ptr<Job> job);
  /// For a job that was popped and has to be done again: it is among the next.
  void push_begun(std::shared_ptr<Job> job) { begun_.push_back(std::move(job)); }

  [[nodiscard]] bool empty() const { return begun_.empty() && clients_.empty(); }
  [[nodiscard]] std::size_t size() const;
  /// The job that pop() would give; null if none may begin.
  [[nodiscard]] const Job* next(bool answers_may_begin) const;
  /// There must be one.
  std::shared_ptr<Job> pop(bool answers_may_begin);

  /// Takes out the jobs for which `unwanted` says so.
  std::vector<std::shared_ptr<Job>> take_if(const std::function<bool(const Job&)>& unwanted);
  std::vector<std::shared_ptr<Job>> take_all() {
    return take_if([](const Job&) { return true; });
  }

  /// How many jobs pop() would give before this one if all may begin; absent if it is not here.
  [[nodiscard]] std::optional<int> position(std::uint64_t id) const;

  /// The earliest deadline of all.
  [[nodiscard]] std::optional<ModelHost::TimePoint> next_deadline() const;

 private:
  using Jobs = std::deque<std::shared_ptr<Job>>;  // of one client in clients_, never empty
  struct Place {
    std::size_t client;
    std::size_t job;
  };
  [[nodiscard]] std::optional<Place> find(bool answers_may_begin) const;

  Jobs begun_;
  std::deque<Jobs> clients_;  ///< in the order of their turns
};

}  // namespace tenfold
