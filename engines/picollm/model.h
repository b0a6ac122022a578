// A loaded model of the library: its calls, with what they return copied and given back.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api.h"
#include "errors.h"
#include "tenfold/request.h"

namespace tenfold::picollm {

struct ModelSettings {
  std::string path;
  std::string access_key;
  std::string device;
  bool context_caching = false;
  std::string context = {};  ///< a file that save_context() wrote for this model; empty: none
};

/// What the library is to write. No text may have a zero byte.
struct CompletionRequest {
  std::string prompt;
  int limit = 1;  ///< tokens
  std::vector<std::string> stop;
  std::int32_t seed = 1;  ///< positive
  double presence_penalty = 0;
  double frequency_penalty = 0;
  double temperature = 0;
  double top_p = 1;
  std::int32_t top_choices = 0;
};

struct Completion {
  std::string text;  ///< with the stop phrase, if one ended it
  Endpoint endpoint = Endpoint::end_of_sentence;
  TokenCounts counts{};
  std::vector<TokenLogprob> tokens;  ///< empty if the library lists none; without ids
};

/// Called with pieces of the text as they appear, on a thread of the library's choice. It must not
/// throw.
using OnPiece = std::function<void(std::string_view)>;

/// tokenize() and interrupt() are thread-safe; the rest is for one thread at a time.
class Model {
 public:
  /// Blocks until the files are read and the AccessKey is checked, which takes a server's answer.
  static Result<std::unique_ptr<Model>> open(const ModelSettings& settings);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  /// As the library calls it: "gemma-2b-it 476M"
  [[nodiscard]] const std::string& name() const { return when_.model; }
  [[nodiscard]] int context_size() const { return context_size_; }

  /// Ids with the one that begins a text. The library declares its tokenizer constant.
  [[nodiscard]] Result<std::vector<TokenId>> tokenize(const std::string& text) const;

  Result<Completion> generate(const CompletionRequest& request, const OnPiece& on_piece);
  /// Ends a running generate() before its next token; does nothing before one began.
  void interrupt();

  /// unsupported unless it is an embedding model.
  Result<std::vector<float>> embed(const std::string& text);

  /// Of what the model has read into a file that it writes over.
  Result<void> save_context(const std::string& file);

  /// Begins a sequence of forward(), or leaves one.
  Result<void> reset();
  /// The logits after the sequence's tokens and this one.
  Result<std::vector<float>> forward(TokenId token);

 private:
  Model(const Api& api, Object* object, std::string access_key)
      : api_(api), object_(object), access_key_(std::move(access_key)) {}

  Result<void> read_properties();
  Result<void> load_context(const std::string& file);
  [[nodiscard]] Result<void> check(Status status, Action action,
                                   const std::string& file = {}) const;

  const Api& api_;
  Object* object_;
  std::string access_key_;  ///< to keep it out of what the library says
  Circumstance when_;
  int context_size_ = 0;
};

}  // namespace tenfold::picollm
