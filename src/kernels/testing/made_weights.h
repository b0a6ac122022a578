// For tests: weights of every form with the numbers they stand for.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "kernels/weights.h"

namespace tenfold::kernels {

/// What is to be made.
struct Make {
  Form form = Form::f32;
  std::size_t rows = 1;
  std::size_t columns = 32;
  unsigned bits = 0;
  std::size_t group = 0;
  Number scale_number = Number::f32;
  bool is_signed = false;  ///< then without biases, too
  std::size_t tables = 0;
};

/// Owns what `weights` looks at. All begins at odd addresses, as in a file.
class MadeWeights {
 public:
  explicit MadeWeights(const Make& make);
  MadeWeights(const MadeWeights&) = delete;
  MadeWeights& operator=(const MadeWeights&) = delete;

  [[nodiscard]] const Weights& weights() const { return weights_; }
  /// [rows, columns]
  [[nodiscard]] const std::vector<double>& numbers() const { return numbers_; }

 private:
  using Bytes = std::vector<std::byte>;

  double add_number(Number number, Bytes& to);
  void make_numbers(Number number);
  void make_affine();
  void make_mxfp4();
  void make_palette(std::size_t tables);
  void add_bits(std::size_t place, unsigned integer);

  std::mt19937 random_{11};
  Weights weights_;
  std::vector<double> numbers_;
  Bytes data_{1}, scales_{1}, biases_{1};
};

/// Every form, every number of bits and size of group, for matrices of that size; those with groups
/// only where they fit.
std::vector<Make> all_forms(std::size_t rows, std::size_t columns);

/// E.g. "affine, 4 bits, groups of 64, scales f16, 3 x 128".
std::string describe(const Make& make);

/// Between -1 and 1.
std::vector<float> some_floats(std::size_t count, unsigned seed);

}  // namespace tenfold::kernels
