// A model that is loaded, or is to be: its requests, its engine and its part of the memory.
#pragma once

#include <algorithm>
#include <atomic>
#include <thread>

#include "service/fair_queue.h"

namespace tenfold {

/// Guarded by the scheduler's mutex, but for what says otherwise.
struct ModelSlot {
  using State = ModelStatus::State;

  explicit ModelSlot(ModelUse wanted) : use(std::move(wanted)) { model.name = use.model; }

  ModelUse use;                          ///< of the request that made it
  std::vector<std::string> other_names;  ///< of the same file
  State state = State::loading;
  LoadedModel model;                       ///< const and unguarded while ready
  StartedEngine started;                   ///< const and unguarded while ready
  std::vector<std::string> other_engines;  ///< that open the same file
  std::atomic<double> progress = 0;        ///< of the load
  ModelHost::TimePoint last_wanted;        ///< when somebody waited for the load last
  bool load_given_up = false;              ///< as nobody did any more

  FairQueue queue;
  std::vector<std::shared_ptr<Job>> running;
  bool closing = false;     ///< no job is begun any more; its threads end
  bool restarting = false;  ///< its worker died; the memory is kept for the next one

  std::uint64_t charged = 0;   ///< bytes of the memory limit
  std::uint64_t measured = 0;  ///< bytes
  ModelHost::TimePoint measured_at;
  ModelHost::TimePoint waiting_since;
  ModelHost::TimePoint last_used;
  std::chrono::milliseconds keep_alive{0};
  double mean_seconds = 1;  ///< of its recent jobs, for Error::retry_after

  std::optional<Error> failure;
  ModelHost::TimePoint retry_at;  ///< until then `failure` is the answer to requests

  std::jthread thread;  ///< loads the model, is the first to perform jobs, unloads it
  bool done = false;    ///< `thread` touches nothing any more

  [[nodiscard]] bool idle() const {
    return state == State::ready && !closing && queue.empty() && running.empty();
  }

  /// Whether one answer more may run.
  [[nodiscard]] bool has_room() const {
    return std::ranges::count_if(running, [](const auto& job) { return job->counts_as_answer; }) <
           model.sequences;
  }

  /// Whether a job may begin. One whose worker died runs alone, so that it is known whether it is
  /// to blame if that happens again.
  [[nodiscard]] bool can_begin() const {
    const Job* next = closing ? nullptr : queue.next(has_room());
    if (next == nullptr) return false;
    if (next->deaths > 0) return running.empty();
    return std::ranges::none_of(running, [](const auto& job) { return job->deaths > 0; });
  }

  [[nodiscard]] bool has_name(const std::string& name) const {
    return use.model == name || std::ranges::count(other_names, name) > 0;
  }

  /// Whether it is, will be, or failed to be the model that is wanted.
  [[nodiscard]] bool serves(const ModelUse& wanted) const {
    if (!has_name(wanted.model)) return false;
    const bool as_made = use.engine == wanted.engine && use.context_size == wanted.context_size;
    if (done) return failure && as_made;
    const bool engine =
        wanted.engine.empty() || wanted.engine == use.engine || wanted.engine == model.engine;
    const bool context = use.context_size == wanted.context_size ||
                         (wanted.context_size && state == State::ready &&
                          model.info.context_size >= *wanted.context_size);
    return engine && context;
  }
};

}  // namespace tenfold
