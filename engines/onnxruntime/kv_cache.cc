#include "kv_cache.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace tenfold::onnxruntime {
namespace {

/// Bytes of one token in one head.
std::size_t row_bytes(const CacheTensor& tensor) {
  return static_cast<std::size_t>(tensor.head_size) *
         (static_cast<std::size_t>(element_bits(tensor.type)) / 8);
}

std::uint64_t buffer_bytes(const CacheTensor& tensor, std::int64_t capacity) {
  return static_cast<std::uint64_t>(tensor.heads) * static_cast<std::uint64_t>(capacity) *
         row_bytes(tensor);
}

std::vector<std::int64_t> shape_of(const CacheTensor& tensor, std::int64_t tokens) {
  return {1, tensor.heads, tokens, tensor.head_size};
}

}  // namespace

Result<KvCache> KvCache::create(const std::vector<CacheTensor>& tensors, std::int64_t capacity) {
  KvCache cache;
  cache.capacity_ = capacity;
  for (const CacheTensor& shape : tensors) {
    const auto bytes = static_cast<std::size_t>(buffer_bytes(shape, capacity));
    Tensor tensor{shape, map_memory(bytes), shape.in_place ? MappedMemory() : map_memory(bytes)};
    if (tensor.past == nullptr || (!shape.in_place && tensor.present == nullptr)) {
      return fail(ErrorCode::out_of_memory,
                  fmt::format("no memory for a KV cache of {} tokens", capacity),
                  "choose a smaller context_size");
    }
    cache.tensors_.push_back(std::move(tensor));
  }
  return cache;
}

std::uint64_t KvCache::bytes(const std::vector<CacheTensor>& tensors, std::int64_t capacity) {
  std::uint64_t sum = 0;
  for (const CacheTensor& tensor : tensors) {
    sum += buffer_bytes(tensor, capacity) * (tensor.in_place ? 1 : 2);
  }
  return sum;
}

Result<void> KvCache::bind_fixed(Session& session) const {
  for (const auto& [shape, past, present] : tensors_) {
    if (!shape.in_place) continue;
    const auto size = shape_of(shape, capacity_);
    TRY(session.bind_input(shape.past, past.get(), shape.type, size));
    TRY(session.bind_output(shape.present, past.get(), shape.type, size));
  }
  return {};
}

Result<void> KvCache::bind_growing_past(Session& session, std::int64_t length) const {
  for (const auto& [shape, past, present] : tensors_) {
    if (shape.in_place) continue;
    TRY(session.bind_input(shape.past, past.get(), shape.type, shape_of(shape, length)));
  }
  return {};
}

Result<void> KvCache::bind_growing_present(Session& session, std::int64_t new_length) const {
  for (const auto& [shape, past, present] : tensors_) {
    if (shape.in_place) continue;
    TRY(session.bind_output(shape.present, present.get(), shape.type, shape_of(shape, new_length)));
  }
  return {};
}

void KvCache::advance() {
  for (Tensor& tensor : tensors_) {
    if (!tensor.shape.in_place) std::swap(tensor.past, tensor.present);
  }
}

void KvCache::truncate(std::int64_t length, std::int64_t new_length) {
  for (Tensor& tensor : tensors_) {
    if (tensor.shape.in_place) continue;  // later tokens are overwritten before they are read
    const std::size_t row = row_bytes(tensor.shape);
    const std::size_t from = row * static_cast<std::size_t>(length);
    const std::size_t to = row * static_cast<std::size_t>(new_length);
    for (std::size_t head = 1; head < static_cast<std::size_t>(tensor.shape.heads); ++head) {
      std::memmove(tensor.past.get() + head * to, tensor.past.get() + head * from, to);
    }
  }
}

}  // namespace tenfold::onnxruntime
