// Repeat, presence and frequency penalties over a window of recent tokens.
#pragma once

#include <cstddef>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/sampling.h"
#include "tenfold/request.h"

namespace tenfold {

/// Lowers the logits of tokens seen among the last `penalty_window` tokens:
/// - repeat_penalty r, for tokens of the prompt and of the answer: a positive logit is divided by
///   r, any other multiplied by it (CTRL, Keskar et al. 2019, arXiv:1909.05858, section 4.1, with
///   the sign rule that llama.cpp and Transformers share);
/// - presence_penalty and frequency_penalty, for tokens of the answer only: the logit falls by
///   presence + count * frequency (OpenAI API reference, "frequency and presence penalties").
class Penalties {
 public:
  Penalties(const ResolvedSampling& sampling, std::span<const TokenId> prompt);

  [[nodiscard]] bool is_active() const { return is_active_; }
  /// Takes note of a token of the answer.
  void accept(TokenId token) { remember(token, true); }
  void apply(std::span<float> row) const;

 private:
  struct Seen {
    TokenId token;
    bool in_answer;
  };
  struct Count {
    int total = 0;
    int in_answer = 0;
  };
  void remember(TokenId token, bool in_answer);

  double repeat_;
  double presence_;
  double frequency_;
  std::size_t window_;
  bool is_active_;
  std::vector<Seen> ring_;  // the window; once full, next_ is its oldest entry
  std::size_t next_ = 0;
  std::unordered_map<TokenId, Count> counts_;
};

}  // namespace tenfold
