// Numbers as they lie in rows, to and from f32.
#pragma once

#include <cstddef>

#include "kernels/attention.h"

namespace tenfold::kernels {

/// Row `row` of `rows`, in f32 and times `factor`.
void read_row(const HeadRows& rows, std::size_t row, std::size_t width, float factor, float* to);

/// Writes f32 numbers as row `row` of f32, f16 or bf16.
void write_row(const float* from, std::size_t width, Element element, void* to, std::size_t row);

}  // namespace tenfold::kernels
