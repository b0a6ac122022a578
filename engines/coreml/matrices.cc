// Linear layers, products of matrices, and convolutions that are linear layers.
#include "matrices.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "constants.h"
#include "kernels/instruction_set.h"

namespace tenfold::coreml {
namespace {

constexpr std::int64_t panel_rows = 16;  // of a product that is a task

/// A bias; empty if it is none, or all zeros, as converters write it where a layer has none.
Result<std::vector<float>> read_bias(const Parameters& parameters) {
  std::vector<float> bias;
  if (!parameters.has("bias")) return bias;
  const Tensor* tensor = parameters.constant("bias");
  if (tensor == nullptr || tensor->packed != nullptr) {
    return fail(ErrorCode::unsupported, "its bias is no constant");
  }
  bias.resize(static_cast<std::size_t>(tensor->count()));
  Tensor to;
  to.shape = tensor->shape;
  to.strides = row_major(to.shape);
  to.data = reinterpret_cast<std::byte*>(bias.data());
  copy(*tensor, to);
  if (std::ranges::all_of(bias, [](float number) { return number == 0; })) bias.clear();
  return bias;
}

void add_bias(const std::vector<float>& bias, float* rows, std::size_t count) {
  for (std::size_t i = 0; !bias.empty() && i < count; ++i, rows += bias.size()) {
    for (std::size_t j = 0; j < bias.size(); ++j) rows[j] += bias[j];
  }
}

/// A tensor of f32 row by row as weights.
kernels::Weights plain_weights(const Tensor& tensor, std::size_t rows, std::size_t columns,
                               std::int64_t offset) {
  kernels::Weights weights;
  weights.rows = rows;
  weights.columns = columns;
  weights.data = {tensor.at(offset), rows * columns * sizeof(float)};
  return weights;
}

/// What a layer multiplies with: constant weights, or the input of this number.
struct Layer {
  std::optional<kernels::Weights> weights;
  std::size_t input = 0;
};

Result<Layer> read_layer(Parameters& parameters, std::string_view name) {
  Layer layer;
  const Tensor* tensor = parameters.constant(name);
  if (tensor != nullptr) layer.weights = weights_of(*tensor);
  if (!layer.weights) layer.input = TRY(parameters.take(name));
  return layer;
}

/// A view of the whole of it as weights, in f32; `memory` keeps it.
Result<kernels::Weights> weights_at_work(Machine& machine, const Layer& layer, Inputs in,
                                         Tensor& memory) {
  if (layer.weights) return *layer.weights;
  memory = dense_floats(machine.memory, *in[layer.input]);
  const auto size = matrix_size(memory.shape);
  if (!size || size->rows == 0 || size->columns == 0) {
    return fail(ErrorCode::unsupported,
                fmt::format("weights of the shape {}", text_of(memory.shape)));
  }
  return plain_weights(memory, size->rows, size->columns, 0);
}

Result<Tensor> apply(Machine& machine, const kernels::Weights& weights,
                     const std::vector<float>& bias, const Tensor& input) {
  if (input.shape.empty() || input.shape.back() != static_cast<std::int64_t>(weights.columns)) {
    return wrong(fmt::format("x of the shape {} for weights of {} inputs", text_of(input.shape),
                             weights.columns));
  }
  if (!bias.empty() && bias.size() != weights.rows) return wrong("its bias is of another size");
  const Tensor x = dense_floats(machine.memory, input);
  Dims shape = x.shape;
  shape.back() = static_cast<std::int64_t>(weights.rows);
  Tensor y = make(machine.memory, Element::f32, shape);
  const std::size_t count = static_cast<std::size_t>(x.count()) / weights.columns;
  if (count == 0) return y;
  kernels::multiply(machine.threads, weights, x.floats(), count, y.floats(), machine.precision);
  add_bias(bias, y.floats(), count);
  return y;
}

Result<Work> build_linear(Parameters& parameters) {
  TRY(parameters.take("x"));
  const Layer layer = TRY(read_layer(parameters, "weight"));
  const auto bias = TRY(read_bias(parameters));
  return Work([layer, bias](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    Tensor memory;
    const kernels::Weights weights = TRY(weights_at_work(machine, layer, in, memory));
    out[0] = TRY(apply(machine, weights, bias, *in[0]));
    return {};
  });
}

/// A convolution of one place at a time: a linear layer over channels, which are dimension 1. The
/// result has its channels innermost in memory, where the next layer wants them.
Result<Work> build_conv(Parameters& parameters) {
  TRY(parameters.take("x"));
  const Layer layer = TRY(read_layer(parameters, "weight"));
  const auto bias = TRY(read_bias(parameters));
  const auto all_are = [](const std::vector<std::int64_t>& numbers, std::int64_t wanted) {
    return std::ranges::all_of(numbers, [&](std::int64_t number) { return number == wanted; });
  };
  const std::string pad = TRY(parameters.text("pad_type", "valid"));
  if (TRY(parameters.integer("groups", 1)) != 1 ||
      !all_are(TRY(parameters.integers("strides")), 1) ||
      (pad == "custom" && !all_are(TRY(parameters.integers("pad")), 0))) {
    return fail(ErrorCode::unsupported, "a convolution in groups, steps or with padding");
  }
  return Work([layer, bias](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    Tensor memory;
    const kernels::Weights weights = TRY(weights_at_work(machine, layer, in, memory));
    if (in[0]->shape.size() < 3) return wrong("its input has less than 3 dimensions");
    Tensor x = in[0]->packed != nullptr ? dense_floats(machine.memory, *in[0]) : *in[0];
    const std::int64_t channels = x.shape[1], stride = x.strides[1];
    x.shape.erase(1);
    x.strides.erase(1);
    x.shape.push_back(channels);
    x.strides.push_back(stride);
    Tensor y = TRY(apply(machine, weights, bias, x));
    const std::size_t last = y.shape.size() - 1;
    y.shape.erase(last);
    y.strides.erase(last);
    y.shape.insert(1, static_cast<std::int64_t>(weights.rows));
    y.strides.insert(1, 1);
    out[0] = std::move(y);
    return {};
  });
}

Result<Work> build_matmul(Parameters& parameters) {
  TRY(parameters.take("x"));
  const bool turns_x = TRY(parameters.integer("transpose_x", 0)) != 0;
  const bool turns_y = TRY(parameters.integer("transpose_y", 0)) != 0;
  const Tensor* y = parameters.constant("y");
  if (y != nullptr && y->shape.size() == 2 && turns_y && !turns_x) {
    if (const auto weights = weights_of(*y)) {
      return Work([weights = *weights](Machine& machine, Inputs in, Outputs out) -> Result<void> {
        out[0] = TRY(apply(machine, weights, {}, *in[0]));
        return {};
      });
    }
  }
  TRY(parameters.take("y"));
  return Work([=](Machine& machine, Inputs in, Outputs out) -> Result<void> {
    out[0] = TRY(product(machine, *in[0], *in[1], turns_x, turns_y));
    return {};
  });
}

/// [m, k] and, if it is turned, [n, k], else [k, n], as f32 in rows.
void multiply(Machine& machine, const Tensor& x, std::int64_t x_offset, const Tensor& y,
              std::int64_t y_offset, bool turns_y, float* out, std::int64_t m, std::int64_t k,
              std::int64_t n) {
  if (turns_y) {
    const auto weights =
        plain_weights(y, static_cast<std::size_t>(n), static_cast<std::size_t>(k), y_offset);
    return kernels::multiply(machine.threads, weights, x.floats() + x_offset,
                             static_cast<std::size_t>(m), out, kernels::Precision::exact);
  }
  const kernels::InstructionSet& loops = kernels::fastest();
  const auto width = static_cast<std::size_t>(n);
  machine.threads.run(static_cast<std::size_t>((m + panel_rows - 1) / panel_rows),
                      [&](std::size_t task, std::size_t) {
                        const std::int64_t first = static_cast<std::int64_t>(task) * panel_rows;
                        loops.multiply(
                            {x.floats() + x_offset + first * k, static_cast<std::size_t>(k)},
                            {y.floats() + y_offset, width}, out + first * n, width,
                            static_cast<std::size_t>(std::min(panel_rows, m - first)),
                            static_cast<std::size_t>(k), width, false);
                      });
}

/// The last two dimensions exchanged, if `turns`.
Tensor turned(Tensor tensor, bool turns) {
  const std::size_t rank = tensor.shape.size();
  if (!turns) return tensor;
  std::swap(tensor.shape[rank - 1], tensor.shape[rank - 2]);
  std::swap(tensor.strides[rank - 1], tensor.strides[rank - 2]);
  return tensor;
}

constexpr std::array matrices_rows = {
    OperatorRow{"conv", build_conv},
    OperatorRow{"linear", build_linear},
    OperatorRow{"matmul", build_matmul},
};

}  // namespace

std::optional<kernels::Weights> weights_of(const Tensor& tensor) {
  if (tensor.packed != nullptr) return *tensor.packed;
  const auto size = matrix_size(tensor.shape);
  if (!size || !tensor.is_float() || !is_dense(tensor) || tensor.count() == 0) return std::nullopt;
  kernels::Weights weights;
  weights.form = tensor.element == Element::f16 ? kernels::Form::f16 : kernels::Form::f32;
  weights.rows = size->rows;
  weights.columns = size->columns;
  weights.data = {tensor.data, size->rows * size->columns * bytes_of(tensor.element)};
  if (!kernels::check(weights, "").ok()) return std::nullopt;
  return weights;
}

Result<Tensor> product(Machine& machine, const Tensor& x, const Tensor& y, bool turns_x,
                       bool turns_y) {
  if (x.shape.empty() || y.shape.empty()) return wrong("it multiplies no matrix");
  // A list counts as a matrix of one row, or of one column.
  Tensor left = x.packed != nullptr ? dense_floats(machine.memory, x) : x;
  Tensor right = y.packed != nullptr ? dense_floats(machine.memory, y) : y;
  const bool is_row = x.shape.size() == 1, is_column = y.shape.size() == 1;
  if (is_row) {
    left.shape.insert(0, 1);
    left.strides.insert(0, left.strides[0]);
  }
  if (is_column) {
    right.shape.insert(1, 1);
    right.strides.insert(1, right.strides[0]);
  }
  left = turned(left, turns_x && !is_row);
  right = turned(right, turns_y && !is_column);
  const std::size_t left_rank = left.shape.size(), right_rank = right.shape.size();
  const std::int64_t m = left.shape[left_rank - 2], k = left.shape[left_rank - 1];
  const std::int64_t n = right.shape[right_rank - 1];
  if (right.shape[right_rank - 2] != k) {
    return wrong(fmt::format("{} times {}", text_of(left.shape), text_of(right.shape)));
  }
  // The right one is wanted as it lies: rows of n, or rows of k.
  const bool has_columns = right.strides[right_rank - 2] == 1 && right.strides[right_rank - 1] != 1;
  left = dense_floats(machine.memory, left);
  right = dense_floats(machine.memory, turned(right, has_columns));
  const std::size_t rank = std::max(left_rank, right_rank);
  std::vector<std::int64_t> sizes(rank);
  Dims left_steps(rank - 2, 0), right_steps(rank - 2, 0);  // in matrices
  std::int64_t left_step = 1, right_step = 1, batches = 1;
  for (std::size_t i = rank - 2; i-- > 0;) {
    const std::size_t from_left = i + left_rank, from_right = i + right_rank;
    const std::int64_t a = from_left < rank ? 1 : left.shape[from_left - rank];
    const std::int64_t b = from_right < rank ? 1 : right.shape[from_right - rank];
    if (a != b && a != 1 && b != 1) {
      return wrong(fmt::format("{} times {}", text_of(left.shape), text_of(right.shape)));
    }
    sizes[i] = a == 1 ? b : a;
    left_steps[i] = a == 1 ? 0 : left_step;
    right_steps[i] = b == 1 ? 0 : right_step;
    left_step *= a;
    right_step *= b;
    batches *= sizes[i];
  }
  sizes[rank - 2] = m;
  sizes[rank - 1] = n;
  Tensor out = make(machine.memory, Element::f32, TRY(shape_of(sizes)));
  for (std::int64_t batch = 0; batch < batches && m * n > 0; ++batch) {
    std::int64_t rest = batch, left_at = 0, right_at = 0;
    for (std::size_t i = rank - 2; i-- > 0;) {
      left_at += rest % sizes[i] * left_steps[i];
      right_at += rest % sizes[i] * right_steps[i];
      rest /= sizes[i];
    }
    float* to = out.floats() + batch * m * n;
    if (k == 0) {
      std::fill_n(to, m * n, 0.0F);
    } else {
      multiply(machine, left, left_at * m * k, right, right_at * k * n, has_columns, to, m, k, n);
    }
  }
  if (is_row) {
    out.shape.erase(rank - 2);
    out.strides.erase(rank - 2);
  }
  if (is_column) {
    out.shape.erase(out.shape.size() - 1);
    out.strides.erase(out.strides.size() - 1);
  }
  return out;
}

std::span<const OperatorRow> matrix_operators() { return matrices_rows; }

}  // namespace tenfold::coreml
