#include "generation/text_engine.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

#include "base/barrier.h"
#include "engine/json.h"
#include "generation/scoring.h"

namespace tenfold {
namespace {

using Clock = Interruption::Clock;

Error stopped() { return fail(ErrorCode::cancelled, "cancelled before it began"); }

/// Only of a model whose engine lists what it does not have.
Error missing(const char* what) {
  return fail(ErrorCode::internal, std::string("the model does not have ") + what);
}

class TextEngine final : public Engine {
 public:
  explicit TextEngine(TextBackend backend) : backend_(std::move(backend)) {}

  [[nodiscard]] std::string_view name() const override { return backend_.capabilities.engine; }
  [[nodiscard]] const Capabilities& capabilities() const override { return backend_.capabilities; }
  [[nodiscard]] bool is_initialized() const override {
    const std::lock_guard lock(mutex_);
    return loaded_ != nullptr;
  }

  Result<ModelInfo> initialize(const ResolvedModel& model, const LoadOptions& options,
                               const OnProgress& on_progress) override {
    {
      const std::lock_guard lock(mutex_);
      if (is_loading_ || calls_ > 0) return busy();
      is_loading_ = true;
      is_unwanted_ = false;
      loaded_.reset();
    }
    const auto start = Clock::now();
    auto opened = barrier("the engine", [&]() -> Result<std::unique_ptr<TextModel>> {
      TRY(check_engine_options(options, backend_.capabilities));
      return backend_.open(model, options, on_progress);
    });
    const std::lock_guard lock(mutex_);
    is_loading_ = false;
    if (!opened.ok()) return std::move(opened).error();
    if (is_unwanted_) return fail(ErrorCode::cancelled, "cleanup() came while the model loaded");
    loaded_ = std::move(*opened);
    ModelInfo info = loaded_->info();
    info.load_seconds = std::chrono::duration<double>(Clock::now() - start).count();
    info.sampling = model.sampling;
    return info;
  }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        const Control& control) override {
    const auto start = Clock::now();
    if (control.stop.stop_requested()) return stopped();
    return with_model([&](TextModel& model) -> Result<Answer> {
      TRY(check_request(request, backend_.capabilities));
      const Place place(*this);
      if (!place.is_mine) return busy();
      Interruption interruption(start, request.deadline);
      const Running running(*this, interruption);
      if (!is_initialized()) interruption.cancel();  // cleanup() came just before
      const std::stop_callback on_stop(control.stop, [&] { interruption.cancel(); });
      const auto turn = take_turn(interruption.token());
      if (!turn) return ended_early(interruption);
      return model.answer(request, interruption, on_delta, control.on_prompt, start);
    });
  }

  void cancel() override {
    const std::lock_guard lock(mutex_);
    for (Interruption* answer : running_) answer->cancel();
  }

  Result<std::vector<double>> score(std::span<const TokenId> tokens,
                                    const Control& control) override {
    return with_model([&](TextModel& model) -> Result<std::vector<double>> {
      if (!backend_.capabilities.score) return lacks("score");
      const Place place(*this);
      if (!place.is_mine) return busy();
      const auto turn = take_turn(control.stop);
      if (!turn) return stopped();
      return model.score(tokens, control);
    });
  }

  Result<PreparedPrompt> prepare(const Prompt& prompt, const Control& control) override {
    if (control.stop.stop_requested()) return stopped();
    return with_model([&](TextModel& model) -> Result<PreparedPrompt> {
      if (!backend_.capabilities.prepare) return lacks("prepare");
      return model.prepare(prompt);
    });
  }

  Result<std::vector<Embedding>> embed(std::span<const std::string> texts,
                                       const Control& control) override {
    return with_model([&](TextModel& model) -> Result<std::vector<Embedding>> {
      if (!backend_.capabilities.embeddings) return lacks("embeddings");
      std::vector<Embedding> embeddings;
      PromptProgress progress;
      for (const std::string& text : texts) {
        const int tokens = TRY(model.count_to_embed(
            text, fmt::format("text {} of {}", embeddings.size() + 1, texts.size())));
        progress.total += tokens;
        embeddings.push_back({{}, tokens});
      }
      if (control.on_prompt) control.on_prompt(progress);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto turn = take_turn(control.stop);
        if (!turn) return stopped();
        embeddings[i].values = TRY(model.embed(texts[i]));
        TRY(normalize(embeddings[i].values));
        progress.read += embeddings[i].tokens;
        if (control.on_prompt) control.on_prompt(progress);
      }
      return embeddings;
    });
  }

  void cleanup() override {
    std::shared_ptr<TextModel> unwanted;  // the calls in progress hold it too, and free it
    {
      const std::lock_guard lock(mutex_);
      unwanted = std::move(loaded_);
      is_unwanted_ = true;
    }
    cancel();
  }

 private:
  /// The one place for an answer or a score.
  struct Place {
    explicit Place(TextEngine& of) : engine(of) {
      const std::lock_guard lock(engine.mutex_);
      is_mine = !std::exchange(engine.is_taken_, true);
    }
    ~Place() {
      if (!is_mine) return;
      const std::lock_guard lock(engine.mutex_);
      engine.is_taken_ = false;
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    TextEngine& engine;
    bool is_mine = false;
  };

  /// Makes an answer reachable for cancel() while it runs.
  class Running {
   public:
    Running(TextEngine& engine, Interruption& interruption)
        : engine_(engine), interruption_(interruption) {
      const std::lock_guard lock(engine_.mutex_);
      engine_.running_.insert(&interruption_);
    }
    ~Running() {
      const std::lock_guard lock(engine_.mutex_);
      engine_.running_.erase(&interruption_);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    TextEngine& engine_;
    Interruption& interruption_;
  };

  struct EndTurn {
    void operator()(TextEngine* engine) const {
      const std::lock_guard lock(engine->mutex_);
      engine->is_computing_ = false;
      engine->turn_over_.notify_all();  // one that was stopped may be among those that wait
    }
  };
  using Turn = std::unique_ptr<TextEngine, EndTurn>;

  /// Waits until nobody else computes with the model; empty if stopped first.
  Turn take_turn(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!turn_over_.wait(lock, stop, [this] { return !is_computing_; })) return nullptr;
    if (stop.stop_requested()) return nullptr;
    is_computing_ = true;
    return Turn(this);
  }

  /// Of an answer whose turn did not come.
  static Result<Answer> ended_early(const Interruption& interruption) {
    Answer answer;
    answer.finish = interruption.reason().value_or(FinishReason::cancelled);
    if (answer.finish == FinishReason::cancelled) return stopped();
    return answer;
  }

  [[nodiscard]] Error lacks(std::string_view what) const {
    return fail(ErrorCode::unsupported,
                fmt::format("{} does not have {}", backend_.capabilities.engine, what),
                "its capabilities say what it has");
  }

  static Error busy() {
    return fail(ErrorCode::busy, "another call is in progress on this engine",
                "wait for it to return, or cancel it");
  }

  template <typename Call>
  auto with_model(const Call& call) -> decltype(call(std::declval<TextModel&>())) {
    std::shared_ptr<TextModel> loaded;
    {
      const std::lock_guard lock(mutex_);
      if (is_loading_) return busy();
      if (loaded_ == nullptr) {
        return fail(ErrorCode::not_initialized, "no model is loaded",
                    "load a model with initialize() first");
      }
      loaded = loaded_;
      ++calls_;
    }
    auto result = barrier("the engine", [&] { return call(*loaded); });
    loaded.reset();
    const std::lock_guard lock(mutex_);
    --calls_;
    return result;
  }

  const TextBackend backend_;

  mutable std::mutex mutex_;  ///< guards everything below
  std::shared_ptr<TextModel> loaded_;
  bool is_loading_ = false;
  bool is_unwanted_ = false;  ///< what is being loaded
  bool is_taken_ = false;     ///< the Place
  bool is_computing_ = false;
  std::condition_variable_any turn_over_;
  int calls_ = 0;  ///< in progress with a model
  std::set<Interruption*> running_;
};

}  // namespace

Result<PreparedPrompt> TextModel::prepare(const Prompt&) const { return missing("prepare"); }
Result<std::vector<double>> TextModel::score(std::span<const TokenId>, const Control&) {
  return missing("score");
}
Result<int> TextModel::count_to_embed(const std::string&, const std::string&) const {
  return missing("embeddings");
}
Result<std::vector<float>> TextModel::embed(const std::string&) { return missing("embeddings"); }

std::unique_ptr<Engine> make_text_engine(TextBackend backend) {
  return std::make_unique<TextEngine>(std::move(backend));
}

}  // namespace tenfold
