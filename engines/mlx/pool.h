// The last hidden states of a text, made into one vector as they come.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "formats/pooling.h"

namespace tenfold::mlx {

class Pool {
 public:
  Pool(Pooling pooling, std::size_t width) : pooling_(pooling), width_(width) {}

  /// The states of the next positions, row by row.
  void add(std::span<const float> rows);
  /// Of all that was added, which is at least one row; its length means nothing.
  [[nodiscard]] std::vector<float> vector() const { return {sums_.begin(), sums_.end()}; }

 private:
  void add_row(std::span<const float> row);

  Pooling pooling_;
  std::size_t width_;
  std::size_t count_ = 0;
  std::vector<double> sums_;
};

}  // namespace tenfold::mlx
