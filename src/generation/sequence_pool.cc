#include "generation/sequence_pool.h"

#include <cstddef>
#include <utility>

namespace tenfold {

class SequencePool::Copying {
 public:
  /// With the mutex held.
  Copying(SequencePool& pool, Entry& source) : pool_(pool), source_(source) { ++source_.copies; }
  ~Copying() {
    {
      const std::lock_guard lock(pool_.mutex_);
      --source_.copies;
    }
    pool_.changed_.notify_all();
  }
  Copying(const Copying&) = delete;
  Copying& operator=(const Copying&) = delete;

 private:
  SequencePool& pool_;
  Entry& source_;
};

SequencePool::SequencePool(Batcher& batcher, int count) {
  entries_.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) entries_.push_back({CachedSequence(batcher, i)});
}

/// With the mutex held.
SequencePool::Choice SequencePool::choose(std::span<const TokenId> prompt) {
  Entry* oldest = nullptr;
  Entry* closest = nullptr;
  std::size_t prefix = 0;
  for (Entry& entry : entries_) {
    if (entry.is_lent) continue;
    const auto age = [](const Entry& one) { return std::pair(one.copies > 0, one.last_use); };
    if (oldest == nullptr || age(entry) < age(*oldest)) oldest = &entry;
    const std::size_t common = entry.sequence.common_prefix(prompt);
    if (closest == nullptr || common > prefix) {
      closest = &entry;
      prefix = common;
    }
  }
  if (oldest == nullptr) return {};
  // With less in common it is another conversation, whose tokens may be wanted again.
  const bool is_continuation = 2 * prefix > closest->sequence.size();
  if (is_continuation || closest == oldest || prefix == 0) {
    return {is_continuation ? closest : oldest};
  }
  return {oldest, closest, prefix};
}

Result<SequencePool::Lease> SequencePool::take(std::span<const TokenId> prompt,
                                               const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  Choice choice;
  const bool found = changed_.wait(lock, stop, [&] {
    choice = choose(prompt);
    return choice.taken == nullptr || choice.taken->copies == 0;
  });
  if (!found) return fail(ErrorCode::cancelled, "the wait for a sequence was interrupted");
  if (choice.taken == nullptr) {
    return fail(ErrorCode::busy,
                "all " + std::to_string(entries_.size()) + " sequences of the model are in use",
                "wait for an answer to end, or load the model with more sequences");
  }
  choice.taken->is_lent = true;
  Lease lease(std::unique_ptr<Entry, GiveBack>(choice.taken, {this}));
  if (choice.source != nullptr) {
    const Copying copying(*this, *choice.source);
    lock.unlock();
    TRY(lease->copy(choice.source->sequence, choice.prefix, stop));
  }
  return lease;
}

void SequencePool::GiveBack::operator()(Entry* entry) const {
  entry->sequence.leave();
  {
    const std::lock_guard lock(pool->mutex_);
    entry->is_lent = false;
    // One without tokens, as after a copy that failed, has nothing that may be wanted again.
    entry->last_use = entry->sequence.size() == 0 ? 0 : ++pool->uses_;
  }
  pool->changed_.notify_all();
}

}  // namespace tenfold
