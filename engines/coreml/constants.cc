#include "constants.h"

#include <fmt/format.h>

#include <cstring>

#include "base/half.h"
#include "operator.h"

namespace tenfold::coreml {
namespace {

template <typename T>
T load(std::string_view bytes, std::int64_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
  return value;
}

/// Number `index` of stored elements of any type; those of 64 bits must fit into 32 to keep their
/// value.
float number_of(std::string_view bytes, MilElement element, std::int64_t index) {
  switch (element) {
    case MilElement::f16:
      return float_from_half(load<std::uint16_t>(bytes, index));
    case MilElement::bf16:
      return float_from_brain(load<std::uint16_t>(bytes, index));
    case MilElement::f32:
      return load<float>(bytes, index);
    case MilElement::f64:
      return static_cast<float>(load<double>(bytes, index));
    case MilElement::i8:
      return load<std::int8_t>(bytes, index);
    case MilElement::i16:
      return load<std::int16_t>(bytes, index);
    case MilElement::i32:
      return static_cast<float>(load<std::int32_t>(bytes, index));
    case MilElement::i64:
      return static_cast<float>(load<std::int64_t>(bytes, index));
    case MilElement::boolean:
    case MilElement::u8:
      return load<std::uint8_t>(bytes, index);
    case MilElement::u16:
      return load<std::uint16_t>(bytes, index);
    case MilElement::u32:
      return static_cast<float>(load<std::uint32_t>(bytes, index));
    case MilElement::u64:
      return static_cast<float>(load<std::uint64_t>(bytes, index));
    default:
      break;
  }
  const auto bits = static_cast<std::int64_t>(bits_of(element));
  int value = 0;
  for (std::int64_t i = 0; i < bits; ++i) {
    const std::int64_t at = index * bits + i;
    value |= (static_cast<unsigned char>(bytes[static_cast<std::size_t>(at / 8)]) >> (at % 8) & 1)
             << i;
  }
  return static_cast<float>(element == MilElement::i4 && value > 7 ? value - 16 : value);
}

std::int32_t integer_of(std::string_view bytes, MilElement element, std::int64_t index) {
  switch (element) {
    case MilElement::i32:
    case MilElement::u32:
      return load<std::int32_t>(bytes, index);
    case MilElement::i64:
    case MilElement::u64:
      return static_cast<std::int32_t>(load<std::int64_t>(bytes, index));
    default:
      return static_cast<std::int32_t>(number_of(bytes, element, index));
  }
}

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// Which block along each dimension element `index` is in, as one number.
std::int64_t block_of(std::int64_t index, const Dims& shape, const Dims& counts) {
  std::int64_t block = 0, step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    block += index % shape[i] / (shape[i] / counts[i]) * step;
    step *= counts[i];
    index /= shape[i];
  }
  return block;
}

Result<Dims> known_shape(const MilType& type) { return shape_of(type.shape); }

/// How many blocks there are along each dimension: what they say must divide the shape.
Result<Dims> block_counts(const Dims& shape, const Dims& counts) {
  if (counts.empty()) return Dims(shape.size(), 1);
  for (std::size_t i = 0; i < shape.size() || counts.size() != shape.size(); ++i) {
    if (counts.size() != shape.size() || counts[i] == 0 || shape[i] == 0 ||
        shape[i] % counts[i] != 0) {
      return wrong(
          fmt::format("{} cannot be divided into blocks of {}", text_of(shape), text_of(counts)));
    }
  }
  return counts;
}

}  // namespace

std::optional<MatrixSize> matrix_size(const Dims& shape) {
  if (shape.size() < 2) return std::nullopt;
  for (std::size_t i = 2; i < shape.size(); ++i) {
    if (shape[i] != 1) return std::nullopt;
  }
  return MatrixSize{static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1])};
}

std::byte* Constants::room(std::size_t bytes) {
  rooms_.emplace_back(bytes / sizeof(std::uint64_t) + 1);
  bytes_ += rooms_.back().size() * sizeof(std::uint64_t);
  return reinterpret_cast<std::byte*>(rooms_.back().data());
}

const kernels::Weights* Constants::keep(const kernels::Weights& weights) {
  return &weights_.emplace_back(weights);
}

Tensor Constants::kept(const Tensor& tensor) {
  Tensor result;
  result.element = tensor.is_float() ? Element::f32 : Element::i32;
  result.shape = tensor.shape;
  result.strides = row_major(tensor.shape);
  result.data = room(static_cast<std::size_t>(tensor.count()) * 4);
  copy(tensor, result);
  return result;
}

Tensor Constants::turned(const Tensor& view) {
  Tensor result = view;
  result.strides = row_major(view.shape);
  result.data = room(static_cast<std::size_t>(view.count()) * bytes_of(view.element));
  copy(view, result);
  return result;
}

Tensor Constants::halves(const Dims& shape, const std::function<float(std::int64_t)>& number) {
  Tensor result;
  result.element = Element::f16;
  result.shape = shape;
  result.strides = row_major(shape);
  result.data = room(static_cast<std::size_t>(count_of(shape)) * 2);
  auto* to = reinterpret_cast<std::uint16_t*>(result.data);
  for (std::int64_t i = 0; i < result.count(); ++i) to[i] = half_from_float(number(i));
  return result;
}

Tensor Constants::unpacked(const Tensor& packed) {
  const kernels::Weights& weights = *packed.packed;
  Tensor result;
  result.element = Element::f16;
  result.shape = packed.shape;
  result.strides = row_major(packed.shape);
  result.data = room(weights.rows * weights.columns * 2);
  auto* to = reinterpret_cast<std::uint16_t*>(result.data);
  std::vector<float> row(weights.columns);
  for (std::size_t i = 0; i < weights.rows; ++i) {
    kernels::read_row(weights, i, 0, weights.columns, row.data());
    for (const float number : row) *to++ = half_from_float(number);
  }
  return result;
}

Result<void> Constants::check_length(const MilValue& value) const {
  const auto needed = value.type.stored_bytes();
  if (needed && *needed == source_.bytes(value).size()) return {};
  return wrong("a constant is not as long as its type says");
}

Result<Tensor> Constants::tensor(const MilValue& value) {
  const MilElement element = value.type.element;
  TRY(check_length(value));
  const std::string_view bytes = source_.bytes(value);
  Tensor result;
  result.shape = TRY(known_shape(value.type));
  result.strides = row_major(result.shape);
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0;
  if (element == MilElement::f16 || element == MilElement::f32 || element == MilElement::i32) {
    result.element = element == MilElement::f16   ? Element::f16
                     : element == MilElement::f32 ? Element::f32
                                                  : Element::i32;
    if (is_aligned) {
      // Constants are never written: slices of them are copied first.
      result.data = const_cast<std::byte*>(as_bytes(bytes).data());
      return result;
    }
    result.data = room(bytes.size());
    std::memcpy(result.data, bytes.data(), bytes.size());
    return result;
  }
  result.element = is_float(element) ? Element::f32 : Element::i32;
  if (bits_of(element) == 8 && is_float(element)) {
    return fail(ErrorCode::unsupported, fmt::format("a constant of {}", name_of(element)));
  }
  result.data = room(static_cast<std::size_t>(result.count()) * 4);
  for (std::int64_t i = 0; i < result.count(); ++i) {
    if (is_float(element)) result.floats()[i] = number_of(bytes, element, i);
    if (!is_float(element)) result.integers()[i] = integer_of(bytes, element, i);
  }
  return result;
}

Result<std::vector<float>> Constants::floats(const MilValue& value) {
  TRY(check_length(value));
  const std::string_view bytes = source_.bytes(value);
  std::vector<float> numbers(static_cast<std::size_t>(*value.type.elements()));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = number_of(bytes, value.type.element, static_cast<std::int64_t>(i));
  }
  return numbers;
}

/// The operands of constexpr operations are attributes up to iOS 17 and inputs from iOS 18 on.
Result<const MilValue*> Constants::operand(const MilOperation& operation,
                                           std::string_view name) const {
  if (const MilValue* attribute = operation.attribute(name)) return attribute;
  const MilOperation::Input* input = operation.input(name);
  if (input == nullptr) return static_cast<const MilValue*>(nullptr);
  if (input->arguments.size() == 1) {
    const MilArgument& argument = input->arguments[0];
    const MilValue* value = argument.value ? argument.value.get() : source_.named(argument.name);
    if (value != nullptr) return value;
  }
  return fail(ErrorCode::unsupported, fmt::format("its {} is no plain constant", name));
}

Result<const MilValue*> Constants::needed(const MilOperation& operation,
                                          std::string_view name) const {
  const MilValue* found = TRY(operand(operation, name));
  if (found == nullptr) return wrong(fmt::format("it has no input {}", name));
  return found;
}

Result<Tensor> Constants::unfolded(const MilOperation& operation) {
  if (operation.type == "constexpr_blockwise_shift_scale") return scaled(operation);
  if (operation.type == "constexpr_affine_dequantize") return affine(operation);
  if (operation.type == "constexpr_lut_to_dense") return palette(operation);
  if (operation.type == "constexpr_sparse_to_dense") return sparse(operation);
  if (operation.type == "constexpr_cast") return cast(operation);
  return fail(ErrorCode::unsupported, "weights of this form are not read here");
}

Result<Tensor> Constants::from_blocks(const Blocks& blocks) {
  const std::string_view bytes = source_.bytes(*blocks.data);
  const MilElement element = blocks.data->type.element;
  const auto matrix = matrix_size(blocks.shape);
  const auto groups = matrix ? static_cast<std::size_t>(blocks.counts[1]) : 0;
  const std::size_t group = matrix ? matrix->columns / groups : 0;
  const unsigned bits = static_cast<unsigned>(bits_of(element));
  const bool is_integer = element == MilElement::i4 || element == MilElement::i8 ||
                          element == MilElement::u2 || element == MilElement::u3 ||
                          element == MilElement::u4 || element == MilElement::u6 ||
                          element == MilElement::u8;
  const bool fits = matrix && is_integer && (group == 32 || (group > 0 && group % 64 == 0)) &&
                    matrix->columns * bits % 8 == 0;
  if (!fits) {
    return halves(blocks.shape, [&](std::int64_t i) {
      const auto block = static_cast<std::size_t>(block_of(i, blocks.shape, blocks.counts));
      const float offset = blocks.offsets.empty() ? 0 : blocks.offsets[block];
      return (number_of(bytes, element, i) - offset) * blocks.scales[block];
    });
  }
  kernels::Weights weights;
  weights.form = kernels::Form::affine;
  weights.rows = matrix->rows;
  weights.columns = matrix->columns;
  weights.bits = bits;
  weights.group = group;
  weights.is_signed = element == MilElement::i4 || element == MilElement::i8;
  weights.data = as_bytes(bytes);
  const std::size_t row_blocks = static_cast<std::size_t>(blocks.counts[0]);
  if (row_blocks == matrix->rows && blocks.offsets.empty() &&
      blocks.stored_scales->type.element == MilElement::f16) {
    weights.scale_number = kernels::Number::f16;
    weights.scales = as_bytes(source_.bytes(*blocks.stored_scales));
  } else {
    const std::size_t count = matrix->rows * groups;
    auto* scales = reinterpret_cast<float*>(room(count * sizeof(float)));
    auto* biases =
        blocks.offsets.empty() ? nullptr : reinterpret_cast<float*>(room(count * sizeof(float)));
    for (std::size_t row = 0; row < matrix->rows; ++row) {
      const std::size_t from = row / (matrix->rows / row_blocks) * groups;
      for (std::size_t i = 0; i < groups; ++i) {
        scales[row * groups + i] = blocks.scales[from + i];
        if (biases == nullptr) continue;
        biases[row * groups + i] = -blocks.offsets[from + i] * blocks.scales[from + i];
      }
    }
    weights.scales = std::as_bytes(std::span(scales, count));
    if (biases != nullptr) weights.biases = std::as_bytes(std::span(biases, count));
  }
  TRY(kernels::check(weights, "of a linear layer"));
  Tensor result;
  result.shape = blocks.shape;
  result.strides = row_major(blocks.shape);
  result.packed = keep(weights);
  return result;
}

Result<Tensor> Constants::scaled(const MilOperation& operation) {
  Blocks blocks{};
  blocks.data = TRY(needed(operation, "data"));
  blocks.stored_scales = TRY(needed(operation, "scale"));
  const MilValue* offset = TRY(operand(operation, "offset"));
  blocks.shape = TRY(known_shape(blocks.data->type));
  blocks.counts = TRY(block_counts(blocks.shape, TRY(known_shape(blocks.stored_scales->type))));
  blocks.scales = TRY(floats(*blocks.stored_scales));
  if (offset != nullptr) blocks.offsets = TRY(floats(*offset));
  TRY(check_length(*blocks.data));
  if (!blocks.offsets.empty() && blocks.offsets.size() != blocks.scales.size()) {
    return wrong("it has not as many offsets as scales");
  }
  return from_blocks(blocks);
}

Result<Tensor> Constants::affine(const MilOperation& operation) {
  Blocks blocks{};
  blocks.data = TRY(needed(operation, "quantized_data"));
  blocks.stored_scales = TRY(needed(operation, "scale"));
  const MilValue* zero = TRY(needed(operation, "zero_point"));
  const MilValue* axis = TRY(needed(operation, "axis"));
  blocks.shape = TRY(known_shape(blocks.data->type));
  TRY(check_length(*blocks.data));
  blocks.scales = TRY(floats(*blocks.stored_scales));
  blocks.offsets = TRY(floats(*zero));
  const auto axes = TRY(floats(*axis));
  if (axes.size() != 1 || blocks.scales.empty() || blocks.offsets.empty()) {
    return wrong("it has no scale, no zero point or no axis");
  }
  const std::size_t at = TRY(axis_of(static_cast<std::int64_t>(axes[0]), blocks.shape.size()));
  const std::size_t count = std::max(blocks.scales.size(), blocks.offsets.size());
  if (count != 1 && count != static_cast<std::size_t>(blocks.shape[at])) {
    return wrong("its scales are not one for each place along its axis");
  }
  for (std::vector<float>* numbers : {&blocks.scales, &blocks.offsets}) {
    if (numbers->size() == 1) numbers->assign(count, numbers->front());
    if (numbers->size() != count) return wrong("it has not as many zero points as scales");
  }
  Dims counts(blocks.shape.size(), 1);
  if (count != 1) counts[at] = static_cast<std::int64_t>(count);
  blocks.counts = TRY(block_counts(blocks.shape, counts));
  return from_blocks(blocks);
}

Result<Tensor> Constants::palette(const MilOperation& operation) {
  const MilValue* indices = TRY(needed(operation, "indices"));
  const MilValue* table = TRY(needed(operation, "lut"));
  const MilValue* stored_shape = TRY(operand(operation, "shape"));
  const auto tables = TRY(floats(*table));
  Dims shape, counts;
  std::size_t entries = tables.size();
  if (stored_shape != nullptr) {
    std::vector<std::int64_t> sizes;
    for (const float size : TRY(floats(*stored_shape))) {
      sizes.push_back(static_cast<std::int64_t>(size));
    }
    shape = TRY(shape_of(sizes));
    counts = Dims(shape.size(), 1);
  } else {
    shape = TRY(known_shape(indices->type));
    Dims form = TRY(known_shape(table->type));
    if (form.size() != shape.size() + 2) return wrong("its lut is of another rank");
    if (form.back() != 1) {
      return fail(ErrorCode::unsupported, "palettes of vectors are not read here");
    }
    entries = static_cast<std::size_t>(form[form.size() - 2]);
    form.erase(form.size() - 1);
    form.erase(form.size() - 1);
    counts = TRY(block_counts(shape, form));
  }
  unsigned bits = 0;
  while (bits <= 8 && (std::size_t{1} << bits) < entries) ++bits;
  if (bits == 0) bits = 1;
  if ((std::size_t{1} << bits) != entries || bits > 8) {
    return wrong(fmt::format("a palette of {} numbers", entries));
  }
  const std::string_view bytes = source_.bytes(*indices);
  const std::int64_t count = count_of(shape);
  const bool is_stored_so =
      stored_shape != nullptr || bits_of(indices->type.element) == static_cast<int>(bits);
  if (!is_stored_so || bytes.size() != static_cast<std::size_t>((count * bits + 7) / 8)) {
    return wrong("its indices are not as many as its shape says");
  }
  const auto matrix = matrix_size(shape);
  const bool kernel_bits = bits != 5 && bits != 7;
  const MilElement number = table->type.element;
  if (matrix && kernel_bits && matrix->columns % 32 == 0 && counts[1] == 1 &&
      (number == MilElement::f16 || number == MilElement::f32)) {
    kernels::Weights weights;
    weights.form = kernels::Form::palette;
    weights.rows = matrix->rows;
    weights.columns = matrix->columns;
    weights.bits = bits;
    weights.data = as_bytes(bytes);
    weights.scales = as_bytes(source_.bytes(*table));
    weights.scale_number = number == MilElement::f16 ? kernels::Number::f16 : kernels::Number::f32;
    TRY(kernels::check(weights, "of a linear layer"));
    Tensor result;
    result.shape = shape;
    result.strides = row_major(shape);
    result.packed = keep(weights);
    return result;
  }
  const MilElement packed[] = {MilElement::u1, MilElement::u2, MilElement::u3, MilElement::u4};
  if (!kernel_bits) return fail(ErrorCode::unsupported, fmt::format("palettes of {} bits", bits));
  const MilElement element = bits == 8   ? MilElement::u8
                             : bits == 6 ? MilElement::u6
                                         : packed[bits - 1];
  return halves(shape, [&](std::int64_t i) {
    const auto place = static_cast<std::size_t>(number_of(bytes, element, i));
    return tables[static_cast<std::size_t>(block_of(i, shape, counts)) * entries + place];
  });
}

/// Unpacked: what is zero takes memory again.
Result<Tensor> Constants::sparse(const MilOperation& operation) {
  const MilValue* data = TRY(needed(operation, "nonzero_data"));
  const MilValue* mask = TRY(needed(operation, "mask"));
  const MilValue* stored_shape = TRY(operand(operation, "shape"));
  Dims shape;
  if (stored_shape != nullptr) {
    std::vector<std::int64_t> sizes;
    for (const float size : TRY(floats(*stored_shape))) {
      sizes.push_back(static_cast<std::int64_t>(size));
    }
    shape = TRY(shape_of(sizes));
  } else {
    shape = TRY(known_shape(mask->type));
  }
  const std::string_view bits = source_.bytes(*mask);
  if (bits.size() != static_cast<std::size_t>((count_of(shape) + 7) / 8)) {
    return wrong("its mask is not as long as its shape says");
  }
  const auto numbers = TRY(floats(*data));
  std::size_t next = 0;
  bool runs_out = false;
  Tensor result = halves(shape, [&](std::int64_t i) {
    if (number_of(bits, MilElement::u1, i) == 0) return 0.0F;
    if (next < numbers.size()) return numbers[next++];
    runs_out = true;
    return 0.0F;
  });
  if (runs_out || next != numbers.size()) return wrong("its mask does not fit its numbers");
  return result;
}

Result<Tensor> Constants::cast(const MilOperation& operation) {
  return kept(TRY(tensor(*TRY(needed(operation, "source_val")))));
}

}  // namespace tenfold::coreml
