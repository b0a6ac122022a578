#include "generation/core_engine.h"

#include <utility>

#include "engine/json.h"
#include "generation/core_model.h"
#include "generation/generation.h"
#include "generation/model_life.h"
#include "generation/scoring.h"

namespace tenfold {
namespace {

class CoreEngine final : public Engine {
 public:
  explicit CoreEngine(TokenBackend backend) : backend_(std::move(backend)) {}

  [[nodiscard]] std::string_view name() const override { return backend_.capabilities.engine; }
  [[nodiscard]] const Capabilities& capabilities() const override { return backend_.capabilities; }
  [[nodiscard]] bool is_initialized() const override { return life_.is_loaded(); }

  Result<ModelInfo> initialize(const ResolvedModel& wanted, const LoadOptions& options,
                               const OnProgress& on_progress) override {
    return life_.load(wanted, [&]() -> Result<Life::Opened> {
      TRY(check_engine_options(options, backend_.capabilities));
      auto model = TRY(backend_.open(wanted, options, on_progress));
      ModelInfo info = model->info();
      return Life::Opened{std::make_shared<CoreModel>(std::move(model), wanted.sampling,
                                                      backend_.temperature_first),
                          std::move(info)};
    });
  }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        const Control& control) override {
    return life_.answer(
        request, control.stop,
        [&](CoreModel& loaded, Interruption& interruption, auto start) -> Result<Answer> {
          TRY(check_request(request, backend_.capabilities));
          return Generation(loaded, interruption, request, on_delta, control.on_prompt, start)
              .run();
        });
  }

  void cancel() override { life_.cancel(); }

  Result<std::vector<double>> score(std::span<const TokenId> tokens,
                                    const Control& control) override {
    return life_.with([&](CoreModel& loaded) { return score_tokens(loaded, tokens, control); });
  }

  Result<PreparedPrompt> prepare(const Prompt& prompt, const Control& control) override {
    if (control.stop.stop_requested()) return stopped_before();
    return life_.with([&](CoreModel& loaded) -> Result<PreparedPrompt> {
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
    return life_.with([&](CoreModel& loaded) { return embed_texts(loaded, texts, control); });
  }

  Result<void> adjust(const Adjustment& adjustment) override {
    TRY(check_adjustment(adjustment, backend_.capabilities));
    if (!adjustment.threads) return {};
    return life_.with([&](CoreModel& loaded) {
      return loaded.batcher.alone({}, [&](TokenModel& model) { return model.adjust(adjustment); });
    });
  }

  void cleanup() override { life_.unload(); }

 private:
  using Life = ModelLife<CoreModel>;

  TokenBackend backend_;
  Life life_;
};

}  // namespace

std::unique_ptr<Engine> make_core_engine(TokenBackend backend) {
  return std::make_unique<CoreEngine>(std::move(backend));
}

}  // namespace tenfold
