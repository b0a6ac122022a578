#include "generation/sequence_pool.h"

#include <cstddef>
#include <utility>

namespace tenfold {

SequencePool::SequencePool(Batcher& batcher, int count) {
  entries_.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) entries_.push_back({CachedSequence(batcher, i)});
}

Result<SequencePool::Lease> SequencePool::take(std::span<const TokenId> prompt,
                                               const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  Entry* oldest = nullptr;
  Entry* closest = nullptr;
  std::size_t prefix = 0;
  for (Entry& entry : entries_) {
    if (entry.is_lent) continue;
    if (oldest == nullptr || entry.last_use < oldest->last_use) oldest = &entry;
    const std::size_t common = entry.sequence.common_prefix(prompt);
    if (closest == nullptr || common > prefix) {
      closest = &entry;
      prefix = common;
    }
  }
  if (oldest == nullptr) {
    return fail(ErrorCode::busy,
                "all " + std::to_string(entries_.size()) + " sequences of the model are in use",
                "Wait for an answer to end, or load the model with more sequences.");
  }
  // With less in common it is another conversation, whose tokens may be wanted again.
  const bool is_continuation = 2 * prefix > closest->sequence.size();
  Entry* chosen = is_continuation ? closest : oldest;
  if (chosen != closest && prefix > 0) {
    TRY(chosen->sequence.copy(closest->sequence, prefix, stop));
  }
  chosen->is_lent = true;
  return Lease(std::unique_ptr<Entry, GiveBack>(chosen, {this}));
}

void SequencePool::GiveBack::operator()(Entry* entry) const {
  entry->sequence.leave();
  const std::lock_guard lock(pool->mutex_);
  entry->is_lent = false;
  entry->last_use = ++pool->uses_;
}

}  // namespace tenfold
