// The keeper's thread: deadlines in queues, idle models, and the news for those that leave.
#include "service/scheduler_core.h"

namespace tenfold {

void SchedulerCore::leave(std::vector<std::shared_ptr<Job>> jobs, const Error& error) {
  if (jobs.empty()) return;
  for (auto& job : jobs) leaving_.push_back({std::move(job), error});
  changed_.notify_all();
}

void SchedulerCore::keep() {
  Lock lock(mutex_);
  while (!keeper_leaves_) {
    do_what_is_due();
    if (!leaving_.empty()) {
      auto told = std::move(leaving_);
      leaving_.clear();
      lock.unlock();
      for (const Leaving& one : told) one.job->end(one.error);
      told.clear();
      lock.lock();
      continue;
    }
    if (const auto due = next_due()) {
      changed_.wait_for(lock, *due - host_->now());
    } else {
      changed_.wait(lock);
    }
  }
}

void SchedulerCore::do_what_is_due() {
  const auto now = host_->now();
  for (const auto& slot : slots_) {
    leave(slot->queue.take_if([&](const Job& job) { return job.deadline && *job.deadline <= now; }),
          fail(ErrorCode::deadline_exceeded,
               "the deadline passed while the request waited for " + slot->use.model));
    if (slot->idle() && slot->keep_alive.count() >= 0 &&
        now >= slot->last_used + slot->keep_alive) {
      slot->closing = true;
      ++counters_.idle_unloads;
      changed_.notify_all();
    }
  }
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

std::optional<ModelHost::TimePoint> SchedulerCore::next_due() const {
  std::optional<TimePoint> due;
  const auto at = [&](std::optional<TimePoint> time) {
    if (time && (!due || *time < *due)) due = time;
  };
  const auto now = host_->now();
  for (const auto& slot : slots_) {
    at(slot->queue.next_deadline());
    if (slot->idle() && slot->keep_alive.count() >= 0) at(slot->last_used + slot->keep_alive);
    if (slot->failure) at(slot->retry_at);
    if (slot->state == State::waiting_for_memory && slot->waiting_since + options_.turn > now) {
      at(slot->waiting_since + options_.turn);
    }
  }
  return due;
}

}  // namespace tenfold
