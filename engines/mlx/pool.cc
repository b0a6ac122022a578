#include "pool.h"

#include <algorithm>

namespace tenfold::mlx {

void Pool::add(std::span<const float> rows) {
  for (std::size_t at = 0; at < rows.size(); at += width_) add_row(rows.subspan(at, width_));
}

void Pool::add_row(std::span<const float> row) {
  ++count_;
  if (count_ == 1 || pooling_ == Pooling::last) {
    sums_.assign(row.begin(), row.end());
    return;
  }
  if (pooling_ == Pooling::first) return;
  const double weight = pooling_ == Pooling::weighted_mean ? static_cast<double>(count_) : 1;
  for (std::size_t i = 0; i < width_; ++i) {
    sums_[i] = pooling_ == Pooling::max ? std::max<double>(sums_[i], row[i])
                                        : sums_[i] + weight * static_cast<double>(row[i]);
  }
}

}  // namespace tenfold::mlx
