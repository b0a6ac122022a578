// Which answer gets which sequence of a model.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <vector>

#include "generation/cached_sequence.h"

namespace tenfold {

/// Lends the sequences so that a conversation finds what it said before: it gets the free sequence
/// it continues; else the one that was not used for longest, with a copy of the longest prefix that
/// a free one has in common with it, such as a shared system prompt. Thread-safe; the batcher
/// outlives it, and it outlives the leases.
class SequencePool {
 private:
  struct Entry {
    CachedSequence sequence;
    bool is_lent = false;
    int copies = 0;  ///< that are being made of it; it is not lent meanwhile
    std::uint64_t last_use = 0;
  };
  /// What suits a prompt best.
  struct Choice {
    Entry* taken = nullptr;   ///< null: all are lent
    Entry* source = nullptr;  ///< whose prefix is copied to it; null: none
    std::size_t prefix = 0;
  };
  /// A copy in progress: holds its source.
  class Copying;
  struct GiveBack {
    SequencePool* pool;
    void operator()(Entry* entry) const;
  };

 public:
  SequencePool(Batcher& batcher, int count);

  /// A sequence for one answer, until it is destroyed.
  class Lease {
   public:
    CachedSequence* operator->() const { return &entry_->sequence; }

   private:
    friend class SequencePool;
    explicit Lease(std::unique_ptr<Entry, GiveBack> entry) : entry_(std::move(entry)) {}
    std::unique_ptr<Entry, GiveBack> entry_;
  };

  /// `busy` if all are lent; errors of the engine's copy. `stop` ends the wait for the model, which
  /// keeps no other answer from coming or going, and for an entry that is being copied.
  Result<Lease> take(std::span<const TokenId> prompt, const std::stop_token& stop = {});

 private:
  Choice choose(std::span<const TokenId> prompt);

  std::mutex
      mutex_;  ///< guards everything below, and the sequences that are neither lent nor copied
  std::condition_variable_any changed_;
  std::vector<Entry> entries_;  ///< never moved
  std::uint64_t uses_ = 0;
};

}  // namespace tenfold
