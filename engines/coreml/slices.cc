// Operators that take parts of tensors out, as views, and put parts in.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "operator.h"

namespace tenfold::coreml {
namespace {

using Integers = std::vector<std::int64_t>;

/// What slice_by_index and slice_update have in common.
struct SliceParameters {
  std::size_t begin = 0, end = 0;  ///< numbers of inputs
  std::optional<std::size_t> stride;
  Integers begin_mask, end_mask, squeeze_mask;
};

Result<SliceParameters> read_slice(Parameters& parameters) {
  SliceParameters slice;
  slice.begin = TRY(parameters.take("begin"));
  slice.end = TRY(parameters.take("end"));
  slice.stride = TRY(parameters.take_if("stride"));
  slice.begin_mask = TRY(parameters.integers("begin_mask"));
  slice.end_mask = TRY(parameters.integers("end_mask"));
  slice.squeeze_mask = TRY(parameters.integers("squeeze_mask"));
  return slice;
}

/// A view of the part of `x`, with dimensions of one where they are squeezed.
Result<Tensor> part(const Tensor& x, const SliceParameters& slice, Inputs in) {
  const std::size_t rank = x.shape.size();
  const Integers begins = integers_of(*in[slice.begin]), ends = integers_of(*in[slice.end]);
  const Integers strides = slice.stride ? integers_of(*in[*slice.stride]) : Integers(rank, 1);
  const auto fits = [&](const Integers& mask) { return mask.empty() || mask.size() == rank; };
  if (begins.size() != rank || ends.size() != rank || strides.size() != rank ||
      !fits(slice.begin_mask) || !fits(slice.end_mask) || !fits(slice.squeeze_mask)) {
    return wrong(fmt::format("its bounds are not of {} dimensions", rank));
  }
  const auto has = [](const Integers& mask, std::size_t i) {
    return !mask.empty() && mask[i] != 0;
  };
  Tensor view = x;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t size = x.shape[i], stride = strides[i];
    std::int64_t begin = begins[i] < 0 ? begins[i] + size : begins[i];
    std::int64_t end = ends[i] < 0 ? ends[i] + size : ends[i];
    if (has(slice.squeeze_mask, i)) {
      if (begin < 0 || begin >= size) {
        return wrong(fmt::format("it takes place {} of a dimension of {}", begins[i], size));
      }
      view.shape[i] = 1;
      view.data = view.at(begin * x.strides[i]);
      continue;
    }
    if (stride == 0) return wrong("its stride is 0");
    const bool forwards = stride > 0;
    if (has(slice.begin_mask, i)) begin = forwards ? 0 : size - 1;
    if (has(slice.end_mask, i)) end = forwards ? size : -1;
    begin = std::clamp<std::int64_t>(begin, forwards ? 0 : -1, forwards ? size : size - 1);
    end = std::clamp<std::int64_t>(end, -1, size);
    const std::int64_t far = forwards ? end - begin : begin - end;
    const std::int64_t step = forwards ? stride : -stride;
    view.shape[i] = far <= 0 ? 0 : (far - 1) / step + 1;
    if (view.shape[i] > 0) view.data = view.at(begin * x.strides[i]);
    view.strides[i] = view.shape[i] > 1 ? stride * x.strides[i] : x.strides[i];
  }
  return view;
}

Tensor squeezed(Tensor view, const Integers& mask) {
  for (std::size_t i = view.shape.size(); i-- > 0;) {
    if (mask.empty() || mask[i] == 0) continue;
    view.shape.erase(i);
    view.strides.erase(i);
  }
  return view;
}

Result<Work> build_slice_by_index(Parameters& parameters) {
  TRY(parameters.take("x"));
  const SliceParameters slice = TRY(read_slice(parameters));
  return Work([slice](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = in[0]->packed != nullptr ? dense_floats(machine.memory, *in[0]) : *in[0];
    out[0] = squeezed(TRY(part(x, slice, in)), slice.squeeze_mask);
    return {};
  });
}

Result<Work> build_slice_by_size(Parameters& parameters) {
  TRY(parameters.take("x"));
  TRY(parameters.take("begin"));
  TRY(parameters.take("size"));
  return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    Tensor view = in[0]->packed != nullptr ? dense_floats(machine.memory, *in[0]) : *in[0];
    const Integers begins = integers_of(*in[1]), sizes = integers_of(*in[2]);
    const std::size_t rank = view.shape.size();
    if (begins.size() != rank || sizes.size() != rank)
      return wrong("its bounds are of another rank");
    for (std::size_t i = 0; i < rank; ++i) {
      const std::int64_t whole = view.shape[i];
      const std::int64_t begin = begins[i] < 0 ? begins[i] + whole : begins[i];
      if (begin < 0 || begin > whole || sizes[i] < -1 || sizes[i] > whole - begin) {
        return wrong(fmt::format("it takes {} from {} on of {}", sizes[i], begins[i], whole));
      }
      view.shape[i] = sizes[i] == -1 ? whole - begin : sizes[i];
      view.data = view.at(begin * view.strides[i]);
    }
    out[0] = std::move(view);
    return {};
  });
}

/// Where nothing else refers to x's memory but x itself and what it will replace (a state), the
/// part is written in place.
Result<Work> build_slice_update(Parameters& parameters) {
  TRY(parameters.take("x"));
  TRY(parameters.take("update"));
  const SliceParameters slice = TRY(read_slice(parameters));
  const bool in_place = parameters.in_place();
  return Work([slice, in_place](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    constexpr std::uint32_t itself_and_state = 2;
    Tensor whole = *in[0];
    if (whole.packed != nullptr || !in_place || whole.block.empty() ||
        whole.block.references() > itself_and_state + 1) {  // and `whole`
      const Tensor from = whole.packed != nullptr ? dense_floats(machine.memory, whole) : whole;
      whole = make(machine.memory, from.element, from.shape);
      copy(from, whole);
    }
    Tensor place = TRY(part(whole, slice, in));
    Tensor update = *in[1];
    if (update.packed != nullptr) update = dense_floats(machine.memory, update);
    if (update.block == whole.block) update = dense(machine.memory, update);
    const Dims wanted = squeezed(place, slice.squeeze_mask).shape;
    if (!(update.shape == wanted)) {
      if (count_of(wanted) != update.count()) {
        return wrong(fmt::format("it puts {} into {}", text_of(update.shape), text_of(wanted)));
      }
      update = dense(machine.memory, update);
    }
    update = [&] {
      const auto view = reshaped(update, place.shape);
      return view ? *view : *reshaped(dense(machine.memory, update), place.shape);
    }();
    copy(update, place);
    out[0] = std::move(whole);
    return {};
  });
}

constexpr std::array slices_rows = {
    OperatorRow{"slice_by_index", build_slice_by_index},
    OperatorRow{"slice_by_size", build_slice_by_size},
    OperatorRow{"slice_update", build_slice_update},
};

}  // namespace

std::span<const OperatorRow> slice_operators() { return slices_rows; }

}  // namespace tenfold::coreml
