#include "parity/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "parity/greedy.h"

namespace tenfold {
namespace {

constexpr double largest_tie = 0.5;
constexpr std::size_t extension = 16;
constexpr std::size_t pieces = 4;

class StateCheck {
 public:
  StateCheck(Engine& engine, std::span<const TokenId> prompt, std::size_t max_tokens,
             std::stop_token stop)
      : engine_(engine),
        prompt_(prompt.begin(), prompt.end()),
        max_tokens_(max_tokens),
        stop_(std::move(stop)) {}

  Result<std::vector<std::string>> run() {
    TRY(forget());
    const Answer fresh = TRY(ask(prompt_));
    if (fresh.usage.cached_tokens > 0) {
      faults_.push_back(
          fmt::format("{} cached tokens of another prompt were used", fresh.usage.cached_tokens));
    }
    compare("asked again", fresh, TRY(ask(prompt_)));
    TRY(check_reuse(fresh));
    for (std::size_t piece = 1; piece < pieces; ++piece) {
      const auto length = static_cast<std::ptrdiff_t>(prompt_.size() * piece / pieces);
      TRY(ask({prompt_.begin(), prompt_.begin() + length}, 1));
    }
    compare("with the prompt in pieces", fresh, TRY(ask(prompt_)));
    return faults_;
  }

 private:
  Result<Answer> ask(std::vector<TokenId> prompt, std::size_t max_tokens) {
    return answer_greedily(engine_, std::move(prompt), max_tokens, stop_);
  }
  Result<Answer> ask(const std::vector<TokenId>& prompt) { return ask(prompt, max_tokens_); }

  /// Leaves nothing in the cache that begins like the prompt.
  Result<void> forget() {
    TRY(ask({prompt_[0] == 0 ? 1 : 0}, 1));
    return {};
  }

  /// The next turn of a conversation: what was said, and something new. Ends with an empty cache.
  Result<void> check_reuse(const Answer& fresh) {
    std::vector<TokenId> longer = prompt_;
    longer.insert(longer.end(), fresh.tokens.begin(), fresh.tokens.end());
    const std::size_t more = std::min(extension, prompt_.size());
    longer.insert(longer.end(), prompt_.end() - static_cast<std::ptrdiff_t>(more), prompt_.end());
    const Answer reused = TRY(ask(longer));
    if (engine_.capabilities().prefix_reuse && reused.usage.cached_tokens == 0) {
      faults_.emplace_back("no token of a longer prompt was taken from the cache");
    }
    compare("after a longer prompt", fresh, TRY(ask(prompt_)));
    TRY(forget());
    compare("with its prefix cached", TRY(ask(longer)), reused);
    return forget();
  }

  void compare(std::string_view when, const Answer& expected, const Answer& got) {
    const auto parted = first_divergence(expected.tokens, top_tokens_of(expected), got);
    if (!parted || (parted->gap && parted->reference_gap &&
                    *parted->gap + *parted->reference_gap <= largest_tie)) {
      return;
    }
    faults_.push_back(fmt::format("{}: {}", when, describe(*parted)));
  }

  Engine& engine_;
  std::vector<TokenId> prompt_;
  std::size_t max_tokens_;
  std::stop_token stop_;
  std::vector<std::string> faults_;
};

}  // namespace

Result<std::vector<std::string>> check_state(Engine& engine, std::span<const TokenId> prompt,
                                             std::size_t max_tokens, std::stop_token stop) {
  return StateCheck(engine, prompt, max_tokens, std::move(stop)).run();
}

}  // namespace tenfold
