// Softmax, and the norms that MIL has as operators.
#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/layers.h"
#include "loops.h"
#include "operator.h"

namespace tenfold::coreml {
namespace {

/// The tensor with one axis last, in memory of its own if it was not.
Tensor with_last(Tensor tensor, std::size_t axis) {
  const std::int64_t size = tensor.shape[axis], stride = tensor.strides[axis];
  tensor.shape.erase(axis);
  tensor.strides.erase(axis);
  tensor.shape.push_back(size);
  tensor.strides.push_back(stride);
  return tensor;
}

Result<Work> build_softmax(Parameters& parameters) {
  TRY(parameters.take("x"));
  const std::int64_t axis = TRY(parameters.integer("axis", -1));
  return Work([axis](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    if (in[0]->shape.empty()) return wrong("it has no dimension");
    const std::size_t at = TRY(axis_of(axis, in[0]->shape.size()));
    const Tensor x = as_floats(machine.memory, *in[0]);
    const Tensor from = with_last(x, at);
    Tensor rows = make(machine.memory, Element::f32, from.shape);
    copy(from, rows);
    const auto width = static_cast<std::size_t>(from.shape.back());
    const std::size_t count = width == 0 ? 0 : static_cast<std::size_t>(rows.count()) / width;
    machine.threads.run(count, [&](std::size_t row, std::size_t) {
      kernels::softmax(rows.floats() + row * width, width);
    });
    // Back to where the axis was.
    out[0] = rows;
    out[0].shape.erase(rows.shape.size() - 1);
    out[0].strides.erase(rows.shape.size() - 1);
    out[0].shape.insert(at, from.shape.back());
    out[0].strides.insert(at, 1);
    return {};
  });
}

/// A constant of one number for each element of a normalized row; empty if there is none.
Result<std::vector<float>> factors(const Parameters& parameters, std::string_view name) {
  std::vector<float> values;
  if (!parameters.has(name)) return values;
  const Tensor* tensor = parameters.constant(name);
  if (tensor == nullptr || tensor->packed != nullptr) {
    return fail(ErrorCode::unsupported,
                std::string("its ") + std::string(name) + " is no constant");
  }
  values.resize(static_cast<std::size_t>(tensor->count()));
  Tensor to;
  to.shape = tensor->shape;
  to.strides = row_major(to.shape);
  to.data = reinterpret_cast<std::byte*>(values.data());
  copy(*tensor, to);
  return values;
}

/// Over the last dimensions, in f64 sums of f32.
Result<Work> build_layer_norm(Parameters& parameters) {
  TRY(parameters.take("x"));
  const auto axes = TRY(parameters.integers("axes"));
  const float epsilon = TRY(parameters.number("epsilon", 1e-5F));
  const auto gamma = TRY(factors(parameters, "gamma")), beta = TRY(factors(parameters, "beta"));
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = dense_floats(machine.memory, *in[0]);
    const std::size_t rank = x.shape.size();
    std::size_t first = axes.empty() ? 0 : rank;
    std::array<bool, Dims::most> along{};
    for (const std::int64_t axis : axes) {
      const std::size_t at = TRY(axis_of(axis, rank));
      along[at] = true;
      first = std::min(first, at);
    }
    std::size_t width = 1;
    for (std::size_t i = first; i < rank; ++i) {
      if (!axes.empty() && !along[i]) {
        return fail(ErrorCode::unsupported, "its axes are not the last ones");
      }
      width *= static_cast<std::size_t>(x.shape[i]);
    }
    if ((!gamma.empty() && gamma.size() != width) || (!beta.empty() && beta.size() != width)) {
      return wrong("its gamma or beta is of another size");
    }
    out[0] = make(machine.memory, Element::f32, x.shape);
    const std::size_t count = width == 0 ? 0 : static_cast<std::size_t>(x.count()) / width;
    machine.threads.run(count, [&](std::size_t row, std::size_t) {
      const float* from = x.floats() + row * width;
      float* to = out[0].floats() + row * width;
      double sum = 0, squares = 0;
      for (std::size_t i = 0; i < width; ++i) sum += from[i];
      const double mean = sum / static_cast<double>(width);
      for (std::size_t i = 0; i < width; ++i) squares += (from[i] - mean) * (from[i] - mean);
      const double factor = 1 / std::sqrt(squares / static_cast<double>(width) + epsilon);
      for (std::size_t i = 0; i < width; ++i) {
        const auto value = static_cast<float>((from[i] - mean) * factor);
        to[i] = value * (gamma.empty() ? 1 : gamma[i]) + (beta.empty() ? 0 : beta[i]);
      }
    });
    return {};
  });
}

/// Of each whole tensor in a batch of rank 3 and more: x over the root of the sum of squares.
Result<Work> build_l2_norm(Parameters& parameters) {
  TRY(parameters.take("x"));
  const float epsilon = TRY(parameters.number("epsilon", 1e-6F));
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    const Tensor x = dense_floats(machine.memory, *in[0]);
    if (x.shape.size() < 3) return wrong("it has less than 3 dimensions");
    std::size_t width = 1;
    for (std::size_t i = x.shape.size() - 3; i < x.shape.size(); ++i) {
      width *= static_cast<std::size_t>(x.shape[i]);
    }
    out[0] = make(machine.memory, Element::f32, x.shape);
    const std::size_t count = width == 0 ? 0 : static_cast<std::size_t>(x.count()) / width;
    for (std::size_t row = 0; row < count; ++row) {
      const float* from = x.floats() + row * width;
      const float factor = 1 / std::sqrt(kernels::fastest().sum_of_squares(from, width) + epsilon);
      for (std::size_t i = 0; i < width; ++i) out[0].floats()[row * width + i] = from[i] * factor;
    }
    return {};
  });
}

constexpr std::array normalizations_rows = {
    OperatorRow{"l2_norm", build_l2_norm},
    OperatorRow{"layer_norm", build_layer_norm},
    OperatorRow{"softmax", build_softmax},
};

}  // namespace

std::span<const OperatorRow> normalization_operators() { return normalizations_rows; }

}  // namespace tenfold::coreml
