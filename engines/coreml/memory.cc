#include "memory.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>

namespace tenfold::coreml {
namespace {

/// Sizes in steps of an eighth of the power of two below, so that a cache which grows by a token a
/// step finds its block again.
std::size_t size_class(std::size_t bytes) {
  if (bytes <= 512) return 512;
  const std::size_t step = std::max<std::size_t>(std::bit_floor(bytes) / 8, 64);
  return (bytes + step - 1) / step * step;
}

constexpr std::size_t alignment = 64;

Block* make_block(std::byte* data, std::size_t bytes, Memory* home) {
  auto* block = new Block;
  block->data = data;
  block->bytes = bytes;
  block->home = home;
  return block;
}

}  // namespace

BlockRef::~BlockRef() {
  if (block_ != nullptr && --block_->references == 0) block_->home->give_back(block_);
}

Memory::~Memory() { trim(); }

BlockRef Memory::take(std::size_t bytes) {
  const std::size_t size = size_class(bytes);
  if (size < bytes) throw std::bad_alloc();
  auto& same = waiting_[size];
  if (!same.empty()) {
    Block* block = same.back();
    same.pop_back();
    return BlockRef(block);
  }
  if (limit_ > 0 && held_ + size > limit_) trim();
  if (limit_ > 0 && held_ + size > limit_) throw std::bad_alloc();
  auto* data = static_cast<std::byte*>(std::aligned_alloc(alignment, size));
  if (data == nullptr) throw std::bad_alloc();
  held_ += size;
  return BlockRef(make_block(data, size, this));
}

BlockRef Memory::take_zeros(std::size_t bytes) {
  MappedMemory pages = map_memory(std::max<std::size_t>(bytes, 1));
  if (!pages) throw std::bad_alloc();
  std::byte* data = pages.get();
  Block* block = make_block(data, bytes, this);
  block->pages = std::move(pages);
  return BlockRef(block);
}

void Memory::give_back(Block* block) {
  if (block->pages) {
    delete block;
  } else {
    waiting_[block->bytes].push_back(block);
  }
}

void Memory::trim() {
  for (auto& [size, blocks] : waiting_) {
    for (Block* block : blocks) {
      held_ -= size;
      std::free(block->data);
      delete block;
    }
  }
  waiting_.clear();
}

}  // namespace tenfold::coreml
