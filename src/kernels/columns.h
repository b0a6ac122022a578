// Rows turned into columns.
#pragma once

#include <cstddef>

#include "kernels/instruction_set.h"

namespace tenfold::kernels {

/// Number k of row n of the first `count` rows becomes columns[k * stride + n]; zeros fill the
/// rest.
void to_columns(Matrix rows, std::size_t count, std::size_t width, std::size_t stride,
                float* columns);

}  // namespace tenfold::kernels
