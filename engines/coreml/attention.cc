// Attention, by the kernel for it where tensors lie as it needs them.
#include "kernels/attention.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>

#include "kernels/layers.h"
#include "matrices.h"

namespace tenfold::coreml {
namespace {

/// Keys or values: heads may be in two dimensions, of which the second repeats.
struct Heads {
  Tensor rows;  ///< [heads that are stored, positions, width], the last of stride 1
  std::int64_t repetitions = 1;
};

/// None for what the kernel does not take: several in a batch.
std::optional<Heads> heads_of(Machine& machine, const Tensor& tensor, std::size_t rank) {
  Heads heads;
  heads.rows = tensor.packed != nullptr ? dense_floats(machine.memory, tensor) : tensor;
  Tensor& rows = heads.rows;
  if (rows.element == Element::i32) return std::nullopt;
  if (rows.shape.size() == rank + 1 && rank > 2) {
    const std::size_t at = rows.shape.size() - 3;
    if (rows.strides[at] == 0 || rows.shape[at] == 1) {
      heads.repetitions = rows.shape[at];
      rows.shape.erase(at);
      rows.strides.erase(at);
    } else {
      Dims shape = rows.shape;
      shape[at] *= shape[at - 1];
      shape.erase(at - 1);
      if (auto view = reshaped(rows, shape)) {
        rows = std::move(*view);
      } else {
        rows = dense_floats(machine.memory, rows);
        rows.shape = shape;
        rows.strides = row_major(shape);
      }
    }
  }
  while (rows.shape.size() > 3) {
    if (rows.shape[0] != 1) return std::nullopt;
    rows.shape.erase(0);
    rows.strides.erase(0);
  }
  if (rows.shape.size() == 2) {
    rows.shape.insert(0, 1);
    rows.strides.insert(0, 0);
  }
  if (rows.shape.size() != 3 || rows.count() == 0) return std::nullopt;
  const std::int64_t width = rows.shape[2];
  for (std::size_t i = 0; i < 2; ++i) {
    if (rows.shape[i] == 1) rows.strides[i] = width;  // says nothing
    if (rows.strides[i] % width != 0 || rows.strides[i] < 0 ||
        (rows.strides[2] != 1 && width != 1)) {
      rows = dense_floats(machine.memory, rows);
      break;
    }
  }
  return heads;
}

kernels::HeadRows view_of(const Tensor& rows) {
  kernels::HeadRows view;
  view.data = rows.data;
  view.element = rows.element == Element::f16 ? kernels::Element::f16 : kernels::Element::f32;
  view.head_stride = rows.strides[0] / rows.shape[2];
  view.position_stride = rows.strides[1] / rows.shape[2];
  return view;
}

/// A mask as numbers to add: booleans say what is seen.
Tensor added(Machine& machine, const Tensor& mask) {
  if (mask.is_float()) return as_floats(machine.memory, mask);
  const Tensor seen = dense(machine.memory, mask);
  Tensor result = make(machine.memory, Element::f32, seen.shape);
  for (std::int64_t i = 0; i < seen.count(); ++i) {
    result.floats()[i] = seen.integers()[i] != 0 ? 0 : -std::numeric_limits<float>::infinity();
  }
  return result;
}

/// One mask for all heads, its last dimension of stride 1; none if it has several.
std::optional<Tensor> one_mask(Machine& machine, Tensor mask, std::int64_t positions,
                               std::int64_t keys) {
  while (mask.shape.size() > 2) {
    if (mask.shape[0] != 1 && mask.strides[0] != 0) return std::nullopt;
    mask.shape.erase(0);
    mask.strides.erase(0);
  }
  while (mask.shape.size() < 2) {
    mask.shape.insert(0, 1);
    mask.strides.insert(0, 0);
  }
  if (mask.shape[1] != keys || (mask.shape[0] != 1 && mask.shape[0] != positions)) {
    return std::nullopt;
  }
  if (mask.shape[0] == 1) mask.strides[0] = 0;
  if (mask.strides[0] < 0 || (mask.strides[1] != 1 && keys > 1)) {
    const bool one_row = mask.shape[0] == 1;
    mask = dense_floats(machine.memory, mask);
    if (one_row) mask.strides[0] = 0;
  }
  return mask;
}

/// The same in steps, for what the kernel does not take.
Result<Tensor> in_steps(Machine& machine, const Tensor& queries, Tensor keys, Tensor values,
                        const Tensor* mask, float scale) {
  for (Tensor* tensor : {&keys, &values}) {
    if (tensor->shape.size() != queries.shape.size() + 1 || queries.shape.size() < 3) continue;
    Tensor whole = dense_floats(machine.memory, *tensor);
    const std::size_t at = whole.shape.size() - 3;
    whole.shape[at] *= whole.shape[at - 1];
    whole.shape.erase(at - 1);
    whole.strides = row_major(whole.shape);
    *tensor = whole;
  }
  Tensor scores = TRY(product(machine, queries, keys, false, true));
  const std::int64_t width = scores.shape.back();
  const Tensor all =
      mask == nullptr ? Tensor() : dense_floats(machine.memory, added(machine, *mask));
  Dims mask_strides(scores.shape.size(), 0);
  if (mask != nullptr) {
    if (all.shape.size() > scores.shape.size()) return wrong("its mask has too many dimensions");
    const std::size_t lead = scores.shape.size() - all.shape.size();
    for (std::size_t i = 0; i < all.shape.size(); ++i) {
      if (all.shape[i] != 1 && all.shape[i] != scores.shape[lead + i]) {
        return wrong(fmt::format("a mask of {} for scores of {}", text_of(all.shape),
                                 text_of(scores.shape)));
      }
      mask_strides[lead + i] = all.shape[i] == 1 ? 0 : all.strides[i];
    }
  }
  const std::int64_t count = width == 0 ? 0 : scores.count() / width;
  for (std::int64_t row = 0; row < count; ++row) {
    float* numbers = scores.floats() + row * width;
    std::int64_t offset = 0, rest = row;
    for (std::size_t i = scores.shape.size() - 1; i-- > 0;) {
      offset += rest % scores.shape[i] * mask_strides[i];
      rest /= scores.shape[i];
    }
    for (std::int64_t i = 0; i < width; ++i) {
      numbers[i] *= scale;
      if (mask != nullptr) numbers[i] += all.floats()[offset + i * mask_strides.back()];
    }
    kernels::softmax(numbers, static_cast<std::size_t>(width));
  }
  return product(machine, scores, values, false, false);
}

}  // namespace

Result<Tensor> attention(Machine& machine, const Tensor& queries, const Tensor& keys,
                         const Tensor& values, const Tensor* mask, float scale) {
  const std::size_t rank = queries.shape.size();
  if (rank < 2 || keys.shape.size() < 2 || values.shape.size() < 2 || queries.shape.back() == 0) {
    return wrong("its queries, keys or values are no matrices");
  }
  const auto slow = [&] { return in_steps(machine, queries, keys, values, mask, scale); };
  const auto query = heads_of(machine, queries, rank), key = heads_of(machine, keys, rank),
             value = heads_of(machine, values, rank);
  if (!query || !key || !value || query->rows.element != Element::f32) return slow();
  const Dims& q = query->rows.shape;
  const Dims& k = key->rows.shape;
  const Dims& v = value->rows.shape;
  if (k[2] != q[2] || v[2] != q[2] || !(k == v) || key->repetitions != value->repetitions ||
      k[0] * key->repetitions != q[0]) {
    return slow();
  }
  std::optional<Tensor> added_mask;
  if (mask != nullptr) {
    added_mask = one_mask(machine, added(machine, *mask), q[1], k[1]);
    if (!added_mask) return slow();
  }
  // Laid out as the queries are, which the kernel wants and the next layer too.
  Tensor out = query->rows;
  Tensor memory = make_like(machine.memory, Element::f32, q, query->rows);
  const bool same = memory.strides[0] == out.strides[0] && memory.strides[1] == out.strides[1];
  Tensor source = out;
  if (!same) {
    source = make_like(machine.memory, Element::f32, q, query->rows);
    copy(query->rows, source);
    memory.strides = source.strides;
  }
  kernels::Attention work;
  work.queries = view_of(source);
  work.keys = view_of(key->rows);
  work.values = view_of(value->rows);
  work.out = memory.data;
  work.batches = 1;
  work.positions = q[1];
  work.heads = q[0];
  work.key_heads = k[0];
  work.width = q[2];
  work.key_count = k[1];
  work.scale = scale;
  if (added_mask) {
    work.mask = added_mask->floats();
    work.mask_stride = added_mask->strides[0];
  }
  kernels::attend(machine.threads, work);
  while (memory.shape.size() < rank) {
    memory.shape.insert(0, 1);
    memory.strides.insert(0, memory.count());
  }
  if (rank == 2) {
    memory.shape.erase(0);
    memory.strides.erase(0);
  }
  return memory;
}

}  // namespace tenfold::coreml
