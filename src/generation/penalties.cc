#include "generation/penalties.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tenfold {
namespace {

// Extreme penalties must not turn a logit into an infinity.
constexpr double largest = std::numeric_limits<float>::max();

}  // namespace

Penalties::Penalties(const ResolvedSampling& sampling, std::span<const TokenId> prompt)
    : repeat_(sampling.repeat_penalty),
      presence_(sampling.presence_penalty),
      frequency_(sampling.frequency_penalty),
      window_(sampling.penalty_window < 0 ? std::numeric_limits<std::size_t>::max()
                                          : static_cast<std::size_t>(sampling.penalty_window)),
      is_active_(window_ > 0 && (repeat_ != 1.0 || presence_ != 0.0 || frequency_ != 0.0)) {
  if (!is_active_) return;
  const auto recent = prompt.last(std::min(prompt.size(), window_));
  for (const TokenId token : recent) remember(token, false);
}

void Penalties::remember(TokenId token, bool in_answer) {
  if (!is_active_) return;
  if (ring_.size() < window_) {
    ring_.push_back({token, in_answer});
  } else {
    const Seen oldest = ring_[next_];
    const auto entry = counts_.find(oldest.token);
    entry->second.in_answer -= oldest.in_answer ? 1 : 0;
    if (--entry->second.total == 0) counts_.erase(entry);
    ring_[next_] = {token, in_answer};
    next_ = (next_ + 1) % window_;
  }
  Count& count = counts_[token];
  ++count.total;
  count.in_answer += in_answer ? 1 : 0;
}

void Penalties::apply(std::span<float> row) const {
  for (const auto& [token, count] : counts_) {
    const auto index = static_cast<std::size_t>(token);
    if (index >= row.size() || std::isinf(row[index])) continue;
    double logit = static_cast<double>(row[index]);
    logit = logit > 0 ? logit / repeat_ : logit * repeat_;
    if (count.in_answer > 0) logit -= presence_ + count.in_answer * frequency_;
    row[index] = static_cast<float>(std::clamp(logit, -largest, largest));
  }
}

}  // namespace tenfold
