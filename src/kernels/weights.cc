#include "kernels/weights.h"

#include <fmt/format.h>

#include <string>

namespace tenfold::kernels {
namespace {

// Sums of products of integers stay within 32 bits, and all sizes in bytes within 64.
constexpr std::size_t most_columns = std::size_t{1} << 24U;
constexpr std::size_t most_rows = std::size_t{1} << 28U;

std::size_t bits_of(const Weights& weights) {
  switch (weights.form) {
    case Form::f32:
      return 32;
    case Form::f16:
    case Form::bf16:
      return 16;
    case Form::affine:
    case Form::palette:
      return weights.bits;
    case Form::mxfp4:
      break;
  }
  return 4;
}

Error wrong(std::string_view name, const std::string& what) {
  return fail(ErrorCode::bad_model, fmt::format("the weights {}: {}", name, what));
}

Result<void> check_groups(const Weights& weights, std::string_view name) {
  if (weights.form == Form::affine) {
    if (weights.bits < 2 || weights.bits > 8 || weights.bits == 7) {
      return wrong(name,
                   fmt::format("they have {} bits, which may be 2, 3, 4, 5, 6 or 8", weights.bits));
    }
    if (weights.group == 0 || (weights.group != 32 && weights.group % 64 != 0)) {
      return wrong(name, fmt::format("groups of {} columns, which may be 32 or a multiple of 64",
                                     weights.group));
    }
  }
  if (weights.columns % weights.group_columns() != 0) {
    return wrong(name, fmt::format("{} columns cannot be divided into groups of {}",
                                   weights.columns, weights.group_columns()));
  }
  return {};
}

Result<void> check_palette(const Weights& weights, std::string_view name) {
  const unsigned bits = weights.bits;
  if (bits < 1 || bits > 8 || bits == 5 || bits == 7) {
    return wrong(name, fmt::format("they have {} bits, which may be 1, 2, 3, 4, 6 or 8", bits));
  }
  if (weights.columns % 32 != 0) {
    return wrong(name, fmt::format("{} columns, which must be a multiple of 32", weights.columns));
  }
  const std::size_t tables = weights.scales.size() / weights.table_bytes();
  if (tables == 0 || weights.scales.size() % weights.table_bytes() != 0 ||
      weights.rows % tables != 0) {
    return wrong(name,
                 fmt::format("{} bytes are no tables of {} numbers for equal parts of {} rows",
                             weights.scales.size(), 1U << bits, weights.rows));
  }
  return {};
}

Result<void> check_bytes(std::span<const std::byte> bytes, std::size_t row_bytes,
                         const Weights& weights, std::string_view name, const char* part) {
  if (bytes.size() == row_bytes * weights.rows) return {};
  return wrong(name,
               fmt::format("{} rows of {} columns need {} bytes of {}, but have {}", weights.rows,
                           weights.columns, row_bytes * weights.rows, part, bytes.size()));
}

}  // namespace

std::size_t bytes_of(Number number) { return number == Number::f32 ? 4 : 2; }

std::size_t Weights::row_bytes() const { return columns * bits_of(*this) / 8; }

std::size_t Weights::scale_row_bytes() const {
  switch (form) {
    case Form::affine:
      return columns / group * bytes_of(scale_number);
    case Form::mxfp4:
      return columns / 32;
    default:
      return 0;
  }
}

std::size_t Weights::table_bytes() const {
  return (std::size_t{1} << bits) * bytes_of(scale_number);
}

Result<void> check(const Weights& weights, std::string_view name) {
  if (weights.rows == 0 || weights.columns == 0) {
    return wrong(name, fmt::format("{} rows of {} columns", weights.rows, weights.columns));
  }
  if (weights.rows > most_rows || weights.columns > most_columns) {
    return wrong(name, fmt::format("{} rows of {} columns are more than {} of {}", weights.rows,
                                   weights.columns, most_rows, most_columns));
  }
  if (weights.quantized()) TRY(check_groups(weights, name));
  if (weights.form == Form::palette) TRY(check_palette(weights, name));
  TRY(check_bytes(weights.data, weights.row_bytes(), weights, name, "data"));
  if (weights.form != Form::palette) {
    TRY(check_bytes(weights.scales, weights.scale_row_bytes(), weights, name, "scales"));
  }
  const bool biased = weights.form == Form::affine && !weights.biases.empty();
  return check_bytes(weights.biases, biased ? weights.scale_row_bytes() : 0, weights, name,
                     "biases");
}

}  // namespace tenfold::kernels
