// The threads of a slot: load, perform, unload.
#include <fmt/format.h>

#include "base/barrier.h"
#include "base/thread.h"
#include "service/scheduler_core.h"

namespace tenfold {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds measure_interval{5};

/// A failure that would only be repeated if the next request tried at once.
bool lasts(const Error& error) {
  return error.code != ErrorCode::not_found && error.code != ErrorCode::cancelled &&
         error.code != ErrorCode::invalid_argument && error.code != ErrorCode::out_of_memory;
}

}  // namespace

void SchedulerCore::serve(ModelSlot& slot) {
  Lock lock(mutex_);
  while (!slot.queue.empty() && !stopping_) {
    slot.closing = false;
    const bool restart = std::exchange(slot.restarting, false);
    auto up = bring_up(slot, lock);
    // It has loaded before, so whatever killed it now need not be the model.
    if (restart && !up.ok() && up.error().code == ErrorCode::engine_died) up = bring_up(slot, lock);
    if (!up.ok() && std::exchange(slot.load_given_up, false)) continue;  // somebody may have come
    if (!up.ok()) {
      refuse_all(slot, up.error());
      break;
    }
    perform_all(slot, lock);
    take_down(slot, lock);
  }
  slot.charged = slot.measured = 0;
  slot.done = true;
  changed_.notify_all();
}

/// The end of a slot whose thread failed outside of its jobs.
void SchedulerCore::give_up(ModelSlot& slot, const Error& error) {
  const StartedEngine ended = std::move(slot.started);
  const Lock lock(mutex_);
  slot.started = {};
  std::erase(wanting_memory_, &slot);
  leave(slot.queue.take_all(), error);
  slot.charged = slot.measured = 0;
  slot.done = true;
  changed_.notify_all();
}

Result<void> SchedulerCore::bring_up(ModelSlot& slot, Lock& lock) {
  slot.state = State::loading;
  slot.progress = 0;
  slot.last_wanted = host_->now();
  slot.load_given_up = false;
  const ModelUse use = slot.use;
  lock.unlock();
  auto planned = host_->plan(use, options_.sequences);
  lock.lock();
  ModelPlan plan = TRY(std::move(planned));
  if (ModelSlot* other = slot_with(plan, slot)) {
    hand_over(slot, *other);
    return fail(ErrorCode::cancelled, "the file is loaded under another name");
  }
  slot.other_engines = plan.other_engines;
  slot.model = {use.model,         plan.engine,         {}, plan.model.path, plan.model.format,
                plan.model.sha256, plan.load.sequences, {}};
  TRY(admit(slot, plan.model.memory, lock));
  slot.state = State::loading;
  plan.load.memory_limit = memory_limit_ - (used() - slot.charged);
  StartedEngine started;
  lock.unlock();
  auto info = load(slot, plan, started);
  if (!info.ok()) started = {};
  lock.lock();
  if (!info.ok()) {
    ++counters_.load_failures;
    note(SchedulerEvent::Kind::load_failed, slot,
         fmt::format("{} could not be loaded: {}", use.model, info.error().message));
    return std::move(info).error();
  }
  ++counters_.loads;
  slot.model.engine_version = started.engine->capabilities().version;
  slot.model.info = std::move(info).value();
  slot.started = std::move(started);
  note(SchedulerEvent::Kind::loaded, slot,
       fmt::format("{} was loaded on {} in {:.1f} s", use.model, slot.model.engine,
                   slot.model.info.load_seconds));
  measure(slot, lock);
  slot.last_used = host_->now();
  slot.state = State::ready;
  changed_.notify_all();
  return {};
}

/// Another one that has the file loaded, or is about to, as `wanted` would.
ModelSlot* SchedulerCore::slot_with(const ModelPlan& plan, const ModelSlot& wanted) {
  for (const auto& slot : slots_) {
    const LoadedModel& model = slot->model;
    const bool is_other = slot.get() != &wanted && !slot->done && !slot->closing;
    if (!is_other || model.path != plan.model.path || model.engine != plan.engine) continue;
    ModelUse use = wanted.use;
    use.model = slot->use.model;
    if (slot->serves(use)) return slot.get();
  }
  return nullptr;
}

void SchedulerCore::hand_over(ModelSlot& from, ModelSlot& to) {
  to.other_names.push_back(from.use.model);
  for (auto& job : from.queue.take_all()) {
    if (job->deaths > 0) {
      to.queue.push_begun(std::move(job));
    } else {
      to.queue.push(std::move(job));
    }
  }
  changed_.notify_all();
}

Result<ModelInfo> SchedulerCore::load(ModelSlot& slot, const ModelPlan& plan,
                                      StartedEngine& started) {
  started = TRY(host_->start(plan.engine));
  return started.engine->initialize(plan.model, plan.load, [&](double progress) {
    slot.progress = progress;
    return is_load_wanted(slot);
  });
}

/// A load has no time limit. One that nobody waits for goes on, as they may come back, for as long
/// as an idle model would stay.
bool SchedulerCore::is_load_wanted(ModelSlot& slot) {
  const auto now = host_->now();
  const Lock lock(mutex_);
  if (stopping_) return false;
  if (options_.idle_unload.count() < 0) return true;
  if (!slot.queue.empty()) slot.last_wanted = now;
  slot.load_given_up = now > slot.last_wanted + options_.idle_unload;
  return !slot.load_given_up;
}

/// Until the slot closes: on this thread, and on one more for each answer at once. Fewer do where
/// the system has no more threads.
void SchedulerCore::perform_all(ModelSlot& slot, Lock& lock) {
  lock.unlock();
  {
    std::vector<std::jthread> helpers;
    const auto help = [this, &slot] {
      Lock mine(mutex_);
      perform_jobs(slot, mine);
    };
    const auto close = [this, &slot](const Error&) {
      const Lock mine(mutex_);
      slot.closing = true;
      changed_.notify_all();
    };
    for (int i = 0; i < slot.model.sequences; ++i) {
      auto helper = start_thread(help, close);
      if (!helper.ok()) break;
      helpers.push_back(std::move(*helper));
    }
    const auto done = barrier("the request", [&]() -> Result<void> {
      help();
      return {};
    });
    if (!done.ok()) close(done.error());
  }
  lock.lock();
}

void SchedulerCore::perform_jobs(ModelSlot& slot, Lock& lock) {
  for (;;) {
    changed_.wait(lock, [&] { return slot.closing || slot.can_begin(); });
    if (slot.closing) return;
    std::shared_ptr<Job> job = slot.queue.pop(slot.has_room());
    const auto done = barrier("the request", [&]() -> Result<void> {
      perform(slot, job, lock);
      return {};
    });
    if (!done.ok()) abandon(slot, job, done.error(), lock);
    // What the user's functions hold may call us when it goes.
    lock.unlock();
    job.reset();
    lock.lock();
  }
}

/// A job that failed by an exception, of its user's functions for example.
void SchedulerCore::abandon(ModelSlot& slot, const std::shared_ptr<Job>& job, const Error& error,
                            Lock& lock) {
  if (lock.owns_lock()) lock.unlock();
  (void)barrier("the request", [&]() -> Result<void> {
    job->end(error);
    return {};
  });
  lock.lock();
  std::erase(slot.running, job);
  slot.last_used = host_->now();
  slot.keep_alive = job->use.keep_alive.value_or(options_.idle_unload);
  changed_.notify_all();
}

void SchedulerCore::perform(ModelSlot& slot, const std::shared_ptr<Job>& job, Lock& lock) {
  slot.running.push_back(job);
  const auto start = host_->now();
  std::optional<milliseconds> time_left;
  if (job->deadline) time_left = std::chrono::ceil<milliseconds>(*job->deadline - start);
  changed_.notify_all();
  lock.unlock();
  std::optional<Error> death;
  if (time_left && time_left->count() <= 0) {
    job->end(fail(ErrorCode::deadline_exceeded, "the deadline passed while the request waited"));
  } else {
    death = job->perform(*slot.started.engine, slot.model, time_left);
  }
  const auto now = host_->now();
  lock.lock();
  if (!death && now >= slot.measured_at + measure_interval) measure(slot, lock);
  const double seconds = std::chrono::duration<double>(now - start).count();
  slot.mean_seconds += (seconds - slot.mean_seconds) / 8;
  slot.last_used = now;
  slot.keep_alive = job->use.keep_alive.value_or(options_.idle_unload);
  std::erase(slot.running, job);
  if (death) worker_died(slot, job, *death);
  changed_.notify_all();
}

/// The slot starts over with a new worker, and the job is done again, once.
void SchedulerCore::worker_died(ModelSlot& slot, const std::shared_ptr<Job>& job,
                                const Error& death) {
  slot.closing = true;
  ++counters_.deaths;
  note(SchedulerEvent::Kind::died, slot,
       fmt::format("the worker of {} died: {}", slot.use.model, death.message));
  if (job->ended()) return;
  if (!options_.failover || stopping_ || job->stop.stop_requested()) return leave({job}, death);
  if (++job->deaths == 2) {
    return leave({job}, fail(ErrorCode::engine_died,
                             "given up because its worker died twice: " + death.message,
                             "change the request, or choose another engine"));
  }
  ++counters_.failovers;
  slot.restarting = true;
  slot.queue.push_begun(job);
}

void SchedulerCore::take_down(ModelSlot& slot, Lock& lock) {
  slot.state = State::unloading;
  StartedEngine ended = std::move(slot.started);
  slot.started = {};
  lock.unlock();
  const auto kept = ended.engine->keep(stop_saving_.get_token());
  ended = {};
  lock.lock();
  if (!kept.ok()) {
    note(SchedulerEvent::Kind::unloaded, slot,
         fmt::format("{} was unloaded, and what was to be kept of it was not: {}", slot.use.model,
                     kept.error().message));
  }
  slot.measured = 0;
  if (!slot.restarting) slot.charged = 0;
  changed_.notify_all();
}

/// The model does not load. Answers that had begun go on with another engine, if any opens the file
/// and the user left the choice to us.
void SchedulerCore::refuse_all(ModelSlot& slot, const Error& error) {
  for (auto& job : slot.queue.take_all()) {
    if (job->deaths == 0 || !job->use.engine.empty() || slot.other_engines.empty() || stopping_) {
      leave({std::move(job)}, error);
      continue;
    }
    job->use.engine = slot.other_engines.front();
    const auto other = slot_for(job->use);
    if (!other.ok()) {
      leave({std::move(job)}, error);
      continue;
    }
    if (const auto started = start(**other); !started.ok()) {
      leave({std::move(job)}, started.error());
      continue;
    }
    (*other)->queue.push_begun(std::move(job));
  }
  if (stopping_ || !lasts(error)) return;
  slot.state = State::failed;
  slot.failure = error;
  slot.retry_at = host_->now() + options_.load_retry;
}

}  // namespace tenfold
