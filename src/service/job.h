// One request on its way through the scheduler.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "service/scheduler.h"
#include "service/tally.h"

namespace tenfold {

/// Owned by the queue or by the thread that performs it. The user is told one thing at a time, and
/// nothing after the end.
class Job {
 public:
  Job(ModelUse wanted, std::string who, bool is_answer)
      : use(std::move(wanted)), client(std::move(who)), counts_as_answer(is_answer) {}
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  /// Does the work and tells the user how it ended, unless the worker died: then the returned
  /// engine_died, after which perform() or end() is to follow. `time_left` is positive.
  virtual std::optional<Error> perform(Engine& engine, const LoadedModel& model,
                                       std::optional<std::chrono::milliseconds> time_left) = 0;
  /// Tells the user that it ended without (more) work, if the end has not been told yet.
  void end(const Error& error) {
    tell_end([&] { fail_with(error); });
  }
  /// Called while it is performed, after its deadline: it does not stop.
  virtual void overdue(const Error& error) = 0;
  [[nodiscard]] bool ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

  ModelUse use;
  const std::string client;
  const bool counts_as_answer;  ///< of which a model has only so many at once
  std::uint64_t id = 0;
  std::optional<ModelHost::TimePoint> deadline;
  std::stop_source stop;
  int deaths = 0;  ///< workers that died while they performed it

 protected:
  template <typename Action>
  void tell(const Action& action) {
    const std::lock_guard lock(mutex_);
    if (!ended_) action();
  }
  template <typename Action>
  void tell_end(const Action& action) {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(ended_, true)) action();
  }
  virtual void fail_with(const Error& error) = 0;

 private:
  mutable std::mutex mutex_;
  bool ended_ = false;
};

std::shared_ptr<Job> make_answer_job(AnswerTask task, AnswerEvents events, Tally& tally,
                                     const ModelHost& host);
std::shared_ptr<Job> make_work_job(WorkTask task, std::function<void(Result<void>)> on_end);

}  // namespace tenfold
