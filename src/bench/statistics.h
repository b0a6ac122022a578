// Mean, spread and median of repeated measurements.
#pragma once

#include <span>

namespace tenfold {

/// 0 for no values.
double mean(std::span<const double> values);

/// Sample standard deviation (divided by n - 1); 0 for fewer than two values.
double standard_deviation(std::span<const double> values);

/// The middle value, or the mean of the two middle ones; 0 for no values.
double median(std::span<const double> values);

}  // namespace tenfold
