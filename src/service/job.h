// One request on its way through the scheduler.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "service/scheduler.h"
#include "service/tally.h"

namespace tenfold {

/// Owned by the queue or by the thread that performs it. Its functions are called by one thread at
/// a time, without any lock.
class Job {
 public:
  Job(ModelUse wanted, std::string who) : use(std::move(wanted)), client(std::move(who)) {}
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  /// Does the work and tells the user how it ended, unless the worker died: then the returned
  /// engine_died, after which perform() or end() is to follow. `time_left` is positive.
  virtual std::optional<Error> perform(Engine& engine, const LoadedModel& model,
                                       std::optional<std::chrono::milliseconds> time_left) = 0;
  /// Tells the user that it ended without (more) work.
  virtual void end(const Error& error) = 0;

  ModelUse use;
  const std::string client;
  std::uint64_t id = 0;
  std::optional<ModelHost::TimePoint> deadline;
  std::stop_source stop;
  int deaths = 0;  ///< workers that died while they performed it
};

std::shared_ptr<Job> make_answer_job(AnswerTask task, AnswerEvents events, Tally& tally,
                                     const ModelHost& host);
std::shared_ptr<Job> make_work_job(WorkTask task, std::function<void(Result<void>)> on_end);

}  // namespace tenfold
