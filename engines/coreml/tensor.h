// What operators compute with: numbers in memory by shape and strides.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dims.h"
#include "kernels/weights.h"
#include "memory.h"

namespace tenfold::coreml {

/// How numbers lie in memory. All that is computed is f32; halves are what constants, inputs and
/// states have. Every integer and boolean of MIL is kept in 32 bits.
enum class Element : std::uint8_t { f32, f16, i32 };

inline std::size_t bytes_of(Element element) { return element == Element::f16 ? 2 : 4; }

/// A view: copies share the numbers.
struct Tensor {
  Element element = Element::f32;
  Dims shape;
  Dims strides;  ///< in elements; 0 where a number stands for many
  std::byte* data = nullptr;
  BlockRef block;  ///< what holds `data`; empty: something that outlives the run
  /// Of compressed weights: then there is no `data`. A matrix, whatever the shape says of
  /// dimensions of one.
  const kernels::Weights* packed = nullptr;

  [[nodiscard]] std::int64_t count() const { return count_of(shape); }
  [[nodiscard]] bool is_float() const { return element != Element::i32; }
  [[nodiscard]] const float* floats() const { return reinterpret_cast<const float*>(data); }
  [[nodiscard]] float* floats() { return reinterpret_cast<float*>(data); }
  [[nodiscard]] const std::int32_t* integers() const {
    return reinterpret_cast<const std::int32_t*>(data);
  }
  [[nodiscard]] std::int32_t* integers() { return reinterpret_cast<std::int32_t*>(data); }
  [[nodiscard]] std::byte* at(std::int64_t offset) const {
    return data + offset * static_cast<std::int64_t>(bytes_of(element));
  }
};

/// New memory, row by row. Throws std::bad_alloc.
Tensor make(Memory& memory, Element element, const Dims& shape);

/// New memory for `shape`, its dimensions in the order that they have in `like`, of the same shape.
Tensor make_like(Memory& memory, Element element, const Dims& shape, const Tensor& like);

/// Whether it lies row by row without gaps.
bool is_dense(const Tensor& tensor);

/// Numbers of `from` into `to`, of the same shape; halves and f32 become each other, integers and
/// floats too.
void copy(const Tensor& from, Tensor& to);

/// The same numbers as f32 or i32 row by row: itself, or a copy. Packed weights are unpacked.
Tensor dense(Memory& memory, const Tensor& tensor);
/// The same as f32, integers too.
Tensor dense_floats(Memory& memory, const Tensor& tensor);
/// The same as f32 in any strides.
Tensor as_floats(Memory& memory, const Tensor& tensor);

/// A view of another shape with as many elements; none if only a copy has it.
std::optional<Tensor> reshaped(const Tensor& tensor, const Dims& shape);

/// Integers, of a tensor of any shape; floats are cut off. Throws std::bad_alloc, as it does for
/// more than 2^24 of them, which a view may have without memory for each.
std::vector<std::int64_t> integers_of(const Tensor& tensor);

}  // namespace tenfold::coreml
