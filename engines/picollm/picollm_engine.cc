// An engine whose library has a text loop of its own: text goes in, text comes out.
#include "picollm_engine.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

#include "answer.h"
#include "base/barrier.h"
#include "engine/json.h"
#include "engine/table.h"
#include "generation/scoring.h"
#include "question.h"

namespace tenfold {
namespace {

using picollm::LoadedModel;
using Clock = Interruption::Clock;

Error stopped() { return fail(ErrorCode::cancelled, "cancelled before it began"); }

class PicollmEngine final : public Engine {
 public:
  PicollmEngine() : capabilities_(static_capabilities("picollm")) {
    const auto api = picollm::load_api();
    capabilities_.version = api.ok() ? (*api)->picollm_version() : "library not found";
    capabilities_.options = picollm::option_specs();
  }

  [[nodiscard]] std::string_view name() const override { return capabilities_.engine; }
  [[nodiscard]] const Capabilities& capabilities() const override { return capabilities_; }
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
    auto opened = barrier("picoLLM", [&]() -> Result<LoadedModel> {
      TRY(check_engine_options(options, capabilities_));
      return picollm::load(model, options, on_progress);
    });
    const std::lock_guard lock(mutex_);
    is_loading_ = false;
    if (!opened.ok()) return std::move(opened).error();
    if (is_unwanted_) return fail(ErrorCode::cancelled, "cleanup() came while the model loaded");
    loaded_ = std::make_shared<LoadedModel>(std::move(*opened));
    return loaded_->info;
  }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        const Control& control) override {
    const auto start = Clock::now();
    if (control.stop.stop_requested()) return stopped();
    return with_model([&](LoadedModel& loaded) -> Result<Answer> {
      TRY(check_request(request, capabilities_));
      const Place place(*this);
      if (!place.is_mine) return busy();
      const picollm::Question question = TRY(picollm::prepare_question(loaded, request));
      Interruption interruption(start, request.deadline);
      const Running running(*this, interruption);
      if (!is_initialized()) interruption.cancel();  // cleanup() came just before
      const std::stop_callback on_stop(control.stop, [&] { interruption.cancel(); });
      const auto turn = take_turn(interruption.token());
      if (!turn) return ended_early(interruption);
      Answer answer = TRY(picollm::run_answer(*loaded.model, question, interruption, on_delta,
                                              control.on_prompt, start));
      if (request.sampling.seed) answer.seed = *request.sampling.seed;
      return answer;
    });
  }

  void cancel() override {
    const std::lock_guard lock(mutex_);
    for (Interruption* answer : running_) answer->cancel();
  }

  Result<std::vector<double>> score(std::span<const TokenId> tokens,
                                    const Control& control) override {
    return with_model([&](LoadedModel& loaded) -> Result<std::vector<double>> {
      TRY(picollm::check_length(tokens.size(), loaded, "the text"));
      const Place place(*this);
      if (!place.is_mine) return busy();
      const auto turn = take_turn(control.stop);
      if (!turn) return stopped();
      return picollm::score_tokens(loaded, tokens, control);
    });
  }

  Result<PreparedPrompt> prepare(const Prompt& prompt, const Control& control) override {
    if (control.stop.stop_requested()) return stopped();
    return with_model([&](LoadedModel& loaded) -> Result<PreparedPrompt> {
      return picollm::prepare_prompt(loaded, prompt);
    });
  }

  Result<std::vector<Embedding>> embed(std::span<const std::string> texts,
                                       const Control& control) override {
    return with_model([&](LoadedModel& loaded) -> Result<std::vector<Embedding>> {
      std::vector<Embedding> embeddings;
      PromptProgress progress;
      for (const std::string& text : texts) {
        const std::string name = fmt::format("text {} of {}", embeddings.size() + 1, texts.size());
        TRY(picollm::check_text(text, name));
        const auto tokens = TRY(loaded.model->tokenize(text));
        TRY(picollm::check_length(tokens.size(), loaded, name));
        progress.total += static_cast<int>(tokens.size());
        embeddings.push_back({{}, static_cast<int>(tokens.size())});
      }
      if (control.on_prompt) control.on_prompt(progress);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto turn = take_turn(control.stop);
        if (!turn) return stopped();
        embeddings[i].values = TRY(loaded.model->embed(texts[i]));
        TRY(normalize(embeddings[i].values));
        progress.read += embeddings[i].tokens;
        if (control.on_prompt) control.on_prompt(progress);
      }
      return embeddings;
    });
  }

  void cleanup() override {
    std::shared_ptr<LoadedModel> unwanted;  // the calls in progress hold it too, and free it
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
    explicit Place(PicollmEngine& of) : engine(of) {
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

    PicollmEngine& engine;
    bool is_mine = false;
  };

  /// Makes an answer reachable for cancel() while it runs.
  class Running {
   public:
    Running(PicollmEngine& engine, Interruption& interruption)
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
    PicollmEngine& engine_;
    Interruption& interruption_;
  };

  struct EndTurn {
    void operator()(PicollmEngine* engine) const {
      const std::lock_guard lock(engine->mutex_);
      engine->is_computing_ = false;
      engine->turn_over_.notify_one();
    }
  };
  using Turn = std::unique_ptr<PicollmEngine, EndTurn>;

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

  static Error busy() {
    return fail(ErrorCode::busy, "another call is in progress on this engine",
                "wait for it to return, or cancel it");
  }

  template <typename Call>
  auto with_model(const Call& call) -> decltype(call(std::declval<LoadedModel&>())) {
    std::shared_ptr<LoadedModel> loaded;
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
    auto result = barrier("picoLLM", [&] { return call(*loaded); });
    loaded.reset();
    const std::lock_guard lock(mutex_);
    --calls_;
    return result;
  }

  Capabilities capabilities_;

  mutable std::mutex mutex_;  ///< guards everything below
  std::shared_ptr<LoadedModel> loaded_;
  bool is_loading_ = false;
  bool is_unwanted_ = false;  ///< what is being loaded
  bool is_taken_ = false;     ///< the Place
  bool is_computing_ = false;
  std::condition_variable_any turn_over_;
  int calls_ = 0;  ///< in progress with a model
  std::set<Interruption*> running_;
};

}  // namespace

std::unique_ptr<Engine> make_picollm_engine() { return std::make_unique<PicollmEngine>(); }

}  // namespace tenfold
