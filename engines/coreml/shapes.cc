// Operators that make tensors of other shapes: views where strides can express it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "loops.h"
#include "operator.h"

namespace tenfold::coreml {
namespace {

/// The tensor in another shape: a view, or a copy. The counts are equal.
Tensor in_shape(Machine& machine, const Tensor& tensor, const Dims& shape) {
  if (auto view = reshaped(tensor, shape)) return std::move(*view);
  Tensor copied = dense(machine.memory, tensor);
  copied.shape = shape;
  copied.strides = row_major(shape);
  return copied;
}

/// Ones and zeros of MIL's own: -1 is what is left, and 0 the size that x has there.
Result<Dims> wanted_shape(const Tensor& x, const std::vector<std::int64_t>& sizes) {
  std::vector<std::int64_t> wanted = sizes;
  std::int64_t known = 1;
  std::size_t open = sizes.size();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == 0 && i < x.shape.size()) wanted[i] = x.shape[i];
    if (wanted[i] == -1 && open == sizes.size()) {
      open = i;
    } else if (wanted[i] < 0 || (wanted[i] > 0 && known > (std::int64_t{1} << 40) / wanted[i])) {
      return wrong(fmt::format("it cannot be of the shape [{}]", fmt::join(sizes, ", ")));
    } else {
      known *= wanted[i];
    }
  }
  const std::int64_t count = x.count();
  if (open < wanted.size()) {
    if (known == 0 || count % known != 0) {
      return wrong(
          fmt::format("{} elements cannot have the shape [{}]", count, fmt::join(sizes, ", ")));
    }
    wanted[open] = count / known;
  }
  const Dims shape = TRY(shape_of(wanted));
  if (count_of(shape) != count) {
    return wrong(fmt::format("{} cannot become {}", text_of(x.shape), text_of(shape)));
  }
  return shape;
}

Result<Work> build_reshape(Parameters& parameters) {
  TRY(parameters.take("x"));
  TRY(parameters.take("shape"));
  return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    out[0] = in_shape(machine, *in[0], TRY(wanted_shape(*in[0], integers_of(*in[1]))));
    return {};
  });
}

Result<Work> build_expand_dims(Parameters& parameters) {
  TRY(parameters.take("x"));
  const auto axes = TRY(parameters.integers("axes"));
  return Work([axes](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const std::size_t rank = in[0]->shape.size() + axes.size();
    if (rank > Dims::most) return wrong("it makes too many dimensions");
    std::array<bool, Dims::most> added{};
    for (const std::int64_t axis : axes) {
      bool& here = added[TRY(axis_of(axis, rank))];
      if (here) return wrong("it makes a dimension twice");
      here = true;
    }
    Dims shape;
    for (std::size_t i = 0, from = 0; i < rank; ++i) {
      shape.push_back(added[i] ? 1 : in[0]->shape[from++]);
    }
    out[0] = in_shape(machine, *in[0], shape);
    return {};
  });
}

Result<Work> build_squeeze(Parameters& parameters) {
  TRY(parameters.take("x"));
  const auto axes = TRY(parameters.integers("axes"));
  return Work([axes](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Dims& sizes = in[0]->shape;
    std::array<bool, Dims::most> gone{};
    for (std::size_t i = 0; axes.empty() && i < sizes.size(); ++i) gone[i] = sizes[i] == 1;
    for (const std::int64_t axis : axes) {
      const std::size_t at = TRY(axis_of(axis, sizes.size()));
      if (sizes[at] != 1) return wrong(fmt::format("{} has no 1 there", text_of(sizes)));
      gone[at] = true;
    }
    Dims shape;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (!gone[i]) shape.push_back(sizes[i]);
    }
    out[0] = in_shape(machine, *in[0], shape);
    return {};
  });
}

Result<Work> build_flatten2d(Parameters& parameters) {
  TRY(parameters.take("x"));
  const std::int64_t axis = TRY(parameters.integer("axis", 1));
  return Work([axis](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Dims& sizes = in[0]->shape;
    const std::size_t at = axis == static_cast<std::int64_t>(sizes.size())
                               ? sizes.size()
                               : TRY(axis_of(axis, sizes.size()));
    Dims shape{1, 1};
    for (std::size_t i = 0; i < sizes.size(); ++i) shape[i < at ? 0 : 1] *= sizes[i];
    out[0] = in_shape(machine, *in[0], shape);
    return {};
  });
}

Result<Work> build_transpose(Parameters& parameters) {
  TRY(parameters.take("x"));
  const auto order = TRY(parameters.integers("perm"));
  return Work([order](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = in[0]->packed != nullptr ? dense_floats(machine.memory, *in[0]) : *in[0];
    if (order.size() != x.shape.size()) return wrong("its perm is of another rank");
    Tensor view = x;
    std::array<bool, Dims::most> seen{};
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::size_t from = TRY(axis_of(order[i], order.size()));
      if (seen[from]) return wrong("its perm names a dimension twice");
      seen[from] = true;
      view.shape[i] = x.shape[from];
      view.strides[i] = x.strides[from];
    }
    out[0] = std::move(view);
    return {};
  });
}

/// A part of `whole`: `size` from `first` on along an axis.
Tensor part_of(const Tensor& whole, std::size_t axis, std::int64_t first, std::int64_t size) {
  Tensor part = whole;
  part.shape[axis] = size;
  part.data = whole.at(first * whole.strides[axis]);
  return part;
}

Result<void> join(Machine& machine, Inputs in, std::size_t axis, bool interleaves, Tensor& out) {
  Dims shape = in[0]->shape;
  bool is_float = false;
  shape[axis] = 0;
  for (const Tensor* tensor : in) {
    for (std::size_t i = 0; i < shape.size() || i < tensor->shape.size(); ++i) {
      if (shape.size() != tensor->shape.size() || (i != axis && shape[i] != tensor->shape[i])) {
        return wrong(fmt::format("{} and {} cannot be joined", text_of(in[0]->shape),
                                 text_of(tensor->shape)));
      }
    }
    if (interleaves && tensor->shape[axis] != in[0]->shape[axis]) {
      return wrong("it interleaves tensors of different sizes");
    }
    shape[axis] += tensor->shape[axis];
    is_float |= tensor->is_float();
  }
  shape = TRY(shape_of({shape.begin(), shape.size()}));
  out = make(machine.memory, is_float ? Element::f32 : Element::i32, shape);
  std::int64_t at = 0;
  for (const Tensor* tensor : in) {
    const Tensor from = tensor->packed != nullptr ? dense_floats(machine.memory, *tensor) : *tensor;
    Tensor to = part_of(out, axis, at, from.shape[axis]);
    if (interleaves) to.strides[axis] *= static_cast<std::int64_t>(in.size());
    copy(from, to);
    at += interleaves ? 1 : from.shape[axis];
  }
  return {};
}

Result<Work> build_concat(Parameters& parameters) {
  std::size_t count = 0;
  TRY(parameters.take_all("values", count));
  const std::int64_t axis = TRY(parameters.integer("axis", 0));
  const bool interleaves = TRY(parameters.integer("interleave", 0)) != 0;
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    // Numbers without a dimension count as lists of one.
    std::vector<Tensor> lists(in.size());
    std::vector<const Tensor*> tensors(in.begin(), in.end());
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (!in[i]->shape.empty()) continue;
      lists[i] = *in[i];
      lists[i].shape = lists[i].strides = Dims{1};
      tensors[i] = &lists[i];
    }
    const std::size_t at = TRY(axis_of(axis, tensors[0]->shape.size()));
    return join(machine, tensors, at, interleaves, out[0]);
  });
}

Result<Work> build_stack(Parameters& parameters) {
  std::size_t count = 0;
  TRY(parameters.take_all("values", count));
  const std::int64_t axis = TRY(parameters.integer("axis", 0));
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    if (in[0]->shape.size() == Dims::most) return wrong("it makes too many dimensions");
    const std::size_t at = TRY(axis_of(axis, in[0]->shape.size() + 1));
    std::vector<Tensor> parts(in.size());
    std::vector<const Tensor*> tensors(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
      parts[i] = in[i]->packed != nullptr ? dense_floats(machine.memory, *in[i]) : *in[i];
      if (parts[i].shape.size() != in[0]->shape.size()) return wrong("it stacks different ranks");
      parts[i].shape.insert(at, 1);
      parts[i].strides.insert(at, 1);
      tensors[i] = &parts[i];
    }
    return join(machine, tensors, at, false, out[0]);
  });
}

/// A dimension of one that is repeated becomes one of stride 0.
Result<Work> build_tile(Parameters& parameters) {
  TRY(parameters.take("x"));
  TRY(parameters.take("reps"));
  return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const auto times = integers_of(*in[1]);
    Tensor x = in[0]->packed != nullptr ? dense_floats(machine.memory, *in[0]) : *in[0];
    if (times.size() != x.shape.size()) return wrong("its reps are of another rank");
    std::vector<std::int64_t> sizes(x.shape.begin(), x.shape.end());
    bool is_view = true;
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (times[i] < 0 || times[i] > (std::int64_t{1} << 40))
        return wrong("its reps are no counts");
      if (sizes[i] > (std::int64_t{1} << 40) / std::max<std::int64_t>(times[i], 1)) {
        return wrong("it repeats too often");
      }
      if (sizes[i] == 1 && times[i] != 1) x.strides[i] = 0;
      is_view &= sizes[i] == 1 || times[i] == 1;
      sizes[i] *= times[i];
    }
    const Dims shape = TRY(shape_of(sizes));
    if (is_view) {
      x.shape = shape;
      out[0] = std::move(x);
      return {};
    }
    if (x.element == Element::f16) x = as_floats(machine.memory, x);
    out[0] = make(machine.memory, x.element, shape);
    // Each dimension as one of the repetitions, and one of x; in all at most 8 that are not one.
    Dims split, from, to;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      for (const bool repeats : {true, false}) {
        const std::int64_t size = repeats ? times[i] : x.shape[i];
        if (size == 1) continue;
        if (split.size() == Dims::most) {
          return fail(ErrorCode::unsupported, "it repeats too many dimensions");
        }
        split.push_back(size);
        from.push_back(repeats ? 0 : x.strides[i]);
        to.push_back(repeats ? x.shape[i] * out[0].strides[i] : out[0].strides[i]);
      }
    }
    Tensor source = x, target = out[0];
    source.shape = target.shape = split;
    source.strides = from;
    target.strides = to;
    copy(source, target);
    return {};
  });
}

Result<Work> build_split(Parameters& parameters) {
  TRY(parameters.take("x"));
  const std::int64_t axis = TRY(parameters.integer("axis", 0));
  const auto sizes = TRY(parameters.integers("split_sizes"));
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = in[0]->packed != nullptr ? dense_floats(machine.memory, *in[0]) : *in[0];
    const std::size_t at = TRY(axis_of(axis, x.shape.size()));
    const std::int64_t size = x.shape[at];
    const auto parts = static_cast<std::int64_t>(out.size());
    if (sizes.empty() ? size % parts != 0 : sizes.size() != out.size()) {
      return wrong(fmt::format("{} cannot be split into {}", size, parts));
    }
    std::int64_t first = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::int64_t some = sizes.empty() ? size / parts : sizes[i];
      if (some < 0 || some > size - first) return wrong("its split_sizes are too large");
      out[i] = part_of(x, at, first, some);
      first += some;
    }
    return first == size ? Result<void>() : wrong("its split_sizes leave something");
  });
}

Result<Work> build_shape(Parameters& parameters) {
  TRY(parameters.take("x"));
  return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Dims& shape = in[0]->shape;
    out[0] = make(machine.memory, Element::i32, {static_cast<std::int64_t>(shape.size())});
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] > std::numeric_limits<std::int32_t>::max()) return wrong("a size is too large");
      out[0].integers()[i] = static_cast<std::int32_t>(shape[i]);
    }
    return {};
  });
}

/// `value` in all places, of stride 0.
Tensor filled(Machine& machine, const Tensor& value, const Dims& shape) {
  Tensor result = value.packed != nullptr ? dense_floats(machine.memory, value) : value;
  result.shape = shape;
  result.strides = Dims(shape.size(), 0);
  return result;
}

Result<Work> build_fill(Parameters& parameters) {
  TRY(parameters.take("shape"));
  TRY(parameters.take("value"));
  return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    if (in[1]->count() != 1) return wrong("its value is no single number");
    out[0] = filled(machine, *in[1], TRY(shape_of(integers_of(*in[0]))));
    return {};
  });
}

Result<Work> build_fill_like(Parameters& parameters) {
  TRY(parameters.take("ref_tensor"));
  TRY(parameters.take("value"));
  return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    if (in[1]->count() != 1) return wrong("its value is no single number");
    out[0] = filled(machine, *in[1], in[0]->shape);
    return {};
  });
}

Result<Work> build_range_1d(Parameters& parameters) {
  TRY(parameters.take("start"));
  TRY(parameters.take("end"));
  TRY(parameters.take("step"));
  return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    double bounds[3];
    bool is_float = false;
    for (std::size_t i = 0; i < 3; ++i) {
      if (in[i]->count() != 1) return wrong("a bound is no single number");
      is_float |= in[i]->is_float();
      bounds[i] = in[i]->is_float() ? dense_floats(machine.memory, *in[i]).floats()[0]
                                    : static_cast<double>(in[i]->integers()[0]);
    }
    const double count = std::ceil((bounds[1] - bounds[0]) / bounds[2]);
    constexpr double most = 1 << 26;
    if (!(count < most)) return wrong("its range does not end");
    const auto size = static_cast<std::int64_t>(std::max(count, 0.0));
    out[0] = make(machine.memory, is_float ? Element::f32 : Element::i32, {size});
    for (std::int64_t i = 0; i < size; ++i) {
      const double value = bounds[0] + static_cast<double>(i) * bounds[2];
      if (is_float) out[0].floats()[i] = static_cast<float>(value);
      if (!is_float) out[0].integers()[i] = cut_off(static_cast<float>(value));
    }
    return {};
  });
}

Result<Work> build_reverse(Parameters& parameters) {
  TRY(parameters.take("x"));
  const bool has_axes = parameters.has("axes");
  const auto axes = TRY(parameters.integers("axes"));
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    Tensor view = in[0]->packed != nullptr ? dense_floats(machine.memory, *in[0]) : *in[0];
    std::array<bool, Dims::most> turned{};
    if (!has_axes) turned.fill(true);
    for (const std::int64_t axis : axes) turned[TRY(axis_of(axis, view.shape.size()))] = true;
    for (std::size_t i = 0; i < view.shape.size(); ++i) {
      if (!turned[i] || view.shape[i] == 0) continue;
      view.data = view.at((view.shape[i] - 1) * view.strides[i]);
      view.strides[i] = -view.strides[i];
    }
    out[0] = std::move(view);
    return {};
  });
}

/// By a constant; the other modes mirror images.
Result<Work> build_pad(Parameters& parameters) {
  TRY(parameters.take("x"));
  TRY(parameters.take("pad"));
  const std::string mode = TRY(parameters.text("mode", "constant"));
  if (mode != "constant") return fail(ErrorCode::unsupported, "the mode " + mode);
  const float value = TRY(parameters.number("constant_val", 0));
  return Work([value](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = dense(machine.memory, *in[0]);
    const auto pads = integers_of(*in[1]);
    const std::size_t rank = x.shape.size();
    if (pads.size() % 2 != 0 || pads.size() / 2 > rank) return wrong("its pad is of another rank");
    const std::size_t first = rank - pads.size() / 2;
    std::vector<std::int64_t> sizes(x.shape.begin(), x.shape.end());
    for (std::size_t i = 0; i < pads.size(); ++i) {
      if (pads[i] < 0 || pads[i] > (std::int64_t{1} << 31)) return wrong("its pad is no count");
      sizes[first + i / 2] += pads[i];
    }
    out[0] = make(machine.memory, x.element, TRY(shape_of(sizes)));
    const std::int64_t count = out[0].count();
    if (x.is_float()) {
      std::fill_n(out[0].floats(), count, value);
    } else {
      std::fill_n(out[0].integers(), count, cut_off(value));
    }
    Tensor inner = out[0];
    inner.shape = x.shape;
    for (std::size_t i = first; i < rank; ++i) {
      inner.data = inner.at(pads[2 * (i - first)] * inner.strides[i]);
    }
    copy(x, inner);
    return {};
  });
}

/// Keeps what is at most `lower` below and `upper` above the diagonal; -1 keeps all.
Result<Work> build_band_part(Parameters& parameters) {
  TRY(parameters.take("x"));
  const std::int64_t lower = TRY(parameters.integer("lower", -1));
  const std::int64_t upper = TRY(parameters.integer("upper", -1));
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const std::size_t rank = in[0]->shape.size();
    if (rank < 2) return wrong("it is no matrix");
    const bool is_float = in[0]->is_float();
    out[0] = make(machine.memory, is_float ? Element::f32 : Element::i32, in[0]->shape);
    copy(dense(machine.memory, *in[0]), out[0]);
    const std::int64_t rows = in[0]->shape[rank - 2], columns = in[0]->shape[rank - 1];
    for (std::int64_t i = 0; i < out[0].count(); ++i) {
      const std::int64_t row = i / columns % rows, column = i % columns;
      if ((lower < 0 || row - column <= lower) && (upper < 0 || column - row <= upper)) continue;
      if (is_float) out[0].floats()[i] = 0;
      if (!is_float) out[0].integers()[i] = 0;
    }
    return {};
  });
}

constexpr std::array shapes_rows = {
    OperatorRow{"band_part", build_band_part},
    OperatorRow{"concat", build_concat},
    OperatorRow{"expand_dims", build_expand_dims},
    OperatorRow{"fill", build_fill},
    OperatorRow{"fill_like", build_fill_like},
    OperatorRow{"flatten2d", build_flatten2d},
    OperatorRow{"pad", build_pad},
    OperatorRow{"range_1d", build_range_1d},
    OperatorRow{"reshape", build_reshape},
    OperatorRow{"reverse", build_reverse},
    OperatorRow{"shape", build_shape},
    OperatorRow{"split", build_split},
    OperatorRow{"squeeze", build_squeeze},
    OperatorRow{"stack", build_stack},
    OperatorRow{"tile", build_tile},
    OperatorRow{"transpose", build_transpose},
};

}  // namespace

std::span<const OperatorRow> shape_operators() { return shapes_rows; }

}  // namespace tenfold::coreml
