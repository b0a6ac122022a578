#include "kernels/testing/made_weights.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "base/half.h"

namespace tenfold::kernels {

MadeWeights::MadeWeights(const Make& make) {
  weights_.form = make.form;
  weights_.rows = make.rows;
  weights_.columns = make.columns;
  weights_.bits = make.bits;
  weights_.group = make.group;
  weights_.scale_number = make.scale_number;
  weights_.is_signed = make.is_signed;
  switch (make.form) {
    case Form::f32:
      make_numbers(Number::f32);
      break;
    case Form::f16:
      make_numbers(Number::f16);
      break;
    case Form::bf16:
      make_numbers(Number::bf16);
      break;
    case Form::affine:
      make_affine();
      break;
    case Form::mxfp4:
      make_mxfp4();
      break;
    case Form::palette:
      make_palette(make.tables);
      break;
  }
  weights_.data = std::span(data_).subspan(1);
  weights_.scales = std::span(scales_).subspan(1);
  weights_.biases = std::span(biases_).subspan(1);
}

double MadeWeights::add_number(Number number, Bytes& to) {
  const float value = std::uniform_real_distribution<float>(-1, 1)(random_);
  std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  float stored = value;
  if (number == Number::bf16) {
    bits >>= 16U;
    stored = float_from_brain(static_cast<std::uint16_t>(bits));
  } else if (number == Number::f16) {
    const auto drawn = static_cast<std::uint32_t>(random_());
    bits = (drawn & 0x83FFU) | ((10U + drawn % 5) << 10U);
    stored = float_from_half(static_cast<std::uint16_t>(bits));
  }
  const std::size_t size = bytes_of(number);
  to.resize(to.size() + size);
  std::memcpy(to.data() + to.size() - size, &bits, size);
  return stored;
}

void MadeWeights::make_numbers(Number number) {
  for (std::size_t i = 0; i < weights_.rows * weights_.columns; ++i) {
    numbers_.push_back(add_number(number, data_));
  }
}

/// The integer of that place in the data.
void MadeWeights::add_bits(std::size_t place, unsigned integer) {
  for (unsigned bit = 0; bit < weights_.bits; ++bit) {
    const std::size_t at = place * weights_.bits + bit;
    if ((integer >> bit & 1U) != 0) data_[1 + at / 8] |= static_cast<std::byte>(1U << at % 8);
  }
}

void MadeWeights::make_affine() {
  data_.resize(1 + weights_.rows * weights_.columns * weights_.bits / 8);
  double scale = 0, bias = 0;
  for (std::size_t i = 0; i < weights_.rows * weights_.columns; ++i) {
    if (i % weights_.group == 0) {
      scale = add_number(weights_.scale_number, scales_);
      bias = weights_.is_signed ? 0 : add_number(weights_.scale_number, biases_);
    }
    const auto range = static_cast<int>(1U << weights_.bits);
    int integer = static_cast<int>(random_() % static_cast<unsigned>(range));
    add_bits(i, static_cast<unsigned>(integer));
    if (weights_.is_signed && integer >= range / 2) integer -= range;
    numbers_.push_back(scale * integer + bias);
  }
}

void MadeWeights::make_palette(std::size_t tables) {
  data_.resize(1 + weights_.rows * weights_.columns * weights_.bits / 8);
  const std::size_t entries = std::size_t{1} << weights_.bits;
  std::vector<double> table;
  for (std::size_t i = 0; i < tables * entries; ++i) {
    table.push_back(add_number(weights_.scale_number, scales_));
  }
  const std::size_t share = weights_.rows / tables * weights_.columns;
  for (std::size_t i = 0; i < weights_.rows * weights_.columns; ++i) {
    const std::size_t place = random_() % entries;
    add_bits(i, static_cast<unsigned>(place));
    numbers_.push_back(table[i / share * entries + place]);
  }
}

void MadeWeights::make_mxfp4() {
  constexpr double magnitudes[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  data_.resize(1 + weights_.rows * weights_.columns / 2);
  int exponent = 0;
  for (std::size_t i = 0; i < weights_.rows * weights_.columns; ++i) {
    if (i % 32 == 0) {
      exponent = static_cast<int>(random_() % 9) - 6;
      scales_.push_back(static_cast<std::byte>(exponent + 127));
    }
    const unsigned code = static_cast<unsigned>(random_()) % 16;
    data_[1 + i / 2] |= static_cast<std::byte>(code << (i % 2 * 4));
    numbers_.push_back(std::ldexp(magnitudes[code % 8] * (code < 8 ? 1 : -1), exponent));
  }
}

std::vector<Make> all_forms(std::size_t rows, std::size_t columns) {
  std::vector<Make> all;
  for (const Form form : {Form::f32, Form::f16, Form::bf16}) all.push_back({form, rows, columns});
  for (const std::size_t group : {std::size_t{32}, std::size_t{64}, std::size_t{128}, columns}) {
    if (columns % group != 0 || (group != 32 && group % 64 != 0)) continue;
    for (const unsigned bits : {2U, 3U, 4U, 5U, 6U, 8U}) {
      const Number number = bits % 3 == 0   ? Number::f32
                            : bits % 3 == 1 ? Number::f16
                                            : Number::bf16;
      all.push_back({Form::affine, rows, columns, bits, group, number});
      if (bits % 4 == 0 && (group == 64 || group == columns))
        all.push_back({Form::affine, rows, columns, bits, group, number, true});
    }
  }
  if (columns % 32 != 0) return all;
  all.push_back({Form::mxfp4, rows, columns});
  for (const unsigned bits : {1U, 2U, 3U, 4U, 6U, 8U}) {
    const std::size_t tables = bits == 4 ? rows : 1;
    all.push_back({Form::palette, rows, columns, bits, 0, bits == 3 ? Number::f32 : Number::f16,
                   false, tables});
  }
  return all;
}

std::string describe(const Make& make) {
  constexpr const char* forms[] = {"f32", "f16", "bf16", "affine", "mxfp4", "palette"};
  return fmt::format("{}, {} bits, groups of {}, {} x {}",
                     forms[static_cast<std::size_t>(make.form)], make.bits, make.group, make.rows,
                     make.columns);
}

std::vector<float> some_floats(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> range(-1, 1);
  std::vector<float> numbers(count);
  for (float& number : numbers) number = range(random);
  return numbers;
}

}  // namespace tenfold::kernels
