// Memory for what a run computes: blocks that are counted, and kept for the next use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/mapped_memory.h"

namespace tenfold::coreml {

class Memory;

/// One block. Lives as long as anything refers to it, then waits in its Memory.
struct Block {
  std::byte* data = nullptr;
  std::size_t bytes = 0;
  std::uint32_t references = 0;
  Memory* home = nullptr;   ///< outlives the block
  MappedMemory pages = {};  ///< holds `data` of a block of zeros, which is not kept
};

/// A counted reference to a block, or to none. Not thread-safe, as a run is on one thread.
class BlockRef {
 public:
  BlockRef() = default;
  explicit BlockRef(Block* block) : block_(block) {
    if (block_ != nullptr) ++block_->references;
  }
  BlockRef(const BlockRef& other) : BlockRef(other.block_) {}
  BlockRef(BlockRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  BlockRef& operator=(BlockRef other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~BlockRef();

  [[nodiscard]] bool empty() const { return block_ == nullptr; }
  [[nodiscard]] std::byte* data() const { return block_->data; }
  [[nodiscard]] std::size_t bytes() const { return block_->bytes; }
  [[nodiscard]] std::uint32_t references() const { return block_->references; }
  bool operator==(const BlockRef& other) const { return block_ == other.block_; }

 private:
  Block* block_ = nullptr;
};

/// Makes blocks, and gives those that nothing refers to any more out again. Outlives its blocks.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory();

  /// A block of at least so many bytes, aligned to 64, its contents unknown. Throws
  /// std::bad_alloc, as it does beyond the limit.
  BlockRef take(std::size_t bytes);

  /// A block of zeros, which takes memory as it is written. Throws std::bad_alloc.
  BlockRef take_zeros(std::size_t bytes);

  /// Frees what waits.
  void trim();

  /// The most bytes that take() makes; 0: no limit.
  void limit(std::size_t bytes) { limit_ = bytes; }
  /// Bytes of its blocks, those that wait among them.
  [[nodiscard]] std::size_t held() const { return held_; }

 private:
  friend class BlockRef;
  void give_back(Block* block);

  std::map<std::size_t, std::vector<Block*>> waiting_;  ///< by size
  std::size_t held_ = 0;
  std::size_t limit_ = 0;
};

}  // namespace tenfold::coreml
