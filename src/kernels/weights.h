// The weights of a linear layer, as they lie in a model's files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold::kernels {

/// What a number takes in memory.
enum class Number : std::uint8_t { f32, f16, bf16 };

enum class Form : std::uint8_t {
  f32,
  f16,
  bf16,
  /// Integers of 2, 3, 4, 5, 6 or 8 bits, packed one behind the other from the lowest bit of a
  /// row's first byte on (MLX's uint32 words, little endian, are the same). For each group of a
  /// row's columns there are a scale and a bias: weight = scale * integer + bias.
  affine,
  /// e2m1 in 4 bits, packed likewise; for each group of 32 a scale of 8 bits, 2^(scale - 127)
  /// ("OCP Microscaling Formats" 1.0, where 255 is NaN).
  mxfp4,
  /// Places of 1, 2, 3, 4, 6 or 8 bits in a table of 2^bits numbers, packed likewise. Neighbouring
  /// rows share a table if there are fewer of them (Core ML's lut_to_dense).
  palette,
};

/// A matrix of rows x columns; owns nothing. Nothing need be aligned.
struct Weights {
  Form form = Form::f32;
  std::size_t rows = 0;     ///< outputs of the layer
  std::size_t columns = 0;  ///< its inputs; they lie beside each other
  unsigned bits = 0;        ///< of affine and palette
  std::size_t group = 0;    ///< columns of affine that share a scale: 32 or a multiple of 64
  std::span<const std::byte> data{};
  std::span<const std::byte> scales{};  ///< [rows, columns / group]; of palette the tables
  std::span<const std::byte> biases{};  ///< of affine: likewise; none stands for zeros
  Number scale_number = Number::f32;    ///< what scales and biases or tables are; not of mxfp4
  bool is_signed = false;               ///< of affine: integers are two's complement

  [[nodiscard]] bool quantized() const { return form == Form::affine || form == Form::mxfp4; }
  /// Bytes of `data` from one row to the next.
  [[nodiscard]] std::size_t row_bytes() const;
  [[nodiscard]] std::size_t group_columns() const { return form == Form::mxfp4 ? 32 : group; }
  /// Bytes of `scales` and of `biases` from one row to the next; not of palette.
  [[nodiscard]] std::size_t scale_row_bytes() const;
  /// Bytes of one table of palette.
  [[nodiscard]] std::size_t table_bytes() const;
};

/// What a number takes, in bytes.
std::size_t bytes_of(Number number);

/// Whether the sizes are possible and the memory is as large as they say; bad_model, with `name`
/// and what is wrong. Everything else of this room takes weights for checked.
Result<void> check(const Weights& weights, std::string_view name);

}  // namespace tenfold::kernels
