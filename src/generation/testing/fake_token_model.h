// A TokenModel without a framework, for tests: deterministic, and strict about how it is used.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "generation/core_engine.h"
#include "tenfold/token_model.h"

namespace tenfold {

/// Ids 0 to 255 are single bytes; then special tokens and longer pieces, some of which cut UTF-8
/// characters. encode() takes the longest piece that fits.
class FakeTokenizer : public Tokenizer {
 public:
  static constexpr TokenId bos = 256;
  static constexpr TokenId eos = 257;
  static constexpr TokenId user = 258;
  static constexpr TokenId assistant = 259;
  static constexpr TokenId end_of_turn = 260;
  static constexpr TokenId first_piece = 261;

  [[nodiscard]] Result<std::vector<TokenId>> encode(std::string_view text, bool add_special,
                                                    bool parse_special) const override;
  [[nodiscard]] std::string token_bytes(TokenId token) const override;
  [[nodiscard]] bool is_special(TokenId token) const override;
  [[nodiscard]] bool is_end_of_generation(TokenId token) const override;
  [[nodiscard]] int vocabulary_size() const override;
  [[nodiscard]] TokenId end_of_sequence() const override { return eos; }
  [[nodiscard]] std::string bos_text() const override { return token_bytes(bos); }
  [[nodiscard]] std::string eos_text() const override { return token_bytes(eos); }
};

/// What a fake model did, and how it is told to fail; shared with the test.
struct FakeModelControl {
  /// The certain next token after these; nullopt or unset: the distribution is a hash of them.
  std::function<std::optional<TokenId>(std::span<const TokenId>)> next;
  /// Replaces the logits of a row.
  std::function<void(std::span<float>)> edit_row;
  /// Called at the start of evaluate() with the number of the call; an error is returned after
  /// half the tokens were appended.
  std::function<Result<void>(int)> before_evaluate;
  std::chrono::milliseconds evaluate_time{0};  ///< spent waiting, unless interrupted
  int rewind_step = 1;                         ///< rewind() keeps a multiple of this
  std::optional<int> rewind_answer;            ///< what rewind() returns instead of what it kept
  std::optional<Error> rewind_error;
  bool one_logit_short = false;
  std::vector<float> embedding;  ///< empty: no embeddings
  int preferred_step = 512;

  int evaluate_calls = 0;
  int evaluated_tokens = 0;
  int largest_chunk = 0;
  std::array<std::vector<TokenId>, 8> sequences;  ///< what the model holds
  std::vector<TokenId>& sequence = sequences.front();
  std::vector<std::vector<int>> steps;  ///< of each evaluate(), the tokens of each chunk
  bool can_copy = true;
  std::function<void()> before_copy;
  std::optional<int> threads;  ///< that adjust() asked for
  std::atomic<bool> is_evaluating = false;
  std::atomic<bool> is_interrupted = false;
  std::vector<std::size_t> embedded;  ///< of each embed(), how many texts
};

/// Throws std::logic_error when a caller breaks the contract: more tokens than the context holds,
/// ids outside the vocabulary, a rewind beyond the end, or an unknown sequence.
class FakeTokenModel : public TokenModel {
 public:
  FakeTokenModel(ModelInfo info, std::shared_ptr<FakeModelControl> control, int sequences = 1);

  [[nodiscard]] const ModelInfo& info() const override { return info_; }
  [[nodiscard]] const Tokenizer& tokenizer() const override { return tokenizer_; }
  [[nodiscard]] int max_sequences() const override { return sequences_; }
  [[nodiscard]] int preferred_step() const override { return control_->preferred_step; }
  Result<std::span<const float>> evaluate(std::span<const Chunk> chunks) override;
  Result<int> rewind(int sequence, int length) override;
  Result<int> copy(int from, int to, int length) override;
  Result<void> adjust(const Adjustment& adjustment) override {
    control_->threads = adjustment.threads;
    return {};
  }
  void interrupt(bool wanted) override { control_->is_interrupted = wanted; }
  Result<std::vector<std::vector<float>>> embed(
      std::span<const std::vector<TokenId>> texts) override;

 private:
  void check(std::span<const Chunk> chunks);
  std::vector<TokenId>& held(int sequence);
  void append_row(std::span<const TokenId> prefix);

  ModelInfo info_;
  FakeTokenizer tokenizer_;
  std::shared_ptr<FakeModelControl> control_;
  const int sequences_;
  std::vector<float> logits_;
};

/// The chat template of fake models: "<s><|user|>Hi<|end|><|assistant|>".
std::string fake_chat_template();

/// A backend that opens a fake model, of up to 8 sequences, at any path but "missing".
TokenBackend fake_backend(std::shared_ptr<FakeModelControl> control, int context_size = 512,
                          std::string chat_template = fake_chat_template());

/// For FakeModelControl::next: after a prompt of `prompt_tokens` these tokens, then end_of_turn.
std::function<std::optional<TokenId>(std::span<const TokenId>)> scripted(
    std::size_t prompt_tokens, std::vector<TokenId> script);

}  // namespace tenfold
