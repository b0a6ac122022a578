// What a decoder keeps of the tokens it has seen.
#pragma once

#include <cstdint>
#include <vector>

#include "formats/decoder_spec.h"
#include "framework.h"

namespace tenfold::mlx {

/// Keys and values of all layers, f32, with room for as many tokens as came so far.
class KvCache {
 public:
  explicit KvCache(const DecoderSpec& spec);

  /// Makes room for `tokens`.
  void reserve(int tokens);
  /// Writes [1, heads, count, size] at `position` of a layer; what is there is overwritten.
  void put(std::size_t layer, int position, const mx::array& keys, const mx::array& values);
  /// Of a layer's positions from `first` to before `end`.
  [[nodiscard]] mx::array keys(std::size_t layer, int first, int end) const;
  [[nodiscard]] mx::array values(std::size_t layer, int first, int end) const;
  /// Computes what was put into a layer.
  void settle(std::size_t layer) { mx::eval(stores_[layer].keys, stores_[layer].values); }
  void clear();

 private:
  struct Store {
    mx::array keys;
    mx::array values;
  };

  int heads_;
  int head_size_;
  int capacity_ = 0;
  std::vector<Store> stores_;
};

}  // namespace tenfold::mlx
