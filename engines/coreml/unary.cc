// Operators that compute each element from one.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "loops.h"
#include "operator.h"
#include "parallel.h"

namespace tenfold::coreml {
namespace {

/// Numbers worth a task; a number costs about this many nanoseconds.
template <typename Function>
Work floats(Function function) {
  return [function](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = as_floats(machine.memory, *in[0]);
    out[0] = make_like(machine.memory, Element::f32, x.shape, x);
    for_parts<2>(machine, x.shape, {x.strides, out[0].strides}, [&](const Run<2>& run) {
      const float* from = x.floats() + run.offsets[0];
      float* to = out[0].floats() + run.offsets[1];
      const std::int64_t step = run.strides[0], to_step = run.strides[1];
      if (step == 1 && to_step == 1) {
        for (std::int64_t i = 0; i < run.count; ++i) to[i] = function(from[i]);
      } else {
        for (std::int64_t i = 0; i < run.count; ++i) to[i * to_step] = function(from[i * step]);
      }
    });
    return {};
  };
}

/// Likewise, and for integers by `whole`.
template <typename Function, typename Whole>
Work numbers(Function function, Whole whole) {
  return [of_floats = floats(function), whole](Machine& machine, Inputs in,
                                               Outputs out) -> Result<void> {
    if (in[0]->is_float()) return of_floats(machine, in, out);
    const Tensor x = dense(machine.memory, *in[0]);
    out[0] = make(machine.memory, Element::i32, x.shape);
    for (std::int64_t i = 0; i < x.count(); ++i) out[0].integers()[i] = whole(x.integers()[i]);
    return {};
  };
}

/// A row for a function without parameters.
template <float (*function)(float)>
Result<Work> simple(Parameters& parameters) {
  TRY(parameters.take("x"));
  return floats([](float x) { return function(x); });
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }
float silu(float x) { return x / (1 + std::exp(-x)); }
float sign(float x) { return x > 0 ? 1.0F : x < 0 ? -1.0F : 0.0F; }
float relu(float x) { return std::max(x, 0.0F); }
float relu6(float x) { return std::clamp(x, 0.0F, 6.0F); }
float softplus(float x) { return std::max(x, 0.0F) + std::log1p(std::exp(-std::abs(x))); }
float softsign(float x) { return x / (1 + std::abs(x)); }
float half_even(float x) { return std::nearbyint(x); }
float gelu(float x) { return 0.5F * x * (1 + std::erf(x * (1 / std::numbers::sqrt2_v<float>))); }
float gelu_tanh(float x) {
  return 0.5F * x * (1 + std::tanh(0.7978845608F * (x + 0.044715F * x * x * x)));
}
float gelu_sigmoid(float x) { return x * sigmoid(1.702F * x); }

Result<Work> build_abs(Parameters& parameters) {
  TRY(parameters.take("x"));
  return numbers([](float x) { return std::abs(x); },
                 [](std::int32_t x) {
                   return x < 0 ? static_cast<std::int32_t>(0U - static_cast<std::uint32_t>(x)) : x;
                 });
}

Result<Work> build_square(Parameters& parameters) {
  TRY(parameters.take("x"));
  return floats([](float x) { return x * x; });
}

Result<Work> build_logical_not(Parameters& parameters) {
  TRY(parameters.take("x"));
  return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = dense(machine.memory, *in[0]);
    if (x.is_float()) return wrong("its input is not of booleans");
    out[0] = make(machine.memory, Element::i32, x.shape);
    for (std::int64_t i = 0; i < x.count(); ++i) {
      out[0].integers()[i] = x.integers()[i] == 0 ? 1 : 0;
    }
    return {};
  });
}

/// rsqrt, inverse and log have an epsilon; only coremltools' own default is no parameter of it.
Result<Work> build_rsqrt(Parameters& parameters) {
  TRY(parameters.take("x"));
  const float epsilon = TRY(parameters.number("epsilon", 1e-12F));
  return floats([epsilon](float x) { return 1 / std::sqrt(x + epsilon); });
}

Result<Work> build_inverse(Parameters& parameters) {
  TRY(parameters.take("x"));
  const float epsilon = TRY(parameters.number("epsilon", 1e-4F));
  return floats([epsilon](float x) { return 1 / (x + epsilon); });
}

Result<Work> build_log(Parameters& parameters) {
  TRY(parameters.take("x"));
  const float epsilon = TRY(parameters.number("epsilon", 1e-45F));
  return floats([epsilon](float x) { return std::log(x + epsilon); });
}

Result<Work> build_clip(Parameters& parameters) {
  TRY(parameters.take("x"));
  const float low = TRY(parameters.number("alpha", 0)), high = TRY(parameters.number("beta", 1));
  return floats([=](float x) { return std::min(std::max(x, low), high); });
}

Result<Work> build_threshold(Parameters& parameters) {
  TRY(parameters.take("x"));
  const float least = TRY(parameters.number("alpha", 1));
  return floats([=](float x) { return std::max(x, least); });
}

Result<Work> build_leaky_relu(Parameters& parameters) {
  TRY(parameters.take("x"));
  const float slope = TRY(parameters.number("alpha", 0.01F));
  return floats([=](float x) { return x >= 0 ? x : slope * x; });
}

Result<Work> build_elu(Parameters& parameters) {
  TRY(parameters.take("x"));
  const float alpha = TRY(parameters.number("alpha", 1));
  return floats([=](float x) { return x >= 0 ? x : alpha * std::expm1(x); });
}

Result<Work> build_sigmoid_hard(Parameters& parameters) {
  TRY(parameters.take("x"));
  const float slope = TRY(parameters.number("alpha", 0.2F));
  const float middle = TRY(parameters.number("beta", 0.5F));
  return floats([=](float x) { return std::clamp(slope * x + middle, 0.0F, 1.0F); });
}

Result<Work> build_linear_activation(Parameters& parameters) {
  TRY(parameters.take("x"));
  const float slope = TRY(parameters.number("alpha", 1)), shift = TRY(parameters.number("beta", 0));
  return floats([=](float x) { return slope * x + shift; });
}

Result<Work> build_gelu(Parameters& parameters) {
  TRY(parameters.take("x"));
  const std::string mode = TRY(parameters.text("mode", "EXACT"));
  if (mode == "EXACT") return floats([](float x) { return gelu(x); });
  if (mode == "TANH_APPROXIMATION") return floats([](float x) { return gelu_tanh(x); });
  if (mode == "SIGMOID_APPROXIMATION") return floats([](float x) { return gelu_sigmoid(x); });
  return fail(ErrorCode::unsupported, "the mode " + mode);
}

Work identity() {
  return [](Machine& /*machine*/, Inputs in, Outputs out) -> Result<void> {
    out[0] = *in[0];
    return {};
  };
}

Result<Work> build_identity(Parameters& parameters) {
  TRY(parameters.take("x"));
  return identity();
}

/// Integers keep their value, whatever width is asked for: programs narrow only what fits.
Result<Work> build_cast(Parameters& parameters) {
  TRY(parameters.take("x"));
  const std::string name = TRY(parameters.text("dtype", ""));
  const auto wanted = mil_element(name);
  if (!wanted || *wanted == MilElement::string) {
    return fail(ErrorCode::unsupported, "the type " + name);
  }
  if (*wanted == MilElement::boolean) {
    return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
      const Tensor x = dense_floats(machine.memory, *in[0]);
      out[0] = make(machine.memory, Element::i32, x.shape);
      for (std::int64_t i = 0; i < x.count(); ++i) {
        out[0].integers()[i] = x.floats()[i] != 0 ? 1 : 0;
      }
      return {};
    });
  }
  const bool to_float = is_float(*wanted);
  return Work([to_float](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    if (to_float == in[0]->is_float()) {
      out[0] = *in[0];
      return {};
    }
    const Tensor x = dense(machine.memory, *in[0]);
    out[0] = make(machine.memory, to_float ? Element::f32 : Element::i32, x.shape);
    copy(x, out[0]);
    return {};
  });
}

constexpr std::array unary_rows = {
    OperatorRow{"abs", build_abs},
    OperatorRow{"cast", build_cast},
    OperatorRow{"ceil", simple<std::ceil>},
    OperatorRow{"clip", build_clip},
    OperatorRow{"cos", simple<std::cos>},
    OperatorRow{"elu", build_elu},
    OperatorRow{"erf", simple<std::erf>},
    OperatorRow{"exp", simple<std::exp>},
    OperatorRow{"exp2", simple<std::exp2>},
    OperatorRow{"floor", simple<std::floor>},
    OperatorRow{"gelu", build_gelu},
    OperatorRow{"identity", build_identity},
    OperatorRow{"inverse", build_inverse},
    OperatorRow{"leaky_relu", build_leaky_relu},
    OperatorRow{"linear_activation", build_linear_activation},
    OperatorRow{"log", build_log},
    OperatorRow{"logical_not", build_logical_not},
    OperatorRow{"relu", simple<relu>},
    OperatorRow{"relu6", simple<relu6>},
    OperatorRow{"round", simple<half_even>},
    OperatorRow{"rsqrt", build_rsqrt},
    OperatorRow{"sigmoid", simple<sigmoid>},
    OperatorRow{"sigmoid_hard", build_sigmoid_hard},
    OperatorRow{"sign", simple<sign>},
    OperatorRow{"silu", simple<silu>},
    OperatorRow{"sin", simple<std::sin>},
    OperatorRow{"softplus", simple<softplus>},
    OperatorRow{"softsign", simple<softsign>},
    OperatorRow{"sqrt", simple<std::sqrt>},
    OperatorRow{"square", build_square},
    OperatorRow{"tanh", simple<std::tanh>},
    OperatorRow{"threshold", build_threshold},
};

}  // namespace

std::span<const OperatorRow> unary_operators() { return unary_rows; }

}  // namespace tenfold::coreml
