#include "worker/remote_model.h"

#include <utility>

#include "engine/json_fields.h"

namespace tenfold {

RemoteModel::RemoteModel(RemoteOptions options, std::unique_ptr<WorkerClient> worker)
    : options_(std::move(options)), worker_(std::move(worker)) {}

RemoteModel::~RemoteModel() { forget(); }

Result<Json> RemoteModel::load(const std::string& path, const LoadOptions& options,
                               const OnProgress& on_progress) {
  std::jthread restarter;
  Worker old;
  {
    const std::lock_guard lock(mutex_);
    restarter = std::move(restarter_);
    if (std::exchange(wanted_, std::nullopt)) old = std::move(worker_);
  }
  if (restarter.joinable()) restarter.join();
  old.reset();
  const Wanted wanted{path, options};
  Json info = TRY(start_and_load(wanted, on_progress));
  const std::lock_guard lock(mutex_);
  if (worker_ == nullptr) return fail(ErrorCode::cancelled, "cleanup() came while it loaded");
  wanted_ = wanted;
  return info;
}

Result<RemoteModel::Worker> RemoteModel::worker(const Wait& wait) {
  std::unique_lock lock(mutex_);
  const std::uint64_t seen = restarts_;
  const auto ended = [&] { return !restarting_; };
  for (;;) {
    if (!wanted_) {
      return fail(ErrorCode::not_initialized, "no model is loaded", "call initialize() first");
    }
    if (!restarting_) {
      if (worker_ && worker_->alive()) return worker_;
      if (restarts_ != seen && restart_error_) return *restart_error_;
      restarting_ = true;
      restarter_ = std::jthread([this, wanted = *wanted_] { restart(wanted); });
    }
    if (wait.deadline) {
      changed_.wait_until(lock, wait.stop, *wait.deadline, ended);
    } else {
      changed_.wait(lock, wait.stop, ended);
    }
    if (ended()) continue;
    if (wait.stop.stop_requested()) {
      return fail(ErrorCode::cancelled, "cancelled before the answer began");
    }
    return fail(ErrorCode::deadline_exceeded,
                "the deadline passed while the model was loaded again");
  }
}

bool RemoteModel::is_loaded() const {
  const std::lock_guard lock(mutex_);
  return wanted_.has_value();
}

int RemoteModel::sequences() const {
  const std::lock_guard lock(mutex_);
  return wanted_ ? wanted_->options.sequences : 1;
}

pid_t RemoteModel::pid() const {
  const std::lock_guard lock(mutex_);
  return worker_ ? worker_->pid() : -1;
}

void RemoteModel::forget() {
  Worker worker;
  {
    const std::lock_guard lock(mutex_);
    wanted_.reset();
    worker = std::move(worker_);
  }
  if (worker) worker->close();  // calls in progress may hold it longer
}

/// The worker is in `worker_` while it loads, so that forget() can end it.
Result<Json> RemoteModel::start_and_load(const Wanted& wanted, const OnProgress& on_progress) {
  const Json message{{"type", "load"}, {"path", wanted.path}, {"options", to_json(wanted.options)}};
  bool refused = false;
  const OnProgress progress = [&](double done) {
    refused = refused || (on_progress && !on_progress(done));
    return !refused;
  };
  for (bool again = true;; again = false) {
    Worker worker;
    {
      const std::lock_guard lock(mutex_);
      worker = worker_;
    }
    if (!worker || !worker->alive()) {
      worker = TRY(WorkerClient::start(options_));
      const std::lock_guard lock(mutex_);
      worker_ = worker;
    }
    bool begun = false;
    auto info = exchange(*worker, message, options_.load_timeout, progress, {}, {}, begun);
    if (info.ok() && refused) {  // the load was quicker than the cancel
      worker->close();
      return fail(ErrorCode::cancelled, "loading " + wanted.path + " was cancelled");
    }
    if (info.ok() || begun || !again || info.error().code != ErrorCode::engine_died) return info;
  }
}

void RemoteModel::remember(const Adjustment& adjustment) {
  const std::lock_guard lock(mutex_);
  if (wanted_ && adjustment.threads) wanted_->options.threads = *adjustment.threads;
}

void RemoteModel::restart(const Wanted& wanted) {
  const auto info = start_and_load(wanted, {});
  Worker unwanted;
  {
    const std::lock_guard lock(mutex_);
    if (!wanted_) unwanted = std::move(worker_);  // forget() came
    restart_error_ = info.ok() ? std::nullopt : std::optional(info.error());
    ++restarts_;
    restarting_ = false;
  }
  changed_.notify_all();
}

Error nonsense(const Error& error) {
  return fail(ErrorCode::protocol,
              "the worker sent an answer that makes no sense: " + error.message);
}

Result<Json> exchange(WorkerClient& worker, const Json& message, std::chrono::milliseconds patience,
                      const OnProgress& on_progress, const OnDelta& on_delta,
                      const std::stop_token& stop, bool& begun) {
  const auto ticket = worker.call(message, patience);
  const std::stop_callback on_stop(stop, [&] { worker.cancel(ticket.id); });
  const auto give_up = [&](const Error& error) {
    const Error verdict = nonsense(error);
    worker.kill(verdict);
    return verdict;
  };
  for (;;) {
    const Json frame = TRY(ticket.mailbox->pop());
    const std::string type = field(frame, "type");
    if (type == "begun") {
      begun = true;
    } else if (type == "progress") {
      const Json& value = field(frame, "value");
      if (on_progress && value.is_number() && !on_progress(value)) worker.cancel(ticket.id);
    } else if (type == "delta") {
      const auto delta = delta_from_json(field(frame, "delta"));
      if (!delta.ok()) return give_up(delta.error());
      if (on_delta) on_delta(*delta);
    } else if (type == "done") {
      return field(frame, "value");
    } else if (type == "error") {
      return error_from_json(field(frame, "error"));
    } else {
      return give_up(fail(ErrorCode::protocol, "unknown type " + type));
    }
  }
}

}  // namespace tenfold
