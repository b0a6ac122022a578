#include "generation/core_engine.h"

#include <chrono>
#include <mutex>
#include <set>
#include <stop_token>
#include <utility>

#include "base/barrier.h"
#include "engine/json.h"
#include "generation/core_model.h"
#include "generation/generation.h"
#include "generation/interruption.h"
#include "generation/scoring.h"

namespace tenfold {
namespace {

using Clock = Interruption::Clock;

class CoreEngine final : public Engine {
 public:
  explicit CoreEngine(TokenBackend backend) : backend_(std::move(backend)) {}

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
    auto opened = barrier("the engine", [&] { return open(model, options, on_progress); });
    const std::lock_guard lock(mutex_);
    is_loading_ = false;
    if (!opened.ok()) return std::move(opened).error();
    if (is_unwanted_) return fail(ErrorCode::cancelled, "cleanup() came while the model loaded");
    loaded_ = std::move(opened->first);
    return std::move(opened->second);
  }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        const Control& control) override {
    const auto start = Clock::now();
    if (control.stop.stop_requested()) return stopped();
    return with_model([&](CoreModel& loaded) -> Result<Answer> {
      TRY(check_request(request, backend_.capabilities));
      Interruption interruption(start, request.deadline);
      const Running running(*this, interruption);
      if (!is_initialized()) interruption.cancel();  // cleanup() came just before
      const std::stop_callback on_stop(control.stop, [&] { interruption.cancel(); });
      return Generation(loaded, interruption, request, on_delta, control.on_prompt, start).run();
    });
  }

  void cancel() override {
    const std::lock_guard lock(mutex_);
    for (Interruption* answer : running_) answer->cancel();
  }

  Result<std::vector<double>> score(std::span<const TokenId> tokens,
                                    const Control& control) override {
    return with_model([&](CoreModel& loaded) { return score_tokens(loaded, tokens, control); });
  }

  Result<PreparedPrompt> prepare(const Prompt& prompt, const Control& control) override {
    if (control.stop.stop_requested()) return stopped();
    return with_model([&](CoreModel& loaded) -> Result<PreparedPrompt> {
      PreparedPrompt prepared = TRY(loaded.prompts.prepare(prompt));
      prepared.pieces.reserve(prepared.tokens.size());
      for (const TokenId token : prepared.tokens) {
        prepared.pieces.push_back(loaded.tokenizer().token_bytes(token));
      }
      return prepared;
    });
  }

  Result<std::vector<Embedding>> embed(std::span<const std::string> texts,
                                       const Control& control) override {
    return with_model([&](CoreModel& loaded) { return embed_texts(loaded, texts, control); });
  }

  Result<void> adjust(const Adjustment& adjustment) override {
    TRY(check_adjustment(adjustment, backend_.capabilities));
    if (!adjustment.threads) return {};
    return with_model([&](CoreModel& loaded) {
      return loaded.batcher.alone({}, [&](TokenModel& model) { return model.adjust(adjustment); });
    });
  }

  void cleanup() override {
    std::shared_ptr<CoreModel> unwanted;  // the calls in progress hold it too, and free it
    {
      const std::lock_guard lock(mutex_);
      unwanted = std::move(loaded_);
      is_unwanted_ = true;
    }
    cancel();
  }

 private:
  using Opened = std::pair<std::shared_ptr<CoreModel>, ModelInfo>;

  /// Makes an answer reachable for cancel() while it runs.
  class Running {
   public:
    Running(CoreEngine& engine, Interruption& interruption)
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
    CoreEngine& engine_;
    Interruption& interruption_;
  };

  static Error stopped() { return fail(ErrorCode::cancelled, "cancelled before it began"); }

  static Error busy() {
    return fail(ErrorCode::busy, "another call is in progress on this engine",
                "wait for it to return, or cancel it");
  }

  Result<Opened> open(const ResolvedModel& wanted, const LoadOptions& options,
                      const OnProgress& on_progress) {
    TRY(check_engine_options(options, backend_.capabilities));
    const auto start = Clock::now();
    auto model = TRY(backend_.open(wanted, options, on_progress));
    ModelInfo info = model->info();
    info.load_seconds = std::chrono::duration<double>(Clock::now() - start).count();
    info.sampling = wanted.sampling;
    return Opened(std::make_shared<CoreModel>(std::move(model), wanted.sampling), std::move(info));
  }

  template <typename Call>
  auto with_model(const Call& call) -> decltype(call(std::declval<CoreModel&>())) {
    std::shared_ptr<CoreModel> loaded;
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

  TokenBackend backend_;

  mutable std::mutex mutex_;  ///< guards everything below
  std::shared_ptr<CoreModel> loaded_;
  bool is_loading_ = false;
  bool is_unwanted_ = false;  ///< what is being loaded
  int calls_ = 0;             ///< in progress with a model
  std::set<Interruption*> running_;
};

}  // namespace

std::unique_ptr<Engine> make_core_engine(TokenBackend backend) {
  return std::make_unique<CoreEngine>(std::move(backend));
}

}  // namespace tenfold
