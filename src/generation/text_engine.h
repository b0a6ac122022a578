// An engine over a framework that has a text loop of its own: what such engines have in common.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "generation/interruption.h"
#include "tenfold/engine.h"

namespace tenfold {

/// A loaded model that takes text and gives text. answer(), score(), embed() and keep() are called
/// by one thread at a time, the rest by any number beside them. What the engine's row does not list
/// is never called.
class TextModel {
 public:
  virtual ~TextModel() = default;

  [[nodiscard]] virtual const ModelInfo& info() const = 0;

  /// Everything of Engine::stream() but the checks of the request and its place. `interruption`
  /// says when the answer has to end, and with which reason.
  virtual Result<Answer> answer(const Request& request, const Interruption& interruption,
                                const OnDelta& on_delta, const OnPrompt& on_prompt,
                                Interruption::Clock::time_point start) = 0;

  // What only some have.
  virtual Result<PreparedPrompt> prepare(const Prompt& prompt) const;
  /// See Engine::score().
  virtual Result<std::vector<double>> score(std::span<const TokenId> tokens,
                                            const Control& control);
  /// The tokens of a text that is to be embedded, called `name` in errors.
  virtual Result<int> count_to_embed(const std::string& text, const std::string& name) const;
  /// A vector of any length but 0.
  virtual Result<std::vector<float>> embed(const std::string& text);
  /// See Engine::keep().
  virtual Result<void> keep();
};

struct TextBackend {
  Capabilities capabilities;
  /// Loads a model with options that have been checked against the capabilities.
  std::function<Result<std::unique_ptr<TextModel>>(const ResolvedModel&, const LoadOptions&,
                                                   const OnProgress&)>
      open;
};

/// An engine that has one answer or score at a time; embeddings wait for it.
std::unique_ptr<Engine> make_text_engine(TextBackend backend);

}  // namespace tenfold
