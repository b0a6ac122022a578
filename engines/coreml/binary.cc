// Operators that compute each element from two or three, which are stretched to one shape.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>

#include "loops.h"
#include "operator.h"
#include "parallel.h"

namespace tenfold::coreml {
namespace {

Result<Dims> stretched(const Dims& a, const Dims& b) {
  Dims shape(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) {
      return wrong(fmt::format("shapes {} and {} do not fit together", text_of(a), text_of(b)));
    }
    shape[shape.size() - 1 - i] = x == 1 ? y : x;
  }
  return shape_of({shape.begin(), shape.size()});
}

/// A view of `tensor` in the shape that it is stretched to.
Tensor stretch(const Tensor& tensor, const Dims& shape) {
  Tensor view = tensor;
  view.shape = shape;
  view.strides = Dims(shape.size(), 0);
  const std::size_t lead = shape.size() - tensor.shape.size();
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    view.strides[lead + i] = tensor.shape[i] == 1 ? 0 : tensor.strides[i];
  }
  return view;
}

template <typename From, typename To, typename Function>
void compute(Machine& machine, const Tensor& a, const Tensor& b, Tensor& out,
             const Function& function) {
  for_parts<3>(machine, out.shape, {a.strides, b.strides, out.strides}, [&](const Run<3>& run) {
    const From* x = reinterpret_cast<const From*>(a.data) + run.offsets[0];
    const From* y = reinterpret_cast<const From*>(b.data) + run.offsets[1];
    To* to = reinterpret_cast<To*>(out.data) + run.offsets[2];
    const std::int64_t count = run.count, sx = run.strides[0], sy = run.strides[1];
    const std::int64_t st = run.strides[2];
    if (st == 1 && sx == 1 && sy == 1) {
      for (std::int64_t i = 0; i < count; ++i) to[i] = function(x[i], y[i]);
    } else if (st == 1 && sx == 1 && sy == 0) {
      const From other = *y;
      for (std::int64_t i = 0; i < count; ++i) to[i] = function(x[i], other);
    } else if (st == 1 && sx == 0 && sy == 1) {
      const From other = *x;
      for (std::int64_t i = 0; i < count; ++i) to[i] = function(other, y[i]);
    } else {
      for (std::int64_t i = 0; i < count; ++i) to[i * st] = function(x[i * sx], y[i * sy]);
    }
  });
}

/// `floats` where one is a float, else `integers`. A comparison gives integers in any case.
template <bool compares, typename Floats, typename Integers>
Work both(Floats floats, Integers integers) {
  return [=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Dims shape = TRY(stretched(in[0]->shape, in[1]->shape));
    const bool is_float = in[0]->is_float() || in[1]->is_float();
    const auto ready = [&](const Tensor& tensor) {
      if (!is_float) return tensor;
      return tensor.is_float() ? as_floats(machine.memory, tensor)
                               : dense_floats(machine.memory, tensor);
    };
    const Tensor a = ready(*in[0]), b = ready(*in[1]);
    const Element element = is_float && !compares ? Element::f32 : Element::i32;
    out[0] = make_like(machine.memory, element, shape,
                       a.shape == shape ? stretch(a, shape) : stretch(b, shape));
    const Tensor x = stretch(a, shape), y = stretch(b, shape);
    if (!is_float) {
      compute<std::int32_t, std::int32_t>(machine, x, y, out[0], integers);
    } else if constexpr (compares) {
      compute<float, std::int32_t>(machine, x, y, out[0], floats);
    } else {
      compute<float, float>(machine, x, y, out[0], floats);
    }
    return {};
  };
}

/// Integers go round where they overflow.
std::int32_t wrapped(std::int64_t value) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
  if (b == 0) return 0;
  const std::int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

// Each operation in f32, and in integers of 64 bits, where no overflow is undefined.
#define TENFOLD_ARITHMETIC(name, of_floats, of_integers)                                     \
  Result<Work> build_##name(Parameters& parameters) {                                        \
    TRY(parameters.take("x"));                                                               \
    TRY(parameters.take("y"));                                                               \
    return both<false>([](float a, float b) -> float { return of_floats; },                  \
                       [](std::int64_t a, std::int64_t b) { return wrapped(of_integers); }); \
  }
#define TENFOLD_COMPARISON(name, comparison)                                                \
  Result<Work> build_##name(Parameters& parameters) {                                       \
    TRY(parameters.take("x"));                                                              \
    TRY(parameters.take("y"));                                                              \
    return both<true>([](float a, float b) { return (comparison) ? 1 : 0; },                \
                      [](std::int32_t a, std::int32_t b) { return (comparison) ? 1 : 0; }); \
  }

TENFOLD_ARITHMETIC(add, a + b, a + b)
TENFOLD_ARITHMETIC(sub, a - b, a - b)
TENFOLD_ARITHMETIC(mul, a* b, a* b)
TENFOLD_ARITHMETIC(real_div, a / b, b == 0 ? 0 : a / b)
TENFOLD_ARITHMETIC(floor_div, std::floor(a / b), floor_quotient(a, b))
TENFOLD_ARITHMETIC(mod, a - b * std::floor(a / b), a - b * floor_quotient(a, b))
TENFOLD_ARITHMETIC(maximum, a > b ? a : b, a > b ? a : b)
TENFOLD_ARITHMETIC(minimum, a < b ? a : b, a < b ? a : b)
TENFOLD_COMPARISON(equal, a == b)
TENFOLD_COMPARISON(not_equal, a != b)
TENFOLD_COMPARISON(less, a < b)
TENFOLD_COMPARISON(less_equal, a <= b)
TENFOLD_COMPARISON(greater, a > b)
TENFOLD_COMPARISON(greater_equal, a >= b)
TENFOLD_COMPARISON(logical_and, a != 0 && b != 0)
TENFOLD_COMPARISON(logical_or, a != 0 || b != 0)
TENFOLD_COMPARISON(logical_xor, (a != 0) != (b != 0))
#undef TENFOLD_ARITHMETIC
#undef TENFOLD_COMPARISON

Result<Work> build_pow(Parameters& parameters) {
  TRY(parameters.take("x"));
  TRY(parameters.take("y"));
  const Tensor* exponent = parameters.constant("y");
  const bool squares = exponent != nullptr && exponent->packed == nullptr &&
                       exponent->count() == 1 && TRY(parameters.number("y", 0)) == 2;
  const auto integers = [](std::int64_t a, std::int64_t b) {
    return cut_off(static_cast<float>(std::pow(static_cast<double>(a), static_cast<double>(b))));
  };
  if (squares) return both<false>([](float a, float /*b*/) { return a * a; }, integers);
  return both<false>([](float a, float b) { return std::pow(a, b); }, integers);
}

template <typename Number>
void choose(const Tensor& condition, const Tensor& a, const Tensor& b, Tensor& out) {
  for_runs<4>(
      out.shape, {condition.strides, a.strides, b.strides, out.strides}, [&](const Run<4>& run) {
        const auto at = [&](const Tensor& tensor, std::size_t t, std::int64_t i) {
          return tensor.at(run.offsets[t] + i * run.strides[t]);
        };
        for (std::int64_t i = 0; i < run.count; ++i) {
          const bool first = *reinterpret_cast<const std::int32_t*>(at(condition, 0, i)) != 0;
          *reinterpret_cast<Number*>(at(out, 3, i)) =
              *reinterpret_cast<const Number*>(first ? at(a, 1, i) : at(b, 2, i));
        }
      });
}

Result<Work> build_select(Parameters& parameters) {
  TRY(parameters.take("cond"));
  TRY(parameters.take("a"));
  TRY(parameters.take("b"));
  return Work([](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    if (in[0]->is_float()) return wrong("its cond is not of booleans");
    const bool is_float = in[1]->is_float() || in[2]->is_float();
    const auto ready = [&](const Tensor& tensor) {
      if (!is_float) return tensor;
      return tensor.is_float() ? as_floats(machine.memory, tensor)
                               : dense_floats(machine.memory, tensor);
    };
    const Tensor a = ready(*in[1]), b = ready(*in[2]);
    const Dims shape = TRY(stretched(TRY(stretched(in[0]->shape, a.shape)), b.shape));
    out[0] = make(machine.memory, is_float ? Element::f32 : Element::i32, shape);
    if (is_float) {
      choose<float>(stretch(*in[0], shape), stretch(a, shape), stretch(b, shape), out[0]);
    } else {
      choose<std::int32_t>(stretch(*in[0], shape), stretch(a, shape), stretch(b, shape), out[0]);
    }
    return {};
  });
}

constexpr std::array binary_rows = {
    OperatorRow{"add", build_add},
    OperatorRow{"equal", build_equal},
    OperatorRow{"floor_div", build_floor_div},
    OperatorRow{"greater", build_greater},
    OperatorRow{"greater_equal", build_greater_equal},
    OperatorRow{"less", build_less},
    OperatorRow{"less_equal", build_less_equal},
    OperatorRow{"logical_and", build_logical_and},
    OperatorRow{"logical_or", build_logical_or},
    OperatorRow{"logical_xor", build_logical_xor},
    OperatorRow{"maximum", build_maximum},
    OperatorRow{"minimum", build_minimum},
    OperatorRow{"mod", build_mod},
    OperatorRow{"mul", build_mul},
    OperatorRow{"not_equal", build_not_equal},
    OperatorRow{"pow", build_pow},
    OperatorRow{"real_div", build_real_div},
    OperatorRow{"select", build_select},
    OperatorRow{"sub", build_sub},
};

}  // namespace

std::span<const OperatorRow> binary_operators() { return binary_rows; }

}  // namespace tenfold::coreml
