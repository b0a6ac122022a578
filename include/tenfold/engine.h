// Engine: what the application sees of a framework. The first of the contract's two levels.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/capabilities.h"
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

/// 0…1 while a model loads, on the calling thread. Returning false cancels the load.
using OnProgress = std::function<bool(double)>;

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

  /// Loads the model at `path`, replacing a loaded one.
  virtual Result<ModelInfo> initialize(const std::string& path, const LoadOptions& options,
                                       const OnProgress& on_progress) = 0;
  [[nodiscard]] virtual bool is_initialized() const = 0;

  /// Answers the request, calling `on_delta` (may be empty) on this thread as text appears. `stop`
  /// ends this answer with FinishReason::cancelled within one token, or before it began with
  /// ErrorCode::cancelled.
  virtual Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                                std::stop_token stop) = 0;
  Result<Answer> stream(const Request& request, const OnDelta& on_delta) {
    return stream(request, on_delta, {});
  }
  Result<Answer> generate(const Request& request) { return stream(request, {}, {}); }

  /// Ends every running stream() as its stop token would; does nothing when no answer is running.
  virtual void cancel() = 0;

  /// Natural-log probability of each token but the first, given those before it:
  /// tokens.size() - 1 values.
  virtual Result<std::vector<double>> score(std::span<const TokenId> tokens) = 0;

  /// Renders and tokenizes without evaluating; its token count is the prompt's. Does not wait for
  /// answers.
  virtual Result<PreparedPrompt> prepare(const Prompt& prompt) = 0;

  /// One vector for the whole text, of the model's embedding width, with Euclidean norm 1.
  /// Beside answers it waits for the end of a step.
  virtual Result<std::vector<float>> embed(const std::string& text) = 0;

  /// Changes the loaded model between two steps of its answers; what is set must be among
  /// Capabilities::adjustable, else `unsupported` names it and nothing changes. An engine that
  /// lists nothing has this from here.
  virtual Result<void> adjust(const Adjustment& adjustment);

  /// Frees the model and everything it allocated. Safe to call at any time: answers that run are
  /// cancelled, and the last of them frees the model.
  virtual void cleanup() = 0;
};

}  // namespace tenfold
