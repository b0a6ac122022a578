// Operators that make one number from those along some dimensions, and running sums.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/instruction_set.h"
#include "loops.h"
#include "operator.h"

namespace tenfold::coreml {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// Dimensions of a tensor in two parts: those that stay, and those that are reduced.
struct Parts {
  Dims kept, kept_strides;
  Dims gone, gone_strides;
  Dims result;  ///< the shape that is left
};

Result<Parts> parts_of(const Tensor& x, const std::vector<std::int64_t>& axes, bool keeps) {
  const std::size_t rank = x.shape.size();
  std::array<bool, Dims::most> gone{};
  if (axes.empty()) gone.fill(true);
  for (const std::int64_t axis : axes) gone[TRY(axis_of(axis, rank))] = true;
  Parts parts;
  for (std::size_t i = 0; i < rank; ++i) {
    (gone[i] ? parts.gone : parts.kept).push_back(x.shape[i]);
    (gone[i] ? parts.gone_strides : parts.kept_strides).push_back(x.strides[i]);
    if (!gone[i] || keeps) parts.result.push_back(gone[i] ? 1 : x.shape[i]);
  }
  return parts;
}

/// Calls work(number of the result, offset of its first element in x), row by row.
template <typename Function>
void for_results(const Parts& parts, const Function& work) {
  std::int64_t number = 0;
  for_runs<1>(parts.kept, {parts.kept_strides}, [&](const Run<1>& run) {
    for (std::int64_t i = 0; i < run.count; ++i)
      work(number++, run.offsets[0] + i * run.strides[0]);
  });
}

/// `add(so far, x)` over all that is reduced, from `start` on; then `finish(sum, count)`.
struct Reduction {
  float start;
  float (*add)(float sum, float x);
  float (*finish)(float sum, float count);
};

float as_it_is(float sum, float /*count*/) { return sum; }
float sum_up(float sum, float x) { return sum + x; }
float sum_squares(float sum, float x) { return sum + x * x; }
float sum_magnitudes(float sum, float x) { return sum + std::abs(x); }

Work reduce(Reduction how, std::vector<std::int64_t> axes, bool keeps) {
  return [=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const bool is_float = in[0]->is_float();
    const Tensor x =
        is_float ? as_floats(machine.memory, *in[0]) : dense_floats(machine.memory, *in[0]);
    const Parts parts = TRY(parts_of(x, axes, keeps));
    Tensor result = make(machine.memory, Element::f32, parts.result);
    const auto count = static_cast<float>(count_of(parts.gone));
    for_results(parts, [&](std::int64_t number, std::int64_t offset) {
      float sum = how.start;
      for_runs<1>(parts.gone, {parts.gone_strides}, [&](const Run<1>& run) {
        const float* from = x.floats() + offset + run.offsets[0];
        if (how.add == sum_squares && run.strides[0] == 1) {
          sum += kernels::fastest().sum_of_squares(from, static_cast<std::size_t>(run.count));
        } else if (run.strides[0] == 1) {
          for (std::int64_t i = 0; i < run.count; ++i) sum = how.add(sum, from[i]);
        } else {
          for (std::int64_t i = 0; i < run.count; ++i) sum = how.add(sum, from[i * run.strides[0]]);
        }
      });
      result.floats()[number] = how.finish(sum, count);
    });
    out[0] = result;
    if (is_float) return {};
    out[0] = make(machine.memory, Element::i32, parts.result);
    copy(result, out[0]);
    return {};
  };
}

Result<Work> build(Parameters& parameters, const Reduction& how) {
  TRY(parameters.take("x"));
  const auto axes = TRY(parameters.integers("axes"));
  return reduce(how, axes, TRY(parameters.integer("keep_dims", 0)) != 0);
}

Result<Work> build_sum(Parameters& parameters) { return build(parameters, {0, sum_up, as_it_is}); }

Result<Work> build_mean(Parameters& parameters) {
  return build(parameters, {0, sum_up, [](float sum, float count) { return sum / count; }});
}

Result<Work> build_max(Parameters& parameters) {
  return build(parameters,
               {-infinity, [](float sum, float x) { return std::max(sum, x); }, as_it_is});
}

Result<Work> build_min(Parameters& parameters) {
  return build(parameters,
               {infinity, [](float sum, float x) { return std::min(sum, x); }, as_it_is});
}

Result<Work> build_prod(Parameters& parameters) {
  return build(parameters, {1, [](float sum, float x) { return sum * x; }, as_it_is});
}

Result<Work> build_sum_square(Parameters& parameters) {
  return build(parameters, {0, sum_squares, as_it_is});
}

Result<Work> build_reduce_l1_norm(Parameters& parameters) {
  return build(parameters, {0, sum_magnitudes, as_it_is});
}

Result<Work> build_reduce_l2_norm(Parameters& parameters) {
  return build(parameters,
               {0, sum_squares, [](float sum, float /*count*/) { return std::sqrt(sum); }});
}

Result<Work> build_log_sum(Parameters& parameters) {
  return build(parameters, {0, sum_up, [](float sum, float /*count*/) { return std::log(sum); }});
}

Result<Work> build_log_sum_exp(Parameters& parameters) {
  TRY(parameters.take("x"));
  const auto axes = TRY(parameters.integers("axes"));
  const bool keeps = TRY(parameters.integer("keep_dims", 0)) != 0;
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = dense_floats(machine.memory, *in[0]);
    const Parts parts = TRY(parts_of(x, axes, keeps));
    out[0] = make(machine.memory, Element::f32, parts.result);
    for_results(parts, [&](std::int64_t number, std::int64_t offset) {
      float top = -infinity, sum = 0;
      const auto each = [&](const auto& work) {
        for_runs<1>(parts.gone, {parts.gone_strides}, [&](const Run<1>& run) {
          for (std::int64_t i = 0; i < run.count; ++i) {
            work(x.floats()[offset + run.offsets[0] + i * run.strides[0]]);
          }
        });
      };
      each([&](float value) { top = std::max(top, value); });
      if (std::isfinite(top)) each([&](float value) { sum += std::exp(value - top); });
      out[0].floats()[number] = std::isfinite(top) ? top + std::log(sum) : top;
    });
    return {};
  });
}

/// The place of the greatest, the first of several; of the least where `least`.
template <bool least>
Result<Work> build_place(Parameters& parameters) {
  TRY(parameters.take("x"));
  const std::int64_t axis = TRY(parameters.integer("axis", -1));
  const bool keeps = TRY(parameters.integer("keep_dims", 0)) != 0;
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = dense_floats(machine.memory, *in[0]);
    const Parts parts = TRY(parts_of(x, {axis}, keeps));
    if (parts.gone[0] == 0) return wrong("it looks for a number where there is none");
    out[0] = make(machine.memory, Element::i32, parts.result);
    for_results(parts, [&](std::int64_t number, std::int64_t offset) {
      const float* from = x.floats() + offset;
      const std::int64_t stride = parts.gone_strides[0];
      std::int64_t best = 0;
      for (std::int64_t i = 1; i < parts.gone[0]; ++i) {
        const float value = from[i * stride], so_far = from[best * stride];
        if (least ? value < so_far : value > so_far) best = i;
      }
      out[0].integers()[number] = static_cast<std::int32_t>(best);
    });
    return {};
  });
}

Result<Work> build_cumsum(Parameters& parameters) {
  TRY(parameters.take("x"));
  const std::int64_t axis = TRY(parameters.integer("axis", 0));
  const bool exclusive = TRY(parameters.integer("exclusive", 0)) != 0;
  const bool backwards = TRY(parameters.integer("reverse", 0)) != 0;
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const bool is_float = in[0]->is_float();
    const Tensor x = dense_floats(machine.memory, *in[0]);
    const Parts parts = TRY(parts_of(x, {axis}, true));
    Tensor result = make(machine.memory, Element::f32, x.shape);
    for_results(parts, [&](std::int64_t /*number*/, std::int64_t offset) {
      const std::int64_t size = parts.gone[0], stride = parts.gone_strides[0];
      float sum = 0;
      for (std::int64_t i = 0; i < size; ++i) {
        const std::int64_t at = offset + (backwards ? size - 1 - i : i) * stride;
        const float before = sum;
        sum += x.floats()[at];
        result.floats()[at] = exclusive ? before : sum;
      }
    });
    out[0] = result;
    if (is_float) return {};
    out[0] = make(machine.memory, Element::i32, x.shape);
    copy(result, out[0]);
    return {};
  });
}

constexpr std::array reductions_rows = {
    OperatorRow{"cumsum", build_cumsum},
    OperatorRow{"reduce_argmax", build_place<false>},
    OperatorRow{"reduce_argmin", build_place<true>},
    OperatorRow{"reduce_l1_norm", build_reduce_l1_norm},
    OperatorRow{"reduce_l2_norm", build_reduce_l2_norm},
    OperatorRow{"reduce_log_sum", build_log_sum},
    OperatorRow{"reduce_log_sum_exp", build_log_sum_exp},
    OperatorRow{"reduce_max", build_max},
    OperatorRow{"reduce_mean", build_mean},
    OperatorRow{"reduce_min", build_min},
    OperatorRow{"reduce_prod", build_prod},
    OperatorRow{"reduce_sum", build_sum},
    OperatorRow{"reduce_sum_square", build_sum_square},
};

}  // namespace

std::span<const OperatorRow> reduction_operators() { return reductions_rows; }

}  // namespace tenfold::coreml
