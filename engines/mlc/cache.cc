// The functions are those of TVM's src/runtime/vm/kv_state.cc.
#include "cache.h"

namespace tenfold::mlc {
namespace {

constexpr std::int64_t page = 16;

/// Tokens for which a sequence has room: whole pages, and one more for a copy of a page that two
/// sequences share in part.
std::int64_t room(int context) { return (std::int64_t{context} + page - 1) / page * page + page; }

}  // namespace

Cache::Cache(const ffi::Function& create, const Metadata& metadata, int sequences, int context)
    : add_(runtime_function("vm.builtin.kv_state_add_sequence")),
      remove_(runtime_function("vm.builtin.kv_state_remove_sequence")),
      fork_(runtime_function("vm.builtin.kv_state_fork_sequence")),
      cut_(runtime_function("vm.builtin.kv_state_popn")),
      begin_(runtime_function("vm.builtin.kv_state_begin_forward")),
      end_(runtime_function("vm.builtin.kv_state_end_forward")),
      lengths_(static_cast<std::size_t>(sequences)) {
  state_ = create(ffi::Shape{sequences}, ffi::Shape{sequences * room(context)},
                  ffi::Shape{metadata.prefill_chunk}, ffi::Shape{page}, ffi::Shape{0});
  for (int i = 0; i < sequences; ++i) add_(state_, std::int64_t{i});
}

std::uint64_t Cache::bytes(const Metadata& metadata, int sequences, int context) {
  const bool is_half = metadata.quantization.find("f16") != std::string::npos;
  return static_cast<std::uint64_t>(2 * metadata.layers * metadata.cache_heads *
                                    metadata.head_size * (is_half ? 2 : 4) * sequences *
                                    room(context));
}

void Cache::begin(std::span<const Appended> parts) {
  std::vector<std::int64_t> sequences;
  std::vector<std::int64_t> counts;
  for (const Appended& part : parts) {
    sequences.push_back(part.sequence);
    counts.push_back(part.count);
  }
  begin_(state_, ffi::Shape(sequences), ffi::Shape(counts));
}

void Cache::end() { end_(state_); }

void Cache::empty(int sequence) {
  remove_(state_, std::int64_t{sequence});
  add_(state_, std::int64_t{sequence});
  lengths_[index(sequence)] = 0;
}

void Cache::cut(int sequence, int length) {
  int& held = lengths_[index(sequence)];
  if (length == 0) return empty(sequence);
  cut_(state_, std::int64_t{sequence}, std::int64_t{held - length});
  held = length;
}

void Cache::fork(int from, int to, int length) {
  if (length == 0) return empty(to);
  remove_(state_, std::int64_t{to});
  fork_(state_, std::int64_t{from}, std::int64_t{to}, std::int64_t{length});
  lengths_[index(to)] = length;
}

}  // namespace tenfold::mlc
