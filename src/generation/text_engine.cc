#include "generation/text_engine.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <utility>

#include "engine/json.h"
#include "generation/model_life.h"
#include "generation/reading.h"
#include "generation/scoring.h"

namespace tenfold {
namespace {

/// Only of a model whose engine lists what it does not have.
Error missing(const char* what) {
  return fail(ErrorCode::internal, std::string("the model does not have ") + what);
}

class TextEngine final : public Engine {
 public:
  explicit TextEngine(TextBackend backend) : backend_(std::move(backend)) {}

  [[nodiscard]] std::string_view name() const override { return backend_.capabilities.engine; }
  [[nodiscard]] const Capabilities& capabilities() const override { return backend_.capabilities; }
  [[nodiscard]] bool is_initialized() const override { return life_.is_loaded(); }

  Result<ModelInfo> initialize(const ResolvedModel& wanted, const LoadOptions& options,
                               const OnProgress& on_progress) override {
    return life_.load(wanted, [&]() -> Result<Life::Opened> {
      TRY(check_engine_options(options, backend_.capabilities));
      std::shared_ptr<TextModel> model = TRY(backend_.open(wanted, options, on_progress));
      ModelInfo info = model->info();
      return Life::Opened{std::move(model), std::move(info)};
    });
  }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        const Control& control) override {
    return life_.answer(
        request, control.stop,
        [&](TextModel& model, Interruption& interruption, auto start) -> Result<Answer> {
          TRY(check_request(request, backend_.capabilities));
          const Place place(*this);
          if (!place.is_mine) return kept_out();
          const auto turn = take_turn(interruption.token());
          if (!turn) return ended_early(interruption);
          return model.answer(request, interruption, on_delta, control.on_prompt, start);
        });
  }

  void cancel() override { life_.cancel(); }

  Result<std::vector<double>> score(std::span<const TokenId> tokens,
                                    const Control& control) override {
    return life_.with([&](TextModel& model) -> Result<std::vector<double>> {
      if (!backend_.capabilities.score) return lacks("score");
      const Place place(*this);
      if (!place.is_mine) return kept_out();
      const auto turn = take_turn(control.stop);
      if (!turn) return stopped_before();
      return model.score(tokens, control);
    });
  }

  Result<PreparedPrompt> prepare(const Prompt& prompt, const Control& control) override {
    if (control.stop.stop_requested()) return stopped_before();
    return life_.with([&](TextModel& model) -> Result<PreparedPrompt> {
      if (!backend_.capabilities.prepare) return lacks("prepare");
      return model.prepare(prompt);
    });
  }

  Result<std::vector<Embedding>> embed(std::span<const std::string> texts,
                                       const Control& control) override {
    return life_.with([&](TextModel& model) -> Result<std::vector<Embedding>> {
      if (!backend_.capabilities.embeddings) return lacks("embeddings");
      std::vector<Embedding> embeddings;
      std::size_t total = 0;
      for (const std::string& text : texts) {
        const int tokens = TRY(model.count_to_embed(
            text, fmt::format("text {} of {}", embeddings.size() + 1, texts.size())));
        total += static_cast<std::size_t>(tokens);
        embeddings.push_back({{}, tokens});
      }
      Reading reading(control.on_prompt, total);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto turn = take_turn(control.stop);
        if (!turn) return stopped_before();
        embeddings[i].values = TRY(model.embed(texts[i]));
        TRY(normalize(embeddings[i].values));
        reading.add(static_cast<std::size_t>(embeddings[i].tokens));
      }
      return embeddings;
    });
  }

  Result<void> keep(const std::stop_token& stop) override {
    if (!life_.is_loaded()) return {};
    return life_.with([&](TextModel& model) -> Result<void> {
      const auto turn = take_turn(stop);
      if (!turn) return stopped_before();
      return model.keep();
    });
  }

  void cleanup() override { life_.unload(); }

 private:
  using Life = ModelLife<TextModel>;

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
    if (answer.finish == FinishReason::cancelled) return stopped_before();
    return answer;
  }

  [[nodiscard]] Error lacks(std::string_view what) const {
    return fail(ErrorCode::unsupported,
                fmt::format("{} does not have {}", backend_.capabilities.engine, what),
                "its capabilities say what it has");
  }

  const TextBackend backend_;

  Life life_;

  std::mutex mutex_;       ///< guards what follows
  bool is_taken_ = false;  ///< the Place
  bool is_computing_ = false;
  std::condition_variable_any turn_over_;
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

Result<void> TextModel::keep() { return {}; }

std::unique_ptr<Engine> make_text_engine(TextBackend backend) {
  return std::make_unique<TextEngine>(std::move(backend));
}

}  // namespace tenfold
