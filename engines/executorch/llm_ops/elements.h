// Numbers as they lie in tensors, to and from f32.
#pragma once

#include <cstddef>

#include "llm_ops/attention.h"
#include "llm_ops/kernels.h"

namespace tenfold::executorch {

/// Row `row` of `rows`, in f32 and times `factor`.
void read_row(const HeadRows& rows, std::size_t row, std::size_t width, float factor, float* to);

/// Writes f32 numbers as row `row` of a tensor of f32, f16 or bf16.
void write_row(const float* from, std::size_t width, Element element, void* to, std::size_t row);

/// Number k of row n of the first `count` rows becomes columns[k * stride + n]; zeros fill the
/// rest.
void to_columns(Matrix rows, std::size_t count, std::size_t width, std::size_t stride,
                float* columns);

}  // namespace tenfold::executorch
