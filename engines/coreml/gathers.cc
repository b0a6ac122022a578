// Operators that pick elements by their numbers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "kernels/linear.h"
#include "operator.h"

namespace tenfold::coreml {
namespace {

/// A number of an element, from the end if negative.
Result<std::int64_t> place_of(std::int64_t index, std::int64_t size) {
  if (index < -size || index >= size) {
    return wrong(fmt::format("it asks for place {} of {}", index, size));
  }
  return index < 0 ? index + size : index;
}

Result<Dims> joined(std::initializer_list<std::span<const std::int64_t>> parts) {
  std::vector<std::int64_t> sizes;
  for (const auto part : parts) sizes.insert(sizes.end(), part.begin(), part.end());
  return shape_of(sizes);
}

std::span<const std::int64_t> sizes_of(const Dims& dims, std::size_t first, std::size_t end) {
  return {dims.begin() + first, end - first};
}

/// Rows of a matrix of weights, packed or not.
Result<void> gather_rows(Machine& machine, const Tensor& x, const std::vector<std::int64_t>& places,
                         const Dims& shape, Tensor& out) {
  out = make(machine.memory, Element::f32, shape);
  const std::int64_t width = x.shape.back();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::int64_t row = TRY(place_of(places[i], x.shape[0]));
    kernels::read_row(*x.packed, static_cast<std::size_t>(row), 0, x.packed->columns,
                      out.floats() + static_cast<std::int64_t>(i) * width);
  }
  return {};
}

Result<Work> build_gather(Parameters& parameters) {
  TRY(parameters.take("x"));
  TRY(parameters.take("indices"));
  const std::int64_t axis = TRY(parameters.integer("axis", 0));
  const std::int64_t shared = TRY(parameters.integer("batch_dims", 0));
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const std::size_t rank = in[0]->shape.size();
    const std::size_t at = TRY(axis_of(axis, rank));
    const Dims& by = in[1]->shape;
    if (shared < 0 || static_cast<std::size_t>(shared) > std::min(at, by.size())) {
      return wrong("its batch_dims are too many");
    }
    const auto batch = static_cast<std::size_t>(shared);
    const Dims shape = TRY(joined({sizes_of(in[0]->shape, 0, at), sizes_of(by, batch, by.size()),
                                   sizes_of(in[0]->shape, at + 1, rank)}));
    const auto places = integers_of(*in[1]);
    if (in[0]->packed != nullptr && at == 0 && rank == 2) {
      return gather_rows(machine, *in[0], places, shape, out[0]);
    }
    const Tensor x = in[0]->packed != nullptr ? dense_floats(machine.memory, *in[0]) : *in[0];
    for (std::size_t i = 0; i < batch; ++i) {
      if (x.shape[i] != by[i]) return wrong("its batch_dims differ");
    }
    out[0] = make(machine.memory, x.is_float() ? Element::f32 : Element::i32, shape);
    const std::int64_t batches = count_of(TRY(joined({sizes_of(x.shape, 0, batch)})));
    const std::int64_t each = batches == 0 ? 0 : static_cast<std::int64_t>(places.size()) / batches;
    // One place of x along the axis is copied at a time: x and the result without that dimension.
    Tensor from = x, to = out[0];
    from.shape.erase(at);
    from.strides.erase(at);
    const std::size_t inner_by = by.size() - batch;
    to.shape = from.shape;
    to.strides = Dims();
    for (std::size_t i = 0; i < at; ++i) to.strides.push_back(out[0].strides[i]);
    for (std::size_t i = at + inner_by; i < shape.size(); ++i)
      to.strides.push_back(out[0].strides[i]);
    std::int64_t step = 1;  // from a place to the next in the result
    for (std::size_t i = at + inner_by; i < shape.size(); ++i) step *= shape[i];
    for (std::size_t i = 0; i < batch; ++i) from.shape[i] = to.shape[i] = 1;
    const Dims lead = TRY(joined({sizes_of(x.shape, 0, batch)}));
    for (std::int64_t b = 0; b < batches; ++b) {
      std::int64_t from_offset = 0, to_offset = 0, rest = b;
      for (std::size_t i = batch; i-- > 0;) {
        from_offset += rest % lead[i] * x.strides[i];
        to_offset += rest % lead[i] * out[0].strides[i];
        rest /= lead[i];
      }
      for (std::int64_t i = 0; i < each; ++i) {
        const std::int64_t place =
            TRY(place_of(places[static_cast<std::size_t>(b * each + i)], x.shape[at]));
        from.data = x.at(from_offset + place * x.strides[at]);
        to.data = out[0].at(to_offset + i * step);
        copy(from, to);
      }
    }
    return {};
  });
}

Result<Work> build_gather_nd(Parameters& parameters) {
  TRY(parameters.take("x"));
  TRY(parameters.take("indices"));
  if (TRY(parameters.integer("batch_dims", 0)) != 0) {
    return fail(ErrorCode::unsupported, "it has batch_dims");
  }
  return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = in[0]->packed != nullptr ? dense_floats(machine.memory, *in[0]) : *in[0];
    const Dims& by = in[1]->shape;
    if (by.empty() || by.back() > static_cast<std::int64_t>(x.shape.size())) {
      return wrong("its indices are of too many dimensions");
    }
    const auto depth = static_cast<std::size_t>(by.back());
    const Dims shape =
        TRY(joined({sizes_of(by, 0, by.size() - 1), sizes_of(x.shape, depth, x.shape.size())}));
    out[0] = make(machine.memory, x.is_float() ? Element::f32 : Element::i32, shape);
    const auto places = integers_of(*in[1]);
    Tensor from = x;
    for (std::size_t i = 0; i < depth; ++i) {
      from.shape.erase(0);
      from.strides.erase(0);
    }
    Tensor to = out[0];
    to.shape = from.shape;
    to.strides = row_major(from.shape);
    const std::int64_t step = count_of(from.shape);
    const std::size_t count =
        depth == 0 ? static_cast<std::size_t>(count_of(by)) : places.size() / depth;
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t offset = 0;
      for (std::size_t d = 0; d < depth; ++d) {
        offset += TRY(place_of(places[i * depth + d], x.shape[d])) * x.strides[d];
      }
      from.data = x.at(offset);
      to.data = out[0].at(static_cast<std::int64_t>(i) * step);
      copy(from, to);
    }
    return {};
  });
}

Result<Work> build_gather_along_axis(Parameters& parameters) {
  TRY(parameters.take("x"));
  TRY(parameters.take("indices"));
  const std::int64_t axis = TRY(parameters.integer("axis", 0));
  return Work([axis](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = dense(machine.memory, *in[0]);
    const Dims& shape = in[1]->shape;
    const std::size_t at = TRY(axis_of(axis, x.shape.size()));
    if (shape.size() != x.shape.size()) return wrong("its indices are of another rank");
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (i != at && shape[i] != x.shape[i]) return wrong("its indices are of another shape");
    }
    const auto places = integers_of(*in[1]);
    out[0] = make(machine.memory, x.element, shape);
    std::int64_t inner = 1;
    for (std::size_t i = at + 1; i < shape.size(); ++i) inner *= shape[i];
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto number = static_cast<std::int64_t>(i);
      const std::int64_t outer = number / (inner * shape[at]);
      const std::int64_t place = TRY(place_of(places[i], x.shape[at]));
      std::memcpy(out[0].at(number), x.at((outer * x.shape[at] + place) * inner + number % inner),
                  4);
    }
    return {};
  });
}

/// Replaces places of x: mode "update", or "add".
Result<Work> build_scatter_nd(Parameters& parameters) {
  TRY(parameters.take("data"));
  TRY(parameters.take("indices"));
  TRY(parameters.take("updates"));
  const std::string mode = TRY(parameters.text("mode", "add"));
  if (mode != "update" && mode != "add") return fail(ErrorCode::unsupported, "the mode " + mode);
  const bool adds = mode == "add";
  return Work([adds](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = dense(machine.memory, *in[0]), updates = dense(machine.memory, *in[2]);
    if (x.element != updates.element) return wrong("its updates are of another type");
    const Dims& by = in[1]->shape;
    if (by.empty() || by.back() < 1 || by.back() > static_cast<std::int64_t>(x.shape.size())) {
      return wrong("its indices are of too many dimensions");
    }
    const auto depth = static_cast<std::size_t>(by.back());
    std::int64_t width = 1;
    for (std::size_t i = depth; i < x.shape.size(); ++i) width *= x.shape[i];
    const auto places = integers_of(*in[1]);
    const auto count = static_cast<std::int64_t>(places.size() / depth);
    if (updates.count() != count * width) return wrong("its updates are of another shape");
    out[0] = make(machine.memory, x.element, x.shape);
    copy(x, out[0]);
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t offset = 0;
      for (std::size_t d = 0; d < depth; ++d) {
        const std::int64_t index = places[static_cast<std::size_t>(i) * depth + d];
        offset += TRY(place_of(index, x.shape[d])) * x.strides[d];
      }
      for (std::int64_t j = 0; j < width; ++j) {
        if (x.is_float()) {
          float& to = out[0].floats()[offset + j];
          to = (adds ? to : 0) + updates.floats()[i * width + j];
        } else {
          std::int32_t& to = out[0].integers()[offset + j];
          const auto sum = static_cast<std::uint32_t>(adds ? to : 0) +
                           static_cast<std::uint32_t>(updates.integers()[i * width + j]);
          to = static_cast<std::int32_t>(sum);
        }
      }
    }
    return {};
  });
}

/// The greatest k along an axis, or the least, and their places.
Result<Work> build_topk(Parameters& parameters) {
  TRY(parameters.take("x"));
  const std::int64_t k = TRY(parameters.integer("k", 1));
  const std::int64_t axis = TRY(parameters.integer("axis", -1));
  const bool ascending = TRY(parameters.integer("ascending", 0)) != 0;
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = dense_floats(machine.memory, *in[0]);
    const std::size_t rank = x.shape.size();
    if (TRY(axis_of(axis, rank)) + 1 != rank) {
      return fail(ErrorCode::unsupported, "it looks along another axis than the last");
    }
    const std::int64_t size = x.shape.back();
    const std::int64_t some = k == -1 ? size : k;
    if (some < 0 || some > size) return wrong(fmt::format("it wants {} of {}", k, size));
    Dims shape = x.shape;
    shape.back() = some;
    Tensor values = make(machine.memory, Element::f32, shape);
    Tensor places = make(machine.memory, Element::i32, shape);
    std::vector<std::int32_t> order(static_cast<std::size_t>(size));
    for (std::int64_t row = 0; size > 0 && row < x.count() / size; ++row) {
      const float* from = x.floats() + row * size;
      std::iota(order.begin(), order.end(), 0);
      std::partial_sort(order.begin(), order.begin() + some, order.end(),
                        [&](std::int32_t a, std::int32_t b) {
                          if (from[a] != from[b]) return (from[a] > from[b]) != ascending;
                          return a < b;
                        });
      for (std::int64_t i = 0; i < some; ++i) {
        const std::int32_t place = order[static_cast<std::size_t>(i)];
        values.floats()[row * some + i] = from[place];
        places.integers()[row * some + i] = place;
      }
    }
    if (out.size() != 2) return wrong("it has not two outputs");
    out[0] = values;
    out[1] = places;
    return {};
  });
}

Result<Work> build_one_hot(Parameters& parameters) {
  TRY(parameters.take("indices"));
  const std::int64_t size = TRY(parameters.integer("one_hot_vector_size", 1));
  const std::int64_t axis = TRY(parameters.integer("axis", -1));
  const float on = TRY(parameters.number("on_value", 1));
  const float off = TRY(parameters.number("off_value", 0));
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    Dims shape = in[0]->shape;
    if (TRY(axis_of(axis, shape.size() + 1)) != shape.size()) {
      return fail(ErrorCode::unsupported, "its new axis is not the last");
    }
    if (shape.size() == Dims::most || size < 1) return wrong("it makes no possible shape");
    shape.push_back(size);
    out[0] = make(machine.memory, Element::f32, TRY(shape_of({shape.begin(), shape.size()})));
    std::fill_n(out[0].floats(), out[0].count(), off);
    const auto places = integers_of(*in[0]);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const std::int64_t place = TRY(place_of(places[i], size));
      out[0].floats()[static_cast<std::int64_t>(i) * size + place] = on;
    }
    return {};
  });
}

constexpr std::array gathers_rows = {
    OperatorRow{"gather", build_gather},
    OperatorRow{"gather_along_axis", build_gather_along_axis},
    OperatorRow{"gather_nd", build_gather_nd},
    OperatorRow{"one_hot", build_one_hot},
    OperatorRow{"scatter_nd", build_scatter_nd},
    OperatorRow{"topk", build_topk},
};

}  // namespace

std::span<const OperatorRow> gather_operators() { return gathers_rows; }

}  // namespace tenfold::coreml
