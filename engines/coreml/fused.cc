// Attention as an operator, and what the program's patterns become (fusion.h).
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "fusion.h"
#include "kernels/layers.h"
#include "loops.h"
#include "matrices.h"
#include "parallel.h"

namespace tenfold::coreml {
namespace {

/// `scale` is a parameter of the fused form only; MIL's own has one over the root of the width.
Result<Work> build_attention(Parameters& parameters) {
  TRY(parameters.take("query"));
  TRY(parameters.take("key"));
  TRY(parameters.take("value"));
  const auto mask = TRY(parameters.take_if("attn_mask"));
  const float given = TRY(parameters.number("scale", 0));
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    if (in[0]->shape.empty() || in[0]->shape.back() == 0) return wrong("its query is empty");
    const float scale = given != 0 ? given : 1 / std::sqrt(static_cast<float>(in[0]->shape.back()));
    out[0] = TRY(attention(machine, *in[0], *in[1], *in[2], mask ? in[*mask] : nullptr, scale));
    return {};
  });
}

/// x over the root of the mean of its squares and epsilon, times the weight, over the last
/// dimension.
Result<Work> build_rms_norm(Parameters& parameters) {
  TRY(parameters.take("x"));
  const auto weight = TRY(parameters.take_if("weight"));
  const float epsilon = TRY(parameters.number("epsilon", 0));
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    Tensor x = as_floats(machine.memory, *in[0]);
    if (x.shape.empty() || x.shape.back() == 0) return wrong("it has no numbers");
    const std::int64_t width = x.shape.back();
    if (x.strides.back() != 1 && width > 1) x = dense_floats(machine.memory, x);
    std::vector<float> ones;
    const float* weights = nullptr;
    Tensor factors;
    if (weight) {
      factors = dense_floats(machine.memory, *in[*weight]);
      if (factors.count() != width) return wrong("its weight is of another size");
      weights = factors.floats();
    } else {
      ones.assign(static_cast<std::size_t>(width), 1);
      weights = ones.data();
    }
    out[0] = make_like(machine.memory, Element::f32, x.shape, x);
    if (out[0].strides.back() != 1) out[0] = make(machine.memory, Element::f32, x.shape);
    // All rows at once where they follow each other, else each by itself.
    if (is_dense(x)) {
      kernels::rms_norm(machine.threads, {x.floats(), static_cast<std::size_t>(width)},
                        static_cast<std::size_t>(x.count() / width),
                        static_cast<std::size_t>(width), weights, 0, epsilon, out[0].floats(),
                        static_cast<std::size_t>(width));
      return {};
    }
    Dims rows = x.shape, from = x.strides, to = out[0].strides;
    rows.erase(rows.size() - 1);
    from.erase(from.size() - 1);
    to.erase(to.size() - 1);
    for_runs<2>(rows, {from, to}, [&](const Run<2>& run) {
      for (std::int64_t i = 0; i < run.count; ++i) {
        kernels::rms_norm(
            machine.threads,
            {x.floats() + run.offsets[0] + i * run.strides[0], static_cast<std::size_t>(width)}, 1,
            static_cast<std::size_t>(width), weights, 0, epsilon,
            out[0].floats() + run.offsets[1] + i * run.strides[1], static_cast<std::size_t>(width));
      }
    });
    return {};
  });
}

/// silu or gelu (its formula with tanh) of x, times y.
template <kernels::Gate kind>
Result<Work> build_gate(Parameters& parameters) {
  TRY(parameters.take("x"));
  TRY(parameters.take("y"));
  return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    if (!(in[0]->shape == in[1]->shape)) return wrong("it multiplies different shapes");
    // Channels may be innermost in memory: both as they lie, if they lie alike.
    Tensor x = as_floats(machine.memory, *in[0]), y = as_floats(machine.memory, *in[1]);
    const auto lies = [](const Tensor& tensor) {
      const Tensor& t = tensor;
      std::int64_t far = 0;
      for (std::size_t i = 0; i < t.shape.size(); ++i) {
        if (t.strides[i] < 0) return false;
        far += (t.shape[i] - 1) * t.strides[i];
      }
      return far + 1 == t.count();
    };
    if (!(x.strides == y.strides) || !lies(x)) {
      x = dense_floats(machine.memory, x);
      y = dense_floats(machine.memory, y);
    }
    Tensor result = make(machine.memory, Element::f32, x.shape);
    result.strides = x.strides;
    const std::size_t width = x.shape.empty() ? 1 : static_cast<std::size_t>(x.shape.back());
    const std::size_t count = static_cast<std::size_t>(x.count());
    if (count > 0) {
      kernels::gate(machine.threads, kind, {x.floats(), width}, {y.floats(), width}, count / width,
                    width, result.floats());
    }
    out[0] = std::move(result);
    return {};
  });
}

/// Each half of the last dimension turned: left * cos - right * sin, right * cos + left * sin.
/// Tables are of half the width, or of the whole.
Result<Work> build_rotary(Parameters& parameters) {
  TRY(parameters.take("x"));
  TRY(parameters.take("cos"));
  TRY(parameters.take("sin"));
  return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    Tensor x = as_floats(machine.memory, *in[0]);
    const std::size_t rank = x.shape.size();
    if (rank == 0 || x.shape.back() % 2 != 0) return wrong("its last dimension has no halves");
    const std::int64_t half = x.shape.back() / 2;
    if (x.strides.back() != 1) x = dense_floats(machine.memory, x);
    Tensor tables[2] = {as_floats(machine.memory, *in[1]), as_floats(machine.memory, *in[2])};
    bool whole = false;
    for (Tensor& table : tables) {
      if (table.shape.empty() || table.shape.size() > rank) return wrong("its tables do not fit");
      if (table.strides.back() != 1) table = dense_floats(machine.memory, table);
      whole = table.shape.back() == 2 * half;
      if (!whole && table.shape.back() != half) return wrong("its tables are of another width");
      Dims strides(rank, 0);
      const std::size_t lead = rank - table.shape.size();
      for (std::size_t i = 0; i + 1 < table.shape.size(); ++i) {
        if (table.shape[i] != 1 && table.shape[i] != x.shape[lead + i]) {
          return wrong(fmt::format("tables of {} for {}", text_of(table.shape), text_of(x.shape)));
        }
        strides[lead + i] = table.shape[i] == 1 ? 0 : table.strides[i];
      }
      table.strides = strides;
    }
    if (tables[0].shape.back() != tables[1].shape.back()) return wrong("its tables differ");
    out[0] = make_like(machine.memory, Element::f32, x.shape, x);
    if (out[0].strides.back() != 1) out[0] = make(machine.memory, Element::f32, x.shape);
    Dims shape = x.shape;
    std::array<Dims, 4> strides{x.strides, tables[0].strides, tables[1].strides, out[0].strides};
    shape.erase(rank - 1);
    for (Dims& some : strides) some.erase(rank - 1);
    const std::int64_t second = whole ? half : 0;
    for_parts<4>(machine, shape, strides, [&](const Run<4>& run) {
      for (std::int64_t row = 0; row < run.count; ++row) {
        const float* from = x.floats() + run.offsets[0] + row * run.strides[0];
        const float* cosines = tables[0].floats() + run.offsets[1] + row * run.strides[1];
        const float* sines = tables[1].floats() + run.offsets[2] + row * run.strides[2];
        float* to = out[0].floats() + run.offsets[3] + row * run.strides[3];
        for (std::int64_t i = 0; i < half; ++i) {
          const float left = from[i], right = from[half + i];
          to[i] = left * cosines[i] - right * sines[i];
          to[half + i] = right * cosines[second + i] + left * sines[second + i];
        }
      }
    });
    return {};
  });
}

constexpr std::array fused_rows = {
    OperatorRow{"scaled_dot_product_attention", build_attention},
    OperatorRow{fused_attention, build_attention},
    OperatorRow{fused_gelu_gate, build_gate<kernels::Gate::gelu_tanh>},
    OperatorRow{fused_rms_norm, build_rms_norm},
    OperatorRow{fused_rotary, build_rotary},
    OperatorRow{fused_silu_gate, build_gate<kernels::Gate::silu>},
};

}  // namespace

std::span<const OperatorRow> fused_operators() { return fused_rows; }

}  // namespace tenfold::coreml
