#include "worker/remote_engine.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <iterator>
#include <mutex>
#include <set>
#include <stop_token>
#include <utility>

#include "base/machine.h"
#include "engine/field_reader.h"
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

Error wrong(const std::string& what) { return fail(ErrorCode::protocol, what + " is wrong"); }

Result<PreparedPrompt> prepared_from(Json value) {
  PreparedPrompt prepared;
  const Json pieces = field(value, "pieces");
  if (!pieces.is_array()) return wrong("the list of a prompt's pieces");
  for (const Json& piece : pieces) {
    if (!piece.is_binary()) return wrong("a piece of a prompt");
    prepared.pieces.emplace_back(piece.get_binary().begin(), piece.get_binary().end());
  }
  value.erase("pieces");
  TRY(FieldReader(value, "prompt")
          .required("text", prepared.text)
          .required("tokens", prepared.tokens)
          .finish());
  return prepared;
}

Result<std::vector<Embedding>> embeddings_from(const Json& value) {
  if (!value.is_array()) return wrong("the list of embeddings");
  std::vector<Embedding> embeddings;
  for (const Json& entry : value) {
    const Json& bytes = field(entry, "values");
    if (!bytes.is_binary() || bytes.get_binary().size() % sizeof(float) != 0) {
      return wrong("an embedding");
    }
    Embedding embedding;
    TRY(read_value(field(entry, "tokens"), "tokens", embedding.tokens));
    embedding.values.resize(bytes.get_binary().size() / sizeof(float));
    std::memcpy(embedding.values.data(), bytes.get_binary().data(), bytes.get_binary().size());
    embeddings.push_back(std::move(embedding));
  }
  return embeddings;
}

class RemoteEngine : public Engine {
 public:
  RemoteEngine(const RemoteOptions& options, std::unique_ptr<WorkerClient> worker)
      : capabilities_(worker->capabilities()),
        keep_timeout_(options.keep_timeout),
        model_(options, std::move(worker)) {}

  [[nodiscard]] std::string_view name() const override { return capabilities_.engine; }
  [[nodiscard]] const Capabilities& capabilities() const override { return capabilities_; }

  Result<ModelInfo> initialize(const ResolvedModel& model, const LoadOptions& options,
                               const OnProgress& on_progress) override {
    const Turn turn(*this, Turn::Kind::load);
    if (!turn.taken()) return busy();
    const Json value = TRY(model_.load(model, options, on_progress));
    ModelInfo info = TRY(checked(model_info_from_json(value)));
    info.path = model.path;
    return info;
  }

  [[nodiscard]] bool is_initialized() const override { return model_.is_loaded(); }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        const Control& control) override {
    const auto start = Clock::now();
    std::stop_source ended;
    const Turn turn(*this, Turn::Kind::answer, &ended);
    if (!turn.taken()) return busy();
    const std::stop_callback on_stop(control.stop, [&] { ended.request_stop(); });
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
    Answer answer =
        TRY(checked(answer_from_json(TRY(work(message, wait, {{}, control.on_prompt, on_delta})))));
    // What ended it was then this side's patience with the worker: see WorkerClient::call().
    const bool is_late = wait.deadline && Clock::now() >= *wait.deadline;
    if (answer.finish == FinishReason::cancelled && is_late && !ended.stop_requested()) {
      answer.finish = FinishReason::deadline;
    }
    return answer;
  }

  void cancel() override {
    const std::lock_guard lock(mutex_);
    for (std::stop_source* answer : answers_) answer->request_stop();
  }

  Result<std::vector<double>> score(std::span<const TokenId> tokens,
                                    const Control& control) override {
    const std::vector<TokenId> list(tokens.begin(), tokens.end());
    const Json value = TRY(work({{"type", "score"}, {"tokens", list}}, control));
    std::vector<double> scores;
    if (const auto read = read_value(value, "value", scores); !read.ok()) {
      return nonsense(read.error());
    }
    return scores;
  }

  Result<PreparedPrompt> prepare(const Prompt& prompt, const Control& control) override {
    return checked(
        prepared_from(TRY(work({{"type", "prepare"}, {"prompt", to_json(prompt)}}, control))));
  }

  Result<std::vector<Embedding>> embed(std::span<const std::string> texts,
                                       const Control& control) override {
    const std::vector<std::string> list(texts.begin(), texts.end());
    std::vector<Embedding> embeddings;
    const auto add = [&](const Json& value) -> Result<void> {
      auto part = TRY(embeddings_from(value));
      if (embeddings.size() + part.size() > texts.size()) return wrong("the number of embeddings");
      std::ranges::move(part, std::back_inserter(embeddings));
      return {};
    };
    const Json last = TRY(work({{"type", "embed"}, {"texts", list}}, control, add));
    TRY(checked(add(last)));
    if (embeddings.size() < texts.size()) return nonsense(wrong("the number of embeddings"));
    return embeddings;
  }

  Result<void> adjust(const Adjustment& adjustment) override {
    TRY(check_adjustment(adjustment, capabilities_));
    if (!adjustment.threads) return {};
    TRY(work({{"type", "adjust"}, {"adjustment", to_json(adjustment)}}, {}));
    model_.remember(adjustment);
    return {};
  }

  Result<void> keep(const std::stop_token& stop) override {
    const Turn turn(*this, Turn::Kind::other);
    if (!turn.taken()) return busy();
    const auto worker = model_.living();
    if (!worker) return {};  // what it could have saved is gone
    const Json message{{"type", "keep"}};
    bool begun = false;
    const Wait wait{stop, later(Clock::now(), keep_timeout_)};
    const auto kept = exchange(*worker, message, {}, wait, begun);
    if (!kept.ok() && !is_lost(*worker, kept.error(), begun)) return kept.error();
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

  Result<Json> work(const Json& message, const Control& control,
                    const std::function<Result<void>(const Json&)>& on_part = {}) {
    const Turn turn(*this, Turn::Kind::other);
    if (!turn.taken()) return busy();
    return work([&]() -> Result<Json> { return message; }, {control.stop, {}},
                {{}, control.on_prompt, {}, on_part});
  }

  /// Once more if the worker turns out to have died before it began.
  Result<Json> work(const MakeMessage& message, const Wait& wait, const Listener& listener) {
    for (bool again = true;; again = false) {
      const auto worker = TRY(model_.worker(wait));
      if (wait.stop.stop_requested()) {
        return fail(ErrorCode::cancelled, "cancelled before it began");
      }
      bool begun = false;
      auto result = exchange(*worker, TRY(message()), listener, wait, begun);
      if (result.ok() || !again || !is_lost(*worker, result.error(), begun)) return result;
    }
  }

  const Capabilities capabilities_;
  const std::chrono::milliseconds keep_timeout_;
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
