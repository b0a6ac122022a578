#include "kv_cache.h"

#include <algorithm>

namespace tenfold::mlx {
namespace {

/// Room is made by so many tokens, as what is there has to be copied.
constexpr int step = 256;

}  // namespace

KvCache::KvCache(const DecoderSpec& spec) : heads_(spec.cache_heads), head_size_(spec.head_size) {
  const mx::array nothing = mx::zeros({1, heads_, 0, head_size_}, mx::float32);
  stores_.assign(spec.layers.size(), {nothing, nothing});
}

void KvCache::reserve(int tokens) {
  if (tokens <= capacity_) return;
  const int wanted = (tokens + step - 1) / step * step;
  const mx::array more = mx::zeros({1, heads_, wanted - capacity_, head_size_}, mx::float32);
  // One at a time: no more than one is there twice.
  for (Store& store : stores_) {
    for (mx::array* array : {&store.keys, &store.values}) {
      *array = mx::concatenate({*array, more}, 2);
      array->eval();
    }
  }
  capacity_ = wanted;
}

void KvCache::put(std::size_t layer, int position, const mx::array& keys, const mx::array& values) {
  const mx::Shape begin{0, 0, position, 0};
  const mx::Shape end{1, heads_, position + keys.shape(2), head_size_};
  Store& store = stores_[layer];
  store.keys = mx::slice_update(store.keys, keys, begin, end);
  store.values = mx::slice_update(store.values, values, begin, end);
}

mx::array KvCache::keys(std::size_t layer, int first, int end) const {
  return mx::slice(stores_[layer].keys, mx::Shape{0, 0, first, 0},
                   mx::Shape{1, heads_, end, head_size_});
}

mx::array KvCache::values(std::size_t layer, int first, int end) const {
  return mx::slice(stores_[layer].values, mx::Shape{0, 0, first, 0},
                   mx::Shape{1, heads_, end, head_size_});
}

void KvCache::clear() {
  const mx::array nothing = mx::zeros({1, heads_, 0, head_size_}, mx::float32);
  stores_.assign(stores_.size(), {nothing, nothing});
  capacity_ = 0;
}

}  // namespace tenfold::mlx
