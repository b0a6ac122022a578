#include "worker/remote_model.h"

#include <functional>
#include <utility>

#include "base/thread.h"
#include "engine/json_fields.h"
#include "engine/options.h"

namespace tenfold {
namespace {

/// How often a load's caller is asked whether it is still wanted.
constexpr std::chrono::seconds sign_of_life{1};

/// A caller that leaves early, by an exception of its listener, needs no answer any more. Of a call
/// that has ended this does nothing.
struct CallEnd {
  WorkerClient& worker;
  std::uint64_t id;
  ~CallEnd() { worker.cancel(id); }
};

/// The next frame of a call. A load's caller can end it while the engine is silent, too.
Result<Json> next_frame(Mailbox& mailbox, const std::function<void()>& still_loading) {
  if (!still_loading) return mailbox.pop();
  for (;;) {
    if (auto frame = mailbox.pop(sign_of_life)) return *std::move(frame);
    still_loading();
  }
}

}  // namespace

RemoteModel::RemoteModel(RemoteOptions options, std::unique_ptr<WorkerClient> worker)
    : options_(std::move(options)), worker_(std::move(worker)) {}

RemoteModel::~RemoteModel() { forget(); }

Result<Json> RemoteModel::load(const ResolvedModel& model, const LoadOptions& options,
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
  const Wanted wanted{model, options};
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
      restarter_ = TRY(start_thread([this, wanted = *wanted_] { restart(wanted); },
                                    [this](const Error& error) { end_restart(error); }));
      restarting_ = true;
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

RemoteModel::Worker RemoteModel::living() const {
  const std::lock_guard lock(mutex_);
  const bool has_model = wanted_ && !restarting_ && worker_ && worker_->alive();
  return has_model ? worker_ : nullptr;
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
  const Json message{
      {"type", "load"}, {"model", to_json(wanted.model)}, {"options", to_json(wanted.options)}};
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
    worker->hide(secret_values(wanted.options.engine_options, worker->capabilities().options));
    bool begun = false;
    auto info = exchange(*worker, message, {progress, {}, {}}, {}, begun);
    if (info.ok() && refused) {  // the load was quicker than the cancel
      worker->close();
      return fail(ErrorCode::cancelled, "loading " + wanted.model.path.string() + " was cancelled");
    }
    if (info.ok() || !again || !is_lost(*worker, info.error(), begun)) return info;
  }
}

void RemoteModel::remember(const Adjustment& adjustment) {
  const std::lock_guard lock(mutex_);
  if (wanted_ && adjustment.threads) wanted_->options.threads = *adjustment.threads;
}

void RemoteModel::restart(const Wanted& wanted) {
  const auto info = start_and_load(wanted, {});
  end_restart(info.ok() ? std::nullopt : std::optional(info.error()));
}

void RemoteModel::end_restart(std::optional<Error> error) {
  Worker unwanted;
  {
    const std::lock_guard lock(mutex_);
    if (!wanted_) unwanted = std::move(worker_);  // forget() came
    restart_error_ = std::move(error);
    ++restarts_;
    restarting_ = false;
  }
  changed_.notify_all();
}

bool is_lost(const WorkerClient& worker, const Error& error, bool begun) {
  const bool by_end = error.code == ErrorCode::engine_died || error.code == ErrorCode::protocol;
  return by_end && !begun && !worker.alive();
}

Error nonsense(const Error& error) {
  return fail(ErrorCode::protocol,
              "the worker sent an answer that makes no sense: " + error.message);
}

Result<Json> exchange(WorkerClient& worker, const Json& message, const Listener& listener,
                      const Wait& wait, bool& begun) {
  const auto call = worker.call(message, wait.deadline);
  const CallEnd end{worker, call.id};
  const std::stop_callback on_stop(wait.stop, [&] { worker.cancel(call.id); });
  const auto give_up = [&](const Error& error) {
    const Error verdict = nonsense(error);
    worker.kill(verdict);
    return verdict;
  };
  double loaded = 0;
  const auto tell_loaded = [&] {
    if (!listener.on_load(loaded)) worker.cancel(call.id);
  };
  const std::function<void()> still_loading =
      listener.on_load ? tell_loaded : std::function<void()>();
  for (;;) {
    const Json frame = TRY(next_frame(*call.mailbox, still_loading));
    const std::string type = field(frame, "type");
    if (type == "begun") {
      begun = true;
    } else if (type == "progress" && frame.contains("prompt")) {
      const auto progress = prompt_progress_from_json(field(frame, "prompt"));
      if (!progress.ok()) return give_up(progress.error());
      if (listener.on_prompt) listener.on_prompt(*progress);
    } else if (type == "progress") {
      if (const auto read = read_value(field(frame, "value"), "value", loaded); !read.ok()) {
        return give_up(read.error());
      }
      if (listener.on_load) tell_loaded();
    } else if (type == "delta") {
      const auto delta = delta_from_json(field(frame, "delta"));
      if (!delta.ok()) return give_up(delta.error());
      if (listener.on_delta) listener.on_delta(*delta);
    } else if (type == "part" && listener.on_part) {
      const auto taken = listener.on_part(field(frame, "value"));
      if (!taken.ok()) return give_up(taken.error());
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
