// The keeper's thread: deadlines in queues, idle models, and the news for those that leave.
#include "base/barrier.h"
#include "service/scheduler_core.h"

namespace tenfold {
namespace {

/// An engine that keeps its deadline says so itself, with the tokens so far, before this is over.
constexpr std::chrono::milliseconds deadline_grace{250};

/// Until the keeper tries again what failed for want of memory.
constexpr std::chrono::milliseconds after_failure{100};

}  // namespace

void SchedulerCore::leave(std::vector<std::shared_ptr<Job>> jobs, const Error& error) {
  if (jobs.empty()) return;
  for (auto& job : jobs) leaving_.push_back({std::move(job), error});
  changed_.notify_all();
}

void SchedulerCore::tell(const Leaving& leaving) {
  if (!leaving.performed) return leaving.job->end(leaving.error);
  leaving.job->overdue(leaving.error);
  leaving.job->stop.request_stop();
}

void SchedulerCore::keep() {
  Lock lock(mutex_);
  while (!keeper_leaves_) {
    const auto done = barrier("the scheduler", [&]() -> Result<void> {
      keep_once(lock);
      return {};
    });
    if (done.ok()) continue;
    if (!lock.owns_lock()) lock.lock();
    changed_.wait_for(lock, after_failure);
  }
}

void SchedulerCore::keep_once(Lock& lock) {
  do_what_is_due();
  if (!leaving_.empty()) {
    auto told = std::move(leaving_);
    leaving_.clear();
    lock.unlock();
    for (const Leaving& one : told) {
      // What one user's function throws must not keep the news from the others.
      (void)barrier("the scheduler", [&]() -> Result<void> {
        tell(one);
        return {};
      });
    }
    told.clear();
    lock.lock();
  } else if (const auto due = next_due()) {
    changed_.wait_for(lock, *due - host_->now());
  } else {
    changed_.wait(lock);
  }
}

void SchedulerCore::do_what_is_due() {
  const auto now = host_->now();
  for (const auto& slot : slots_) {
    leave(slot->queue.take_if([&](const Job& job) { return job.deadline && *job.deadline <= now; }),
          fail(ErrorCode::deadline_exceeded,
               "the deadline passed while the request waited for " + slot->use.model));
    stop_overdue(*slot);
    if (slot->idle() && slot->keep_alive.count() >= 0 &&
        now >= slot->last_used + slot->keep_alive) {
      slot->closing = true;
      ++counters_.idle_unloads;
      note(SchedulerEvent::Kind::idle_unloaded, *slot,
           slot->use.model + " was unloaded because nobody used it");
      changed_.notify_all();
    }
  }
  evict_over_limit();
  const bool any_left = std::erase_if(slots_, [&](const auto& slot) {
                          if (!slot->done || (slot->failure && now < slot->retry_at && !stopping_))
                            return false;
                          slot->thread.join();
                          return true;
                        }) > 0;
  if (any_left) changed_.notify_all();
  // A turn that is over lets those who want memory look again.
  if (!wanting_memory_.empty()) changed_.notify_all();
}

/// What is performed at this moment and should have ended. Whatever holds it up then has the time
/// it takes to stop, or to be ended for not stopping.
void SchedulerCore::stop_overdue(ModelSlot& slot) {
  const auto now = host_->now();
  for (const auto& job : slot.running) {
    if (!job->deadline || now < *job->deadline + deadline_grace) continue;
    job->deadline.reset();
    leaving_.push_back({job,
                        fail(ErrorCode::deadline_exceeded,
                             "the deadline passed, and the engine did not stop by itself"),
                        true});
  }
}

/// Workers may grow beyond what was estimated. One leaves at a time: its memory counts until then.
void SchedulerCore::evict_over_limit() {
  ModelSlot* oldest = nullptr;
  for (const auto& slot : slots_) {
    if (slot->state == State::ready && slot->closing) return;
    if (slot->idle() && (oldest == nullptr || slot->last_used < oldest->last_used)) {
      oldest = slot.get();
    }
  }
  if (oldest == nullptr || used() <= memory_limit_) return;
  oldest->closing = true;
  ++counters_.evictions;
  note(SchedulerEvent::Kind::evicted, *oldest,
       oldest->use.model + " was unloaded because the models grew beyond the memory limit");
  changed_.notify_all();
}

std::optional<ModelHost::TimePoint> SchedulerCore::next_due() const {
  std::optional<TimePoint> due;
  const auto at = [&](std::optional<TimePoint> time) {
    if (time && (!due || *time < *due)) due = time;
  };
  const auto now = host_->now();
  for (const auto& slot : slots_) {
    at(slot->queue.next_deadline());
    for (const auto& job : slot->running) {
      if (job->deadline) at(*job->deadline + deadline_grace);
    }
    if (slot->idle() && slot->keep_alive.count() >= 0) at(slot->last_used + slot->keep_alive);
    if (slot->failure) at(slot->retry_at);
    if (slot->state == State::waiting_for_memory && slot->waiting_since + options_.turn > now) {
      at(slot->waiting_since + options_.turn);
    }
  }
  return due;
}

}  // namespace tenfold
