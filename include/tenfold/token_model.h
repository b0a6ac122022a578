// TokenModel: what most frameworks implement. The second of the contract's two levels; the
// generation core (src/generation) turns any TokenModel into an Engine.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/engine.h"
#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

/// Text to token ids and back. Implementations are immutable after creation and thread-safe.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// UTF-8 text to ids. `add_special` adds what the model's rule adds (BOS, EOS);
  /// `parse_special` lets the text of special tokens ("<|im_start|>") become those tokens.
  [[nodiscard]] virtual Result<std::vector<TokenId>> encode(std::string_view text, bool add_special,
                                                            bool parse_special) const = 0;

  /// The bytes a token adds to the text: may be part of a UTF-8 character, and is the text of the
  /// token itself for special tokens. Empty for an id outside the vocabulary.
  [[nodiscard]] virtual std::string token_bytes(TokenId token) const = 0;

  /// A control token (BOS, end of turn, …) that is not part of the visible answer.
  [[nodiscard]] virtual bool is_special(TokenId token) const = 0;

  /// Whether the model ends its turn with this token.
  [[nodiscard]] virtual bool is_end_of_generation(TokenId token) const = 0;

  [[nodiscard]] virtual int vocabulary_size() const = 0;

  /// The token the vocabulary names as end of sequence; -1 if it has none.
  [[nodiscard]] virtual TokenId end_of_sequence() const = 0;

  /// Text of BOS and EOS for chat templates; empty if the vocabulary has none.
  [[nodiscard]] virtual std::string bos_text() const = 0;
  [[nodiscard]] virtual std::string eos_text() const = 0;
};

/// One sequence's part of a batch.
struct Chunk {
  int sequence = 0;                 ///< 0 … sequences - 1
  std::span<const TokenId> tokens;  ///< appended to the sequence
  bool all_positions = false;       ///< logits of every position instead of the last only
};

/// A model that maps token ids to logits, with a KV cache of one or more sequences.
/// Not thread-safe, except interrupt().
class TokenModel {
 public:
  virtual ~TokenModel() = default;

  [[nodiscard]] virtual const ModelInfo& info() const = 0;
  [[nodiscard]] virtual const Tokenizer& tokenizer() const = 0;
  [[nodiscard]] virtual int max_sequences() const { return 1; }

  /// Appends the chunks to their sequences and computes logits. Returns rows × vocabulary_size
  /// floats, row-major, in chunk order; valid until the next evaluate() or embed(). The caller
  /// keeps within the context size. On error the sequences named in `chunks` may hold any number of
  /// the new tokens: rewind them. Interrupted: ErrorCode::cancelled.
  virtual Result<std::span<const float>> evaluate(std::span<const Chunk> chunks) = 0;

  /// Forgets all but the first `length` tokens of a sequence. Returns the length really kept, which
  /// is smaller where the model cannot go back that far (recurrent state, sliding window).
  virtual Result<int> rewind(int sequence, int length) = 0;

  /// Makes sequence `to` hold the first `length` tokens of sequence `from` in place of its own.
  /// Returns the length it really holds then: 0 where the model cannot do that cheaply.
  virtual Result<int> copy(int from, int to, int length);

  /// How many tokens of a prompt one evaluate() should get. Fewer cost more calls, more make others
  /// wait; a model that computes the whole sequence anew in every call says its context size.
  [[nodiscard]] virtual int preferred_step() const { return 512; }

  /// See Engine::adjust. Only what the engine's capabilities list as adjustable is set.
  virtual Result<void> adjust(const Adjustment& adjustment);

  /// While `wanted`, a running evaluate() or embed() returns ErrorCode::cancelled as soon as the
  /// framework allows, and one that begins does at once. Only the caller takes it back: a model
  /// that did so itself could lose an interrupt that came first. Thread-safe.
  virtual void interrupt(bool wanted) { (void)wanted; }

  /// One vector of any length but 0 for each text, none of which is empty or longer than the
  /// context. Leaves the sequences as they are. The texts are few: the generation core hands in
  /// what makes up about one step.
  virtual Result<std::vector<std::vector<float>>> embed(
      std::span<const std::vector<TokenId>> texts);
};

}  // namespace tenfold
