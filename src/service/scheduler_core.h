// The state and the threads behind Scheduler.
//
// One mutex guards all of it; it is never held while an engine works or the user's functions are
// called. A slot's thread loads the model, performs jobs (with helpers, where the engine answers
// several requests at once), unloads it and starts over while requests wait. The keeper's thread
// does what time makes due and tells those that leave a queue. What fails on one of these threads
// costs at most the job or the model it was about: see start_thread().
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>

#include "service/model_slot.h"

namespace tenfold {

class SchedulerCore : public std::enable_shared_from_this<SchedulerCore> {
 public:
  SchedulerCore(SchedulerOptions options, std::shared_ptr<ModelHost> host);

  Result<Ticket> submit(AnswerTask task, AnswerEvents events);
  Result<Ticket> run(WorkTask task, std::function<void(Result<void>)> on_end);
  void cancel(std::uint64_t id);
  [[nodiscard]] std::optional<int> position(std::uint64_t id) const;
  [[nodiscard]] SchedulerStatus status() const;
  Result<void> unload(const std::string& model);
  Result<void> hold(const Error& reason);
  void release();
  void shutdown(std::chrono::milliseconds grace);
  void tidy();

 private:
  using TimePoint = ModelHost::TimePoint;
  using Lock = std::unique_lock<std::mutex>;
  using State = ModelStatus::State;
  struct Leaving {
    std::shared_ptr<Job> job;
    Error error;
    bool performed = false;  ///< at this moment, though its deadline has passed
  };

  // Requests (scheduler_core.cc).
  Result<Ticket> enqueue(std::shared_ptr<Job> job);
  [[nodiscard]] Error full(const ModelSlot& slot) const;
  Result<ModelSlot*> slot_for(const ModelUse& use);
  Result<void> start(ModelSlot& slot);
  [[nodiscard]] ModelStatus describe(const ModelSlot& slot) const;
  void note(SchedulerEvent::Kind kind, const ModelSlot& slot, std::string text);

  // A slot's threads (scheduler_slot.cc).
  void serve(ModelSlot& slot);
  void give_up(ModelSlot& slot, const Error& error);
  Result<void> bring_up(ModelSlot& slot, Lock& lock);
  ModelSlot* slot_with(const ModelPlan& plan, const ModelSlot& wanted);
  void hand_over(ModelSlot& from, ModelSlot& to);
  Result<ModelInfo> load(ModelSlot& slot, const ModelPlan& plan, StartedEngine& started);
  bool is_load_wanted(ModelSlot& slot);
  void perform_all(ModelSlot& slot, Lock& lock);
  void perform_jobs(ModelSlot& slot, Lock& lock);
  void perform(ModelSlot& slot, const std::shared_ptr<Job>& job, Lock& lock);
  void abandon(ModelSlot& slot, const std::shared_ptr<Job>& job, const Error& error, Lock& lock);
  void worker_died(ModelSlot& slot, const std::shared_ptr<Job>& job, const Error& death);
  void take_down(ModelSlot& slot, Lock& lock);
  void refuse_all(ModelSlot& slot, const Error& error);

  // Memory (scheduler_memory.cc).
  Result<void> admit(ModelSlot& slot, std::uint64_t need, Lock& lock);
  void make_room(const ModelSlot& slot, std::uint64_t need);
  void measure(ModelSlot& slot, Lock& lock);
  [[nodiscard]] std::uint64_t used() const;

  // The keeper's thread (scheduler_keeper.cc).
  void keep();
  void keep_once(Lock& lock);
  void do_what_is_due();
  [[nodiscard]] std::optional<TimePoint> next_due() const;
  void leave(std::vector<std::shared_ptr<Job>> jobs, const Error& error);
  void tell(const Leaving& leaving);
  void stop_overdue(ModelSlot& slot);
  void evict_over_limit();

  const SchedulerOptions options_;
  const std::uint64_t memory_limit_;
  const std::shared_ptr<ModelHost> host_;
  Tally tally_;
  std::atomic<bool> stopping_ = false;  ///< set under the mutex

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<ModelSlot>> slots_;
  std::vector<const ModelSlot*> wanting_memory_;  ///< the first one gets it
  std::vector<Leaving> leaving_;                  ///< to be told by the keeper
  SchedulerCounters counters_;                    ///< those that are not in tally_
  std::deque<SchedulerEvent> events_;             ///< the latest first
  std::uint64_t last_event_ = 0;
  std::optional<Error> held_;  ///< the answer to all requests
  std::uint64_t last_id_ = 0;
  std::stop_source stop_saving_;  ///< for Engine::keep() of all; thread-safe by itself
  bool keeper_leaves_ = false;
  std::mutex keeper_end_;  // held by who joins keeper_
  std::jthread keeper_;
};

}  // namespace tenfold
