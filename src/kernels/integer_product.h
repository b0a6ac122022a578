// Linear layers with x in integers of 8 bits.
#pragma once

#include <cstddef>

#include "kernels/instruction_set.h"
#include "kernels/threads.h"

namespace tenfold::kernels {

/// multiply() of linear.h with Precision::fast, by the loops for these weights.
void multiply_integers(Threads& threads, const Weights& weights, const IntegerLoops& loops,
                       const float* x, std::size_t m, float* y);

}  // namespace tenfold::kernels
