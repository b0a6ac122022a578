#include "service/scheduler_core.h"

#include <fmt/format.h>

#include <cmath>
#include <system_error>

#include "base/machine.h"
#include "base/thread.h"

namespace tenfold {
namespace {

using std::chrono::milliseconds;

Error shutting_down() {
  return fail(ErrorCode::unavailable, "the server is shutting down", "try again later");
}

milliseconds between(ModelHost::TimePoint from, ModelHost::TimePoint to) {
  return std::max(milliseconds(0), std::chrono::floor<milliseconds>(to - from));
}

}  // namespace

SchedulerCore::SchedulerCore(SchedulerOptions options, std::shared_ptr<ModelHost> host)
    : options_(std::move(options)),
      memory_limit_(options_.memory_limit > 0 ? options_.memory_limit : total_memory() / 5 * 4),
      host_(std::move(host)) {}

Result<Ticket> SchedulerCore::submit(AnswerTask task, AnswerEvents events) {
  return enqueue(make_answer_job(std::move(task), std::move(events), tally_, *host_));
}

Result<Ticket> SchedulerCore::run(WorkTask task, std::function<void(Result<void>)> on_end) {
  const auto deadline = task.deadline;
  auto job = make_work_job(std::move(task), std::move(on_end));
  if (deadline) job->deadline = host_->now() + *deadline;
  return enqueue(std::move(job));
}

Result<Ticket> SchedulerCore::enqueue(std::shared_ptr<Job> job) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return shutting_down();
  if (held_) {
    ++counters_.refused;
    return *held_;
  }
  auto found = slot_for(job->use);
  if (!found.ok()) {
    if (found.error().code == ErrorCode::busy) ++counters_.refused;
    return std::move(found).error();
  }
  ModelSlot& slot = **found;
  if (slot.queue.size() >= static_cast<std::size_t>(options_.queue_length)) {
    ++counters_.refused;
    return full(slot);
  }
  TRY(start(slot));
  const std::uint64_t id = job->id = ++last_id_;
  slot.queue.push(std::move(job));
  ++counters_.submitted;
  changed_.notify_all();
  return Ticket(weak_from_this(), id);
}

/// Starts the threads that a job of this slot needs. A slot without one leaves again.
Result<void> SchedulerCore::start(ModelSlot& slot) {
  const auto forget = [&](const Error& error) {
    std::erase_if(slots_, [&](const auto& other) { return other.get() == &slot; });
    return error;
  };
  if (!keeper_.joinable()) {
    auto keeper = start_thread([this] { keep(); }, [](const Error&) {});
    if (!keeper.ok()) return forget(keeper.error());
    keeper_ = std::move(*keeper);
  }
  if (slot.thread.joinable()) return {};
  auto thread = start_thread([this, &slot] { serve(slot); },
                             [this, &slot](const Error& error) { give_up(slot, error); });
  if (!thread.ok()) return forget(thread.error());
  slot.thread = std::move(*thread);
  return {};
}

Error SchedulerCore::full(const ModelSlot& slot) const {
  Error error =
      fail(ErrorCode::busy,
           fmt::format("{} requests are waiting for {} already", slot.queue.size(), slot.use.model),
           "try again later, or raise the length of the queue");
  const double seconds = slot.mean_seconds / options_.sequences;
  error.retry_after = std::chrono::seconds(std::clamp(static_cast<int>(std::ceil(seconds)), 1, 60));
  return error;
}

/// The slot that serves this use, made if there is none; the error of one that failed lately.
Result<ModelSlot*> SchedulerCore::slot_for(const ModelUse& use) {
  const auto now = host_->now();
  for (const auto& slot : slots_) {
    if (!slot->serves(use)) continue;
    if (!slot->failure) return slot.get();
    if (now < slot->retry_at) return *slot->failure;
  }
  const auto alive = std::ranges::count_if(slots_, [](const auto& slot) { return !slot->done; });
  if (alive >= options_.most_models) {
    Error error = fail(ErrorCode::busy, fmt::format("{} models are in use already", alive),
                       "try again later, or unload one");
    error.retry_after = std::chrono::seconds(5);
    return error;
  }
  return slots_.emplace_back(std::make_unique<ModelSlot>(use)).get();
}

void SchedulerCore::cancel(std::uint64_t id) {
  std::shared_ptr<Job> job;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& slot : slots_) {
      leave(slot->queue.take_if([id](const Job& waiting) { return waiting.id == id; }),
            fail(ErrorCode::cancelled, "the request was cancelled while it waited"));
      const auto running = std::ranges::find(slot->running, id, &Job::id);
      if (running != slot->running.end()) job = *running;
    }
  }
  if (job) job->stop.request_stop();
}

std::optional<int> SchedulerCore::position(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& slot : slots_) {
    if (const auto position = slot->queue.position(id)) return position;
  }
  return std::nullopt;
}

SchedulerStatus SchedulerCore::status() const {
  const std::lock_guard lock(mutex_);
  SchedulerStatus status;
  status.memory_limit = memory_limit_;
  status.memory_used = used();
  status.counters = counters_;
  status.counters.answered = tally_.answered;
  status.counters.failed = tally_.failed;
  status.counters.prompt_tokens = tally_.prompt_tokens;
  status.counters.cached_tokens = tally_.cached_tokens;
  status.counters.generated_tokens = tally_.generated_tokens;
  status.streamed_tokens = tally_.streamed_tokens;
  if (const TimePoint last{TimePoint::duration(tally_.last_token)}; last != TimePoint()) {
    status.last_token = between(last, host_->now());
  }
  for (const auto& slot : slots_) {
    if (!slot->done || slot->failure) status.models.push_back(describe(*slot));
  }
  status.events.assign(events_.begin(), events_.end());
  return status;
}

ModelStatus SchedulerCore::describe(const ModelSlot& slot) const {
  ModelStatus status;
  status.model = slot.model;
  status.state = slot.closing && slot.state == State::ready ? State::unloading : slot.state;
  status.load_progress = slot.progress;
  status.memory_bytes = slot.charged;
  status.measured_bytes = slot.measured;
  status.waiting = static_cast<int>(slot.queue.size());
  status.running = static_cast<int>(slot.running.size());
  status.failure = slot.failure;
  if (slot.idle()) {
    const auto now = host_->now();
    status.idle = between(slot.last_used, now);
    if (slot.keep_alive.count() >= 0) {
      status.expires = between(now, slot.last_used + slot.keep_alive);
    }
  }
  return status;
}

Result<void> SchedulerCore::unload(const std::string& model) {
  const std::lock_guard lock(mutex_);
  bool found = false;
  for (const auto& slot : slots_) {
    if (!slot->has_name(model) || slot->state != State::ready) continue;
    slot->closing = found = true;
    note(SchedulerEvent::Kind::unloaded, *slot, fmt::format("{} was unloaded on demand", model));
  }
  changed_.notify_all();
  if (found) return {};
  return fail(ErrorCode::not_found, fmt::format("{} is not loaded", model));
}

void SchedulerCore::note(SchedulerEvent::Kind kind, const ModelSlot& slot, std::string text) {
  constexpr std::size_t most_events = 50;
  events_.push_front(
      {++last_event_, std::chrono::system_clock::now(), kind, slot.use.model, std::move(text)});
  if (events_.size() > most_events) events_.pop_back();
}

Result<void> SchedulerCore::hold(const Error& reason) {
  Lock lock(mutex_);
  if (held_) return *held_;
  for (const auto& slot : slots_) {
    if (slot->queue.empty() && slot->running.empty()) continue;
    return fail(ErrorCode::busy,
                fmt::format("{} has {} requests that run and {} that wait", slot->use.model,
                            slot->running.size(), slot->queue.size()),
                "try again when they have ended");
  }
  held_ = reason;
  for (const auto& slot : slots_) {
    if (slot->state != State::ready || slot->closing) continue;
    slot->closing = true;
    note(SchedulerEvent::Kind::unloaded, *slot,
         fmt::format("{} was unloaded: {}", slot->use.model, reason.message));
  }
  changed_.notify_all();
  changed_.wait(lock, [this] {
    return std::ranges::all_of(slots_, [](const auto& slot) { return slot->done; });
  });
  return {};
}

void SchedulerCore::release() {
  const std::lock_guard lock(mutex_);
  held_.reset();
}

void SchedulerCore::tidy() {
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void SchedulerCore::shutdown(milliseconds grace) {
  const auto start = std::chrono::steady_clock::now();
  Lock lock(mutex_);
  stopping_ = true;
  for (const auto& slot : slots_) leave(slot->queue.take_all(), shutting_down());
  changed_.wait_for(lock, grace, [this] {
    return std::ranges::all_of(slots_, [](const auto& slot) { return slot->running.empty(); });
  });
  std::vector<std::shared_ptr<Job>> running;
  for (const auto& slot : slots_) {
    running.insert(running.end(), slot->running.begin(), slot->running.end());
    slot->closing = true;
  }
  changed_.notify_all();
  lock.unlock();
  for (const auto& job : running) job->stop.request_stop();
  running.clear();
  lock.lock();
  const auto ended = [this] { return slots_.empty() && leaving_.empty(); };
  const auto left =
      grace - std::chrono::floor<milliseconds>(std::chrono::steady_clock::now() - start);
  if (!changed_.wait_for(lock, left, ended)) {
    lock.unlock();
    stop_saving_.request_stop();
    lock.lock();
  }
  changed_.wait(lock, ended);
  keeper_leaves_ = true;
  changed_.notify_all();
  lock.unlock();
  const std::lock_guard joining(keeper_end_);
  if (keeper_.joinable()) keeper_.join();
}

}  // namespace tenfold
