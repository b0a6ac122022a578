// picoLLM behind the contract: its library has a text loop of its own.
#include "picollm_engine.h"

#include <utility>

#include "engine/table.h"
#include "generation/text_engine.h"
#include "load.h"
#include "question.h"

namespace tenfold {
namespace {

class PicollmModel final : public TextModel {
 public:
  explicit PicollmModel(picollm::LoadedModel loaded) : loaded_(std::move(loaded)) {}

  [[nodiscard]] const ModelInfo& info() const override { return loaded_.info; }

  Result<Answer> answer(const Request& request, const Interruption& interruption,
                        const OnDelta& on_delta, const OnPrompt& on_prompt,
                        Interruption::Clock::time_point start) override {
    const picollm::Question question = TRY(picollm::prepare_question(loaded_, request));
    has_new_context_ = false;  // an answer that fails leaves none
    Answer answer = TRY(
        picollm::run_answer(*loaded_.model, question, interruption, on_delta, on_prompt, start));
    has_new_context_ = true;
    if (request.sampling.seed) answer.seed = *request.sampling.seed;
    return answer;
  }

  [[nodiscard]] Result<PreparedPrompt> prepare(const Prompt& prompt) const override {
    return picollm::prepare_prompt(loaded_, prompt);
  }

  Result<std::vector<double>> score(std::span<const TokenId> tokens,
                                    const Control& control) override {
    has_new_context_ = false;  // it leaves none
    return picollm::score_tokens(loaded_, tokens, control);
  }

  [[nodiscard]] Result<int> count_to_embed(const std::string& text,
                                           const std::string& name) const override {
    TRY(picollm::check_text(text, name));
    const auto tokens = TRY(loaded_.model->tokenize(text));
    TRY(picollm::check_length(tokens.size(), loaded_, name));
    return static_cast<int>(tokens.size());
  }

  Result<std::vector<float>> embed(const std::string& text) override {
    return loaded_.model->embed(text);
  }

  Result<void> keep() override {
    if (!loaded_.context || !has_new_context_) return {};
    TRY(loaded_.context->replace(
        [&](const std::string& file) { return loaded_.model->save_context(file); }));
    has_new_context_ = false;
    return {};
  }

 private:
  picollm::LoadedModel loaded_;
  bool has_new_context_ = false;  ///< an answer changed it since it was loaded or saved
};

}  // namespace

std::unique_ptr<Engine> make_picollm_engine() {
  const auto api = picollm::load_api();
  TextBackend backend;
  backend.capabilities = static_capabilities("picollm");
  backend.capabilities.version = api.ok() ? (*api)->picollm_version() : "library not found";
  backend.capabilities.options = picollm::option_specs();
  backend.open = [](const ResolvedModel& model, const LoadOptions& options,
                    const OnProgress& on_progress) -> Result<std::unique_ptr<TextModel>> {
    auto loaded = TRY(picollm::load(model, options, on_progress));
    return std::unique_ptr<TextModel>(std::make_unique<PicollmModel>(std::move(loaded)));
  };
  return make_text_engine(std::move(backend));
}

}  // namespace tenfold
