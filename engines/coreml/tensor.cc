#include "tensor.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>
#include <stdexcept>
#include <type_traits>

#include "base/half.h"
#include "kernels/instruction_set.h"
#include "kernels/linear.h"
#include "loops.h"

namespace tenfold::coreml {
namespace {

template <typename From, typename To>
void copy_run(const From* from, std::int64_t from_stride, To* to, std::int64_t to_stride,
              std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const From value = from[i * from_stride];
    if constexpr (std::is_same_v<From, To>) {
      to[i * to_stride] = value;
    } else if constexpr (std::is_same_v<From, std::uint16_t>) {
      to[i * to_stride] = static_cast<To>(float_from_half(value));
    } else if constexpr (std::is_same_v<To, std::uint16_t>) {
      to[i * to_stride] = half_from_float(static_cast<float>(value));
    } else if constexpr (std::is_same_v<To, std::int32_t>) {
      to[i * to_stride] = cut_off(value);
    } else {
      to[i * to_stride] = static_cast<To>(value);
    }
  }
}

template <typename From, typename To>
void copy_as(const Tensor& from, Tensor& to) {
  const auto* source = reinterpret_cast<const From*>(from.data);
  auto* target = reinterpret_cast<To*>(to.data);
  for_runs<2>(to.shape, {from.strides, to.strides}, [&](const Run<2>& run) {
    const From* at = source + run.offsets[0];
    To* out = target + run.offsets[1];
    if (run.strides[0] == 1 && run.strides[1] == 1) {
      if constexpr (std::is_same_v<From, To>) {
        std::memcpy(out, at, static_cast<std::size_t>(run.count) * sizeof(To));
        return;
      } else if constexpr (std::is_same_v<From, std::uint16_t> && std::is_same_v<To, float>) {
        kernels::fastest().to_floats(kernels::Number::f16, reinterpret_cast<const std::byte*>(at),
                                     static_cast<std::size_t>(run.count), out);
        return;
      }
    }
    copy_run(at, run.strides[0], out, run.strides[1], run.count);
  });
}

template <typename From>
void copy_from(const Tensor& from, Tensor& to) {
  switch (to.element) {
    case Element::f32:
      return copy_as<From, float>(from, to);
    case Element::f16:
      return copy_as<From, std::uint16_t>(from, to);
    case Element::i32:
      return copy_as<From, std::int32_t>(from, to);
  }
}

void unpack(const kernels::Weights& weights, Tensor& to) {
  if (static_cast<std::size_t>(to.count()) != weights.rows * weights.columns) {
    throw std::length_error("packed weights under another shape");
  }
  for (std::size_t row = 0; row < weights.rows; ++row) {
    kernels::read_row(weights, row, 0, weights.columns, to.floats() + row * weights.columns);
  }
}

}  // namespace

Tensor make(Memory& memory, Element element, const Dims& shape) {
  Tensor tensor;
  tensor.element = element;
  tensor.shape = shape;
  tensor.strides = row_major(shape);
  tensor.block = memory.take(static_cast<std::size_t>(tensor.count()) * bytes_of(element));
  tensor.data = tensor.block.data();
  return tensor;
}

Tensor make_like(Memory& memory, Element element, const Dims& shape, const Tensor& like) {
  Tensor tensor = make(memory, element, shape);
  if (is_dense(like) || like.packed != nullptr) return tensor;
  std::array<std::size_t, Dims::most> order{};
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(shape.size());
  std::iota(order.begin(), end, std::size_t{0});
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] > 1 && like.strides[i] <= 0) return tensor;
  }
  // Dimensions of one have strides that say nothing; they go first.
  std::stable_sort(order.begin(), end, [&](std::size_t a, std::size_t b) {
    const bool one_a = shape[a] == 1, one_b = shape[b] == 1;
    if (one_a || one_b) return one_a && !one_b;
    return like.strides[a] > like.strides[b];
  });
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    tensor.strides[order[i]] = stride;
    stride *= shape[order[i]];
  }
  return tensor;
}

bool is_dense(const Tensor& tensor) {
  std::int64_t stride = 1;
  for (std::size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != stride) return false;
    stride *= tensor.shape[i];
  }
  return true;
}

void copy(const Tensor& from, Tensor& to) {
  if (to.count() == 0) return;
  switch (from.element) {
    case Element::f32:
      return copy_from<float>(from, to);
    case Element::f16:
      return copy_from<std::uint16_t>(from, to);
    case Element::i32:
      return copy_from<std::int32_t>(from, to);
  }
}

Tensor dense(Memory& memory, const Tensor& tensor) {
  if (tensor.is_float()) return dense_floats(memory, tensor);
  if (is_dense(tensor)) return tensor;
  Tensor result = make(memory, Element::i32, tensor.shape);
  copy(tensor, result);
  return result;
}

Tensor dense_floats(Memory& memory, const Tensor& tensor) {
  if (tensor.packed == nullptr && tensor.element == Element::f32 && is_dense(tensor)) return tensor;
  Tensor result = make(memory, Element::f32, tensor.shape);
  if (tensor.packed != nullptr) {
    unpack(*tensor.packed, result);
  } else {
    copy(tensor, result);
  }
  return result;
}

Tensor as_floats(Memory& memory, const Tensor& tensor) {
  if (tensor.packed == nullptr && tensor.element == Element::f32) return tensor;
  if (tensor.packed != nullptr) return dense_floats(memory, tensor);
  Tensor result = make_like(memory, Element::f32, tensor.shape, tensor);
  copy(tensor, result);
  return result;
}

std::optional<Tensor> reshaped(const Tensor& tensor, const Dims& shape) {
  Tensor result = tensor;
  result.shape = shape;
  result.strides = Dims(shape.size(), 1);
  if (tensor.packed != nullptr) return std::nullopt;
  if (tensor.count() == 0) return result;
  // Each group of old dimensions becomes a group of new ones with as many elements ("attempt to
  // reshape without a copy", as numpy does).
  Dims sizes, strides;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    if (tensor.shape[i] == 1) continue;
    sizes.push_back(tensor.shape[i]);
    strides.push_back(tensor.strides[i]);
  }
  std::size_t old_begin = 0, new_begin = 0;
  while (old_begin < sizes.size() && new_begin < shape.size()) {
    std::size_t old_end = old_begin + 1, new_end = new_begin + 1;
    std::int64_t old_count = sizes[old_begin], new_count = shape[new_begin];
    while (old_count != new_count) {
      if (new_count < old_count) {
        if (new_end == shape.size()) return std::nullopt;
        new_count *= shape[new_end++];
      } else {
        if (old_end == sizes.size()) return std::nullopt;
        old_count *= sizes[old_end++];
      }
    }
    for (std::size_t i = old_begin; i + 1 < old_end; ++i) {
      if (strides[i] != strides[i + 1] * sizes[i + 1]) return std::nullopt;
    }
    result.strides[new_end - 1] = strides[old_end - 1];
    for (std::size_t i = new_end - 1; i > new_begin; --i) {
      result.strides[i - 1] = result.strides[i] * shape[i];
    }
    old_begin = old_end;
    new_begin = new_end;
  }
  return result;
}

std::vector<std::int64_t> integers_of(const Tensor& tensor) {
  if (tensor.count() > std::int64_t{1} << 24) throw std::bad_alloc();
  std::vector<std::int64_t> values;
  values.reserve(static_cast<std::size_t>(tensor.count()));
  for_runs<1>(tensor.shape, {tensor.strides}, [&](const Run<1>& run) {
    for (std::int64_t i = 0; i < run.count; ++i) {
      const std::byte* from = tensor.at(run.offsets[0] + i * run.strides[0]);
      switch (tensor.element) {
        case Element::i32: {
          std::int32_t value = 0;
          std::memcpy(&value, from, sizeof(value));
          values.push_back(value);
          break;
        }
        case Element::f32: {
          float value = 0;
          std::memcpy(&value, from, sizeof(value));
          values.push_back(cut_off(value));
          break;
        }
        case Element::f16: {
          std::uint16_t value = 0;
          std::memcpy(&value, from, sizeof(value));
          values.push_back(cut_off(float_from_half(value)));
          break;
        }
      }
    }
  });
  return values;
}

}  // namespace tenfold::coreml
