#include "service/scheduler.h"

#include "service/scheduler_core.h"

namespace tenfold {

std::string_view to_string(ModelStatus::State state) {
  switch (state) {
    case ModelStatus::State::loading:
      return "loading";
    case ModelStatus::State::waiting_for_memory:
      return "waiting_for_memory";
    case ModelStatus::State::ready:
      return "ready";
    case ModelStatus::State::unloading:
      return "unloading";
    case ModelStatus::State::failed:
      break;
  }
  return "failed";
}

std::string_view to_string(SchedulerEvent::Kind kind) {
  constexpr std::string_view names[] = {"loaded",        "load_failed", "evicted",
                                        "idle_unloaded", "unloaded",    "died"};
  return names[static_cast<std::size_t>(kind)];
}

void Ticket::cancel() const {
  if (const auto core = core_.lock()) core->cancel(id_);
}

std::optional<int> Ticket::position() const {
  const auto core = core_.lock();
  return core ? core->position(id_) : std::nullopt;
}

Scheduler::Scheduler(SchedulerOptions options, std::shared_ptr<ModelHost> host)
    : core_(std::make_shared<SchedulerCore>(std::move(options), std::move(host))) {}

Scheduler::~Scheduler() { core_->shutdown(std::chrono::milliseconds(0)); }

Result<Ticket> Scheduler::submit(AnswerTask task, AnswerEvents events) {
  return core_->submit(std::move(task), std::move(events));
}

Result<Ticket> Scheduler::run(WorkTask task, std::function<void(Result<void>)> on_end) {
  return core_->run(std::move(task), std::move(on_end));
}

SchedulerStatus Scheduler::status() const { return core_->status(); }

Result<void> Scheduler::unload(const std::string& model) { return core_->unload(model); }

Result<void> Scheduler::hold(const Error& reason) { return core_->hold(reason); }

void Scheduler::release() { core_->release(); }

void Scheduler::shutdown(std::chrono::milliseconds grace) { core_->shutdown(grace); }

void Scheduler::tidy() { core_->tidy(); }

}  // namespace tenfold
