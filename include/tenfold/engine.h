// Engine: what the application sees of a framework. The first of the contract's two levels.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenfold/capabilities.h"
#include "tenfold/model.h"
#include "tenfold/options.h"
#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

/// What is known of a loaded model.
struct ModelInfo {
  std::string path;
  std::string format;
  std::string architecture;
  std::string description;
  std::uint64_t parameters = 0;  ///< 0: the file does not tell
  std::uint64_t weight_bytes = 0;
  int vocabulary_size = 0;
  int trained_context_size = 0;
  int context_size = 0;       ///< in force for this load
  int threads = 0;            ///< in force for this load
  std::string chat_template;  ///< Jinja source; empty: the model has none
  double load_seconds = 0;
  Sampling sampling = {};  ///< what the model's publisher recommends; no seed, no logit_bias
};

/// A prompt as the model sees it.
struct PreparedPrompt {
  std::string text;  ///< rendered; empty when the prompt was given as token ids
  std::vector<TokenId> tokens;
  std::vector<std::string> pieces = {};  ///< the bytes of each token; empty: the engine cannot tell
};

/// One text as a vector.
struct Embedding {
  std::vector<float> values;  ///< of the model's embedding width, with Euclidean norm 1
  int tokens = 0;             ///< of the text, as the model saw it
};

/// 0…1 while a model loads, on the calling thread; from a worker also the last value again, about
/// once a second, while the engine says nothing. Returning false cancels the load.
using OnProgress = std::function<bool(double)>;

/// How much of a prompt, or of what is scored or embedded, the model has read.
struct PromptProgress {
  int read = 0;    ///< tokens, those in `cached` included
  int total = 0;   ///< tokens
  int cached = 0;  ///< tokens that did not have to be read, as the KV cache had them
  bool operator==(const PromptProgress&) const = default;
};

/// Called on the thread that made the call: before the first step of the evaluation and after each.
/// Must not call back into the engine, except for Engine::cancel().
using OnPrompt = std::function<void(const PromptProgress&)>;

/// How the caller of something long follows it and ends it. Both may be empty.
struct Control {
  Control() = default;
  // Not explicit: most calls need the one or the other.
  Control(std::stop_token token, OnPrompt follow = {})
      : stop(std::move(token)), on_prompt(std::move(follow)) {}

  std::stop_token stop;
  OnPrompt on_prompt;
};

/// One framework with at most one loaded model.
///
/// Order of calls: initialize(), then any number of the others, then cleanup() (or destruction,
/// which does the same). An error leaves the engine usable; after a failed initialize() no model is
/// loaded.
///
/// Thread-safe once constructed; the engine outlives its calls. At once run up to
/// LoadOptions::sequences of stream() and score(), and any number of prepare() and embed(); one
/// answer more is `busy`, as is initialize() beside anything else.
class Engine {
 public:
  virtual ~Engine() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual const Capabilities& capabilities() const = 0;

  /// Loads the model, replacing a loaded one.
  virtual Result<ModelInfo> initialize(const ResolvedModel& model, const LoadOptions& options,
                                       const OnProgress& on_progress) = 0;
  [[nodiscard]] virtual bool is_initialized() const = 0;

  /// Answers the request, calling `on_delta` (may be empty) on this thread as text appears.
  /// `control.stop` ends this answer with FinishReason::cancelled within one token, or before it
  /// began with ErrorCode::cancelled.
  virtual Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                                const Control& control) = 0;
  Result<Answer> stream(const Request& request, const OnDelta& on_delta) {
    return stream(request, on_delta, {});
  }
  Result<Answer> generate(const Request& request) { return stream(request, {}, {}); }

  /// Ends every running stream() as its stop token would; does nothing when no answer is running.
  virtual void cancel() = 0;

  /// Natural-log probability of each token but the first, given those before it:
  /// tokens.size() - 1 values. Stopped: ErrorCode::cancelled.
  virtual Result<std::vector<double>> score(std::span<const TokenId> tokens,
                                            const Control& control) = 0;
  Result<std::vector<double>> score(std::span<const TokenId> tokens) { return score(tokens, {}); }

  /// Renders and tokenizes without evaluating; its token count is the prompt's. Does not wait for
  /// answers. Reports no progress. Stopped: ErrorCode::cancelled.
  virtual Result<PreparedPrompt> prepare(const Prompt& prompt, const Control& control) = 0;
  Result<PreparedPrompt> prepare(const Prompt& prompt) { return prepare(prompt, {}); }

  /// One vector for each whole text, in their order. Beside answers it waits for the end of a step,
  /// and lets them go on between its own. Stopped: ErrorCode::cancelled.
  virtual Result<std::vector<Embedding>> embed(std::span<const std::string> texts,
                                               const Control& control) = 0;
  Result<std::vector<Embedding>> embed(std::span<const std::string> texts) {
    return embed(texts, {});
  }

  /// Changes the loaded model between two steps of its answers; what is set must be among
  /// Capabilities::adjustable, else `unsupported` names it and nothing changes. An engine that
  /// lists nothing has this from here.
  virtual Result<void> adjust(const Adjustment& adjustment);

  /// Saves what the next load of the model is to begin with, where an option of the engine names a
  /// place for that (picoLLM: context_folder); to be called before a model is let go. An engine
  /// without such an option, or without a model, has nothing to do. Waits for a running answer.
  /// The errors are those of writing a file; what was saved before stays then. A stop ends it with
  /// `cancelled` while it waits.
  virtual Result<void> keep(const std::stop_token& stop);

  /// Frees the model and everything it allocated. Safe to call at any time: answers that run are
  /// cancelled, and the last of them frees the model.
  virtual void cleanup() = 0;
};

}  // namespace tenfold
