#include "worker/remote_engine.h"

#include <functional>
#include <mutex>
#include <set>
#include <stop_token>
#include <utility>

#include "engine/json_fields.h"
#include "worker/process_memory.h"
#include "worker/remote_model.h"
#include "worker/worker_client.h"

namespace tenfold {
namespace {

using Clock = std::chrono::steady_clock;

/// The value of a frame from a worker.
template <typename T>
Result<T> checked(Result<T> value) {
  if (!value.ok()) return nonsense(value.error());
  return value;
}

template <typename T>
Result<std::vector<T>> numbers(const Json& json) {
  std::vector<double> values;
  if (const auto read = read_value(json, "value", values); !read.ok()) {
    return nonsense(read.error());
  }
  return std::vector<T>(values.begin(), values.end());
}

class RemoteEngine : public Engine {
 public:
  RemoteEngine(const RemoteOptions& options, std::unique_ptr<WorkerClient> worker)
      : stall_timeout_(options.stall_timeout),
        capabilities_(worker->capabilities()),
        model_(options, std::move(worker)) {}

  [[nodiscard]] std::string_view name() const override { return capabilities_.engine; }
  [[nodiscard]] const Capabilities& capabilities() const override { return capabilities_; }

  Result<ModelInfo> initialize(const std::string& path, const LoadOptions& options,
                               const OnProgress& on_progress) override {
    const Turn turn(*this, Turn::Kind::load);
    if (!turn.taken()) return busy();
    const Json value = TRY(model_.load(path, options, on_progress));
    ModelInfo info = TRY(checked(model_info_from_json(value)));
    info.path = path;
    return info;
  }

  [[nodiscard]] bool is_initialized() const override { return model_.is_loaded(); }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        std::stop_token stop) override {
    const auto start = Clock::now();
    std::stop_source ended;
    const Turn turn(*this, Turn::Kind::answer, &ended);
    if (!turn.taken()) return busy();
    const std::stop_callback on_stop(stop, [&] { ended.request_stop(); });
    const auto message = [&]() -> Result<Json> {
      Request remaining = request;
      const auto spent = std::chrono::floor<std::chrono::milliseconds>(Clock::now() - start);
      if (request.deadline) remaining.deadline = *request.deadline - spent;
      if (request.deadline && remaining.deadline->count() <= 0) {
        return fail(ErrorCode::deadline_exceeded,
                    "the deadline passed while the model was loaded again");
      }
      return Json{{"type", "generate"}, {"request", to_json(remaining)}};
    };
    Wait wait{ended.get_token(), {}};
    if (request.deadline) wait.deadline = later(start, *request.deadline);
    return checked(answer_from_json(TRY(work(message, wait, on_delta))));
  }

  void cancel() override {
    const std::lock_guard lock(mutex_);
    for (std::stop_source* answer : answers_) answer->request_stop();
  }

  Result<std::vector<double>> score(std::span<const TokenId> tokens) override {
    const std::vector<TokenId> list(tokens.begin(), tokens.end());
    return numbers<double>(TRY(work({{"type", "score"}, {"tokens", list}})));
  }

  Result<PreparedPrompt> prepare(const Prompt& prompt) override {
    Json value = TRY(work({{"type", "prepare"}, {"prompt", to_json(prompt)}}));
    PreparedPrompt prepared;
    for (const Json& piece : value.value("pieces", Json::array())) {
      if (!piece.is_binary()) {
        return nonsense(fail(ErrorCode::protocol, "a piece of a prompt is not bytes"));
      }
      prepared.pieces.emplace_back(piece.get_binary().begin(), piece.get_binary().end());
    }
    value.erase("pieces");
    const auto read = FieldReader(value, "prompt")
                          .required("text", prepared.text)
                          .required("tokens", prepared.tokens)
                          .finish();
    if (!read.ok()) return nonsense(read.error());
    return prepared;
  }

  Result<std::vector<float>> embed(const std::string& text) override {
    return numbers<float>(TRY(work({{"type", "embed"}, {"text", text}})));
  }

  Result<void> adjust(const Adjustment& adjustment) override {
    TRY(check_adjustment(adjustment, capabilities_));
    if (!adjustment.threads) return {};
    TRY(work({{"type", "adjust"}, {"adjustment", to_json(adjustment)}}));
    model_.remember(adjustment);
    return {};
  }

  void cleanup() override { model_.forget(); }

  [[nodiscard]] std::uint64_t memory() const { return process_memory(model_.pid()); }

 private:
  /// Counts a call while in scope, unless it would be one too many. The worker counts the scores.
  class Turn {
   public:
    enum class Kind { load, answer, other };
    Turn(RemoteEngine& engine, Kind kind, std::stop_source* answer = nullptr)
        : engine_(engine), kind_(kind), answer_(answer) {
      const std::lock_guard lock(engine_.mutex_);
      if (engine_.loading_) return;
      if (kind == Kind::load && engine_.calls_ > 0) return;
      const auto most = static_cast<std::size_t>(engine_.model_.sequences());
      if (kind == Kind::answer && engine_.answers_.size() >= most) return;
      taken_ = true;
      ++engine_.calls_;
      engine_.loading_ = kind == Kind::load;
      if (answer_ != nullptr) engine_.answers_.insert(answer_);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      if (!taken_) return;
      const std::lock_guard lock(engine_.mutex_);
      --engine_.calls_;
      if (kind_ == Kind::load) engine_.loading_ = false;
      if (answer_ != nullptr) engine_.answers_.erase(answer_);
    }
    [[nodiscard]] bool taken() const { return taken_; }

   private:
    RemoteEngine& engine_;
    const Kind kind_;
    std::stop_source* const answer_;
    bool taken_ = false;
  };

  using MakeMessage = std::function<Result<Json>()>;

  static Error busy() {
    return fail(ErrorCode::busy, "another call is in progress on this engine",
                "wait for it, or cancel it");
  }

  /// Saturates, as a deadline may be centuries away.
  static Clock::time_point later(Clock::time_point start, std::chrono::milliseconds wait) {
    const auto longest = Clock::time_point::max() - start;
    return wait < std::chrono::floor<std::chrono::milliseconds>(longest) ? start + wait
                                                                         : Clock::time_point::max();
  }

  Result<Json> work(const Json& message) {
    const Turn turn(*this, Turn::Kind::other);
    if (!turn.taken()) return busy();
    return work([&]() -> Result<Json> { return message; }, {}, {});
  }

  /// Once more if the worker turns out to have died before it began.
  Result<Json> work(const MakeMessage& message, const Wait& wait, const OnDelta& on_delta) {
    for (bool again = true;; again = false) {
      const auto worker = TRY(model_.worker(wait));
      if (wait.stop.stop_requested()) {
        return fail(ErrorCode::cancelled, "cancelled before the answer began");
      }
      bool begun = false;
      auto result =
          exchange(*worker, TRY(message()), stall_timeout_, {}, on_delta, wait.stop, begun);
      const bool died = !result.ok() && result.error().code == ErrorCode::engine_died;
      if (!died || begun || !again) return result;
    }
  }

  const std::chrono::milliseconds stall_timeout_;
  const Capabilities capabilities_;
  RemoteModel model_;

  std::mutex mutex_;  ///< guards the rest
  int calls_ = 0;     ///< in progress
  bool loading_ = false;
  std::set<std::stop_source*> answers_;
};

}  // namespace

Result<std::unique_ptr<Engine>> open_remote_engine(RemoteOptions options) {
  auto worker = TRY(WorkerClient::start(options));
  return std::unique_ptr<Engine>(std::make_unique<RemoteEngine>(options, std::move(worker)));
}

std::uint64_t worker_memory(const Engine& engine) {
  const auto* remote = dynamic_cast<const RemoteEngine*>(&engine);
  return remote == nullptr ? 0 : remote->memory();
}

}  // namespace tenfold
