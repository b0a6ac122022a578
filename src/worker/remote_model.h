// The model a remote engine was asked to load, and the worker that holds it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "tenfold/engine.h"
#include "worker/remote_engine.h"
#include "worker/worker_client.h"

namespace tenfold {

/// How long a caller is ready to wait.
struct Wait {
  std::stop_token stop;
  std::optional<std::chrono::steady_clock::time_point> deadline;
};

/// Starts a new worker and loads the model again when the old worker has died: once, however many
/// callers wait for it. Thread-safe, but for load(), which no other call may accompany.
class RemoteModel {
 public:
  using Worker = std::shared_ptr<WorkerClient>;

  /// With a worker that holds no model yet.
  RemoteModel(RemoteOptions options, std::unique_ptr<WorkerClient> worker);
  ~RemoteModel();
  RemoteModel(const RemoteModel&) = delete;
  RemoteModel& operator=(const RemoteModel&) = delete;

  /// The worker's answer to the load; a second model gets a new process.
  Result<Json> load(const ResolvedModel& model, const LoadOptions& options,
                    const OnProgress& on_progress);

  /// The worker with the model. not_initialized; cancelled and deadline_exceeded by `wait`; the
  /// error of starting or loading again.
  Result<Worker> worker(const Wait& wait);

  [[nodiscard]] bool is_loaded() const;

  /// The worker with the model, if one lives; nullptr otherwise.
  [[nodiscard]] Worker living() const;

  /// Answers that may run at once.
  [[nodiscard]] int sequences() const;

  /// Of the worker; -1 if there is none.
  [[nodiscard]] pid_t pid() const;

  /// A worker that loads the model again loads it so.
  void remember(const Adjustment& adjustment);

  /// Ends the worker and forgets the model.
  void forget();

 private:
  struct Wanted {
    ResolvedModel model;
    LoadOptions options;
  };

  Result<Json> start_and_load(const Wanted& wanted, const OnProgress& on_progress);
  void restart(const Wanted& wanted);
  void end_restart(std::optional<Error> error);

  const RemoteOptions options_;

  mutable std::mutex mutex_;  ///< guards everything below
  std::condition_variable_any changed_;
  std::optional<Wanted> wanted_;
  Worker worker_;
  bool restarting_ = false;
  std::uint64_t restarts_ = 0;  ///< that have ended
  std::optional<Error> restart_error_;
  std::jthread restarter_;
};

/// What a caller hears of a call before its end. Any may be empty.
struct Listener {
  OnProgress on_load;  ///< also called while the worker says nothing
  OnPrompt on_prompt;
  OnDelta on_delta;
  /// Is given the value of a part; what it refuses is the worker's fault. Calls without parts have
  /// none.
  std::function<Result<void>(const Json&)> on_part = {};
};

/// One call on a worker, frame by frame, until its end. `begun` tells whether the worker started on
/// it. The stop of `wait` cancels it, as do a false of on_load and, some time after it, a deadline
/// that the worker does not keep itself.
Result<Json> exchange(WorkerClient& worker, const Json& message, const Listener& listener,
                      const Wait& wait, bool& begun);

/// Whether a call that failed was lost with its worker before that began on it, so that another
/// worker may be given it.
bool is_lost(const WorkerClient& worker, const Error& error, bool begun);

/// A frame whose content makes no sense is the worker's fault, not the user's.
Error nonsense(const Error& error);

}  // namespace tenfold
