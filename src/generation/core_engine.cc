#include "generation/core_engine.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <stop_token>
#include <utility>

#include "engine/json.h"
#include "generation/generation.h"
#include "generation/interruption.h"
#include "generation/loaded_model.h"
#include "generation/scoring.h"

namespace tenfold {
namespace {

using Clock = Interruption::Clock;

class CoreEngine final : public Engine {
 public:
  explicit CoreEngine(TokenBackend backend) : backend_(std::move(backend)) {}

  [[nodiscard]] std::string_view name() const override { return backend_.capabilities.engine; }
  [[nodiscard]] const Capabilities& capabilities() const override { return backend_.capabilities; }
  [[nodiscard]] bool is_initialized() const override { return loaded_ != nullptr; }

  Result<ModelInfo> initialize(const std::string& path, const LoadOptions& options,
                               const OnProgress& on_progress) override {
    return exclusively([&]() -> Result<ModelInfo> {
      loaded_.reset();
      TRY(check_engine_options(options, backend_.capabilities));
      const auto start = Clock::now();
      loaded_ = std::make_unique<LoadedModel>(TRY(backend_.open(path, options, on_progress)));
      ModelInfo info = loaded_->model->info();
      info.load_seconds = std::chrono::duration<double>(Clock::now() - start).count();
      return info;
    });
  }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        std::stop_token stop) override {
    const auto start = Clock::now();
    if (stop.stop_requested()) {
      return fail(ErrorCode::cancelled, "cancelled before the answer began");
    }
    return with_model([&](LoadedModel& loaded) -> Result<Answer> {
      TRY(check_request(request, backend_.capabilities));
      Interruption interruption(*loaded.model, start, request.deadline);
      const Running running(*this, interruption);
      const std::stop_callback on_stop(stop, [&] { interruption.cancel(); });
      return Generation(loaded, interruption, request, on_delta, start).run();
    });
  }

  void cancel() override {
    const std::lock_guard lock(running_mutex_);
    if (running_ != nullptr) running_->cancel();
  }

  Result<std::vector<double>> score(std::span<const TokenId> tokens) override {
    return with_model([&](LoadedModel& loaded) { return score_tokens(loaded, tokens); });
  }

  Result<PreparedPrompt> prepare(const Prompt& prompt) override {
    return with_model([&](LoadedModel& loaded) { return loaded.prompts.prepare(prompt); });
  }

  Result<std::vector<float>> embed(const std::string& text) override {
    return with_model([&](LoadedModel& loaded) { return embed_text(loaded, text); });
  }

  void cleanup() override {
    // Called from on_delta the model is still in use: the answer ends and then frees it.
    cleanup_wanted_ = true;
    if (is_busy_.exchange(true)) return cancel();
    leave();
  }

 private:
  /// Makes an answer reachable for cancel() while it runs.
  class Running {
   public:
    Running(CoreEngine& engine, Interruption& interruption) : engine_(engine) {
      const std::lock_guard lock(engine_.running_mutex_);
      engine_.running_ = &interruption;
    }
    ~Running() {
      const std::lock_guard lock(engine_.running_mutex_);
      engine_.running_ = nullptr;
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    CoreEngine& engine_;
  };

  /// Runs one call at a time, and turns exceptions into errors: the one place that does.
  template <typename Call>
  auto exclusively(const Call& call) -> decltype(call()) {
    if (is_busy_.exchange(true)) {
      return fail(ErrorCode::busy, "another call is in progress on this engine",
                  "Wait for it to return, or cancel it.");
    }
    auto result = guarded(call);
    leave();
    return result;
  }

  template <typename Call>
  auto guarded(const Call& call) -> decltype(call()) {
    try {
      return call();
    } catch (const std::bad_alloc&) {
      return fail(ErrorCode::out_of_memory, "the machine's memory does not suffice",
                  "Close other programs, or use a smaller model or context.");
    } catch (const std::exception& exception) {
      return fail(ErrorCode::internal, std::string("unexpected failure: ") + exception.what());
    } catch (...) {
      return fail(ErrorCode::internal, "unexpected failure of an unknown kind");
    }
  }

  template <typename Call>
  auto with_model(const Call& call) -> decltype(call(std::declval<LoadedModel&>())) {
    return exclusively([&]() -> decltype(call(*loaded_)) {
      if (!loaded_) {
        return fail(ErrorCode::not_initialized, "no model is loaded",
                    "Load a model with initialize() first.");
      }
      return call(*loaded_);
    });
  }

  void leave() {
    if (cleanup_wanted_.exchange(false)) loaded_.reset();
    is_busy_ = false;
  }

  TokenBackend backend_;
  std::unique_ptr<LoadedModel> loaded_;
  std::atomic<bool> is_busy_ = false;
  std::atomic<bool> cleanup_wanted_ = false;
  std::mutex running_mutex_;
  Interruption* running_ = nullptr;
};

}  // namespace

std::unique_ptr<Engine> make_core_engine(TokenBackend backend) {
  return std::make_unique<CoreEngine>(std::move(backend));
}

}  // namespace tenfold
