#include "worker/remote_engine.h"

#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "engine/json_fields.h"
#include "worker/worker_client.h"

namespace tenfold {
namespace {

using Clock = std::chrono::steady_clock;

Error busy() {
  return fail(ErrorCode::busy, "another call is in progress on this engine",
              "wait for it, or cancel it");
}

Error broken(const Error& error) {
  return fail(ErrorCode::protocol,
              "the worker sent an answer that makes no sense: " + error.message);
}

/// The value of a frame from a worker. What it does not fit is the worker's fault, not the user's.
template <typename T>
Result<T> checked(Result<T> value) {
  if (!value.ok()) return broken(value.error());
  return value;
}

template <typename T>
Result<std::vector<T>> numbers(const Json& json) {
  std::vector<double> values;
  if (const auto read = read_value(json, "value", values); !read.ok()) return broken(read.error());
  return std::vector<T>(values.begin(), values.end());
}

class RemoteEngine : public Engine {
 public:
  RemoteEngine(RemoteOptions options, std::unique_ptr<WorkerClient> client)
      : options_(std::move(options)),
        capabilities_(client->capabilities()),
        client_(std::move(client)) {}

  [[nodiscard]] std::string_view name() const override { return capabilities_.engine; }
  [[nodiscard]] const Capabilities& capabilities() const override { return capabilities_; }

  Result<ModelInfo> initialize(const std::string& path, const LoadOptions& options,
                               const OnProgress& on_progress) override {
    const Turn turn(*this, Turn::Kind::other);
    if (!turn.taken()) return busy();
    if (std::exchange(loaded_, std::nullopt)) stop_worker();
    const Loaded wanted{path, options};
    const Json value = TRY(attempt([&](bool& begun) -> Result<Json> {
      TRY(ensure_worker());
      return load(wanted, on_progress, begun);
    }));
    ModelInfo info = TRY(checked(model_info_from_json(value)));
    info.path = path;
    loaded_ = wanted;
    return info;
  }

  [[nodiscard]] bool is_initialized() const override { return loaded_.has_value(); }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        std::stop_token stop) override {
    const Turn turn(*this, Turn::Kind::answer);
    if (!turn.taken()) return busy();
    const std::stop_callback on_stop(stop, [this] { cancel(); });
    const auto start = Clock::now();
    const auto message = [&]() -> Result<Json> {
      Request remaining = request;
      const auto spent = std::chrono::floor<std::chrono::milliseconds>(Clock::now() - start);
      if (request.deadline && spent.count() > 0) {
        remaining.deadline = *request.deadline - spent;
        if (remaining.deadline->count() <= 0) {
          return fail(ErrorCode::deadline_exceeded,
                      "the deadline passed while the model was loaded again");
        }
      }
      return Json{{"type", "generate"}, {"request", to_json(remaining)}};
    };
    return checked(answer_from_json(TRY(work(turn, message, on_delta))));
  }

  void cancel() override {
    const std::lock_guard lock(mutex_);
    if (!answering_) return;
    cancelled_ = true;
    if (client_) client_->cancel();
  }

  Result<std::vector<double>> score(std::span<const TokenId> tokens) override {
    const std::vector<TokenId> list(tokens.begin(), tokens.end());
    return numbers<double>(TRY(work({{"type", "score"}, {"tokens", list}})));
  }

  Result<PreparedPrompt> prepare(const Prompt& prompt) override {
    const Json value = TRY(work({{"type", "prepare"}, {"prompt", to_json(prompt)}}));
    PreparedPrompt prepared;
    const auto read = FieldReader(value, "prompt")
                          .required("text", prepared.text)
                          .required("tokens", prepared.tokens)
                          .finish();
    if (!read.ok()) return broken(read.error());
    return prepared;
  }

  Result<std::vector<float>> embed(const std::string& text) override {
    return numbers<float>(TRY(work({{"type", "embed"}, {"text", text}})));
  }

  void cleanup() override {
    loaded_.reset();
    stop_worker();
  }

 private:
  struct Loaded {
    std::string path;
    LoadOptions options;
  };

  /// Holds the engine's one call while in scope; cancel() works on an answer only.
  class Turn {
   public:
    enum class Kind { answer, other };
    Turn(RemoteEngine& engine, Kind kind) : engine_(engine) {
      const std::lock_guard lock(engine_.mutex_);
      taken_ = !std::exchange(engine_.busy_, true);
      if (!taken_) return;
      engine_.answering_ = kind == Kind::answer;
      engine_.cancelled_ = false;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      if (!taken_) return;
      const std::lock_guard lock(engine_.mutex_);
      engine_.busy_ = engine_.answering_ = false;
    }
    [[nodiscard]] bool taken() const { return taken_; }

   private:
    RemoteEngine& engine_;
    bool taken_ = false;
  };

  using MakeMessage = std::function<Result<Json>()>;

  Result<Json> work(const Json& message) {
    const Turn turn(*this, Turn::Kind::other);
    return work(turn, [&]() -> Result<Json> { return message; }, {});
  }

  /// Does a call with the model that initialize() asked for, in a new worker if the old one died.
  Result<Json> work(const Turn& turn, const MakeMessage& message, const OnDelta& on_delta) {
    if (!turn.taken()) return busy();
    if (!loaded_) {
      return fail(ErrorCode::not_initialized, "no model is loaded", "call initialize() first");
    }
    return attempt([&](bool& begun) -> Result<Json> {
      if (!has_worker()) {
        TRY(ensure_worker());
        TRY(load(*loaded_, {}, begun));
        begun = false;
      }
      return exchange(TRY(message()), options_.stall_timeout, {}, on_delta, begun);
    });
  }

  /// Once more if the worker turns out to have died before it began.
  template <typename Action>
  Result<Json> attempt(const Action& action) {
    bool begun = false;
    auto result = action(begun);
    if (result.ok() || begun || result.error().code != ErrorCode::engine_died) return result;
    return action(begun);
  }

  [[nodiscard]] bool has_worker() const { return client_ && client_->alive(); }

  Result<void> ensure_worker() {
    if (has_worker()) return {};
    stop_worker();
    auto fresh = TRY(WorkerClient::start(options_));
    const std::lock_guard lock(mutex_);
    client_ = std::move(fresh);
    return {};
  }

  void stop_worker() {
    std::unique_ptr<WorkerClient> stopped;  // its end, which takes a while, comes after the lock's
    const std::lock_guard lock(mutex_);
    stopped = std::move(client_);
  }

  Result<Json> load(const Loaded& wanted, const OnProgress& on_progress, bool& begun) {
    const Json message{
        {"type", "load"}, {"path", wanted.path}, {"options", to_json(wanted.options)}};
    bool refused = false;
    const OnProgress progress = [&](double done) {
      refused = refused || (on_progress && !on_progress(done));
      return !refused;
    };
    Json info = TRY(exchange(message, options_.load_timeout, progress, {}, begun));
    if (!refused) return info;
    // The load was quicker than the cancel.
    cleanup();
    return fail(ErrorCode::cancelled, "loading " + wanted.path + " was cancelled");
  }

  /// One call, frame by frame. `begun` tells whether the worker started on it.
  Result<Json> exchange(const Json& message, std::chrono::milliseconds patience,
                        const OnProgress& on_progress, const OnDelta& on_delta, bool& begun) {
    std::shared_ptr<Mailbox> mailbox;
    {
      const std::lock_guard lock(mutex_);
      if (cancelled_) return fail(ErrorCode::cancelled, "cancelled before the answer began");
      mailbox = client_->call(message, patience);
    }
    for (;;) {
      const Json frame = TRY(mailbox->pop());
      const std::string type = field(frame, "type");
      if (type == "begun") {
        begun = true;
      } else if (type == "progress") {
        const Json& value = field(frame, "value");
        if (on_progress && value.is_number() && !on_progress(value)) client_->cancel();
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

  /// Ends a worker in the middle of a call that makes no sense.
  Error give_up(const Error& error) {
    stop_worker();
    return broken(error);
  }

  const RemoteOptions options_;
  const Capabilities capabilities_;
  std::optional<Loaded> loaded_;

  std::mutex mutex_;  ///< guards the rest, which cancel() looks at from other threads
  std::unique_ptr<WorkerClient> client_;
  bool busy_ = false;
  bool answering_ = false;
  bool cancelled_ = false;
};

}  // namespace

Result<std::unique_ptr<Engine>> open_remote_engine(RemoteOptions options) {
  auto client = TRY(WorkerClient::start(options));
  return std::unique_ptr<Engine>(
      std::make_unique<RemoteEngine>(std::move(options), std::move(client)));
}

}  // namespace tenfold
