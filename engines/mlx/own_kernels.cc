#include "own_kernels.h"

#include <mlx/backend/cpu/encoder.h>
#include <mlx/primitives.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "kernels/attention.h"
#include "kernels/layers.h"

namespace tenfold::mlx {
namespace {

using Inputs = std::vector<const float*>;
using Work = std::function<void(const Inputs& inputs, float* out)>;

/// A node of MLX's graph that calls a function.
class Call final : public mx::UnaryPrimitive {
 public:
  Call(mx::Stream stream, Work work) : UnaryPrimitive(stream), work_(std::move(work)) {}

  void eval_cpu(const std::vector<mx::array>& inputs, mx::array& out) override {
    out.set_data(mx::allocator::malloc(out.nbytes()));
    Inputs numbers;
    for (const mx::array& input : inputs) numbers.push_back(input.data<float>());
    mx::cpu::get_command_encoder(stream()).dispatch(
        [work = work_, numbers, to = out.data<float>()] { work(numbers, to); });
  }
  void eval_gpu(const std::vector<mx::array>& /*inputs*/, mx::array& /*out*/) override {
    throw std::runtime_error("the kernels of Tenfold are for processors");
  }
  const char* name() const override { return "Tenfold"; }

 private:
  Work work_;
};

mx::array call(mx::Shape shape, const std::vector<mx::array>& inputs, Work work) {
  std::vector<mx::array> whole;
  for (const mx::array& input : inputs) whole.push_back(mx::contiguous(input));
  const mx::Stream stream = mx::default_stream(mx::default_device());
  return mx::array(std::move(shape), mx::float32, std::make_shared<Call>(stream, std::move(work)),
                   std::move(whole));
}

mx::Shape with_last(const mx::array& x, int last) {
  mx::Shape shape = x.shape();
  shape.back() = last;
  return shape;
}

std::span<const std::byte> bytes(const Tensor& tensor) {
  return std::as_bytes(std::span(tensor.bytes));
}

kernels::Number number_of(Tensor::Type type) {
  if (type == Tensor::Type::f16) return kernels::Number::f16;
  return type == Tensor::Type::bf16 ? kernels::Number::bf16 : kernels::Number::f32;
}

/// Rows of queries, keys or values, each `width` numbers, `stride` from one position to the next.
struct Part {
  const float* data;
  std::size_t stride;
};

void look(kernels::ThreadPool& pool, const AttentionWork& work, Part queries, Part keys,
          Part values, float* out) {
  const std::size_t capacity = work.cache->capacity();
  const std::size_t size = work.size;
  const std::size_t width = work.heads * size;
  float* kept_keys = work.cache->keys(work.layer);
  float* kept_values = work.cache->values(work.layer);
  std::vector<float> turned(work.count * width);
  for (std::size_t i = 0; i < work.count; ++i) {
    std::copy_n(queries.data + i * queries.stride, width, turned.data() + i * width);
    for (std::size_t head = 0; head < work.key_heads; ++head) {
      const std::size_t to = (head * capacity + work.position + i) * size;
      std::copy_n(keys.data + i * keys.stride + head * size, size, kept_keys + to);
      std::copy_n(values.data + i * values.stride + head * size, size, kept_values + to);
    }
  }
  if (work.rotations) {
    const float* table = work.rotations->data();
    kernels::rotate(pool, table, work.pairs, kernels::Pairs::halves, turned.data(), work.count,
                    work.heads, width, size);
    kernels::rotate(pool, table, work.pairs, kernels::Pairs::halves,
                    kept_keys + work.position * size, work.count, work.key_heads, size,
                    capacity * size);
  }
  const auto whole = [](std::size_t number) { return static_cast<std::int64_t>(number); };
  kernels::Attention attention;
  attention.queries = {turned.data(), kernels::Element::f32, 0, whole(work.heads), 1};
  attention.keys = {kept_keys, kernels::Element::f32, 0, 1, whole(capacity)};
  attention.values = {kept_values, kernels::Element::f32, 0, 1, whole(capacity)};
  attention.out = out;
  attention.batches = 1;
  attention.positions = whole(work.count);
  attention.heads = whole(work.heads);
  attention.key_heads = whole(work.key_heads);
  attention.width = whole(size);
  attention.key_count = whole(work.position + work.count);
  attention.start = whole(work.position);
  attention.causal = true;
  attention.window = whole(work.window);
  attention.scale = work.scale;
  attention.softcap = work.cap;
  kernels::attend(pool, attention);
}

}  // namespace

kernels::Weights view_of(const Matrix& matrix) {
  kernels::Weights view;
  view.rows = static_cast<std::size_t>(matrix.rows);
  view.columns = static_cast<std::size_t>(matrix.columns);
  view.data = bytes(matrix.weight);
  if (!matrix.form) {
    const kernels::Form forms[] = {kernels::Form::f32, kernels::Form::f16, kernels::Form::bf16};
    view.form = forms[static_cast<std::size_t>(number_of(matrix.weight.type))];
  } else if (matrix.form->kind == PackedForm::Kind::mxfp4) {
    view.form = kernels::Form::mxfp4;
    view.scales = bytes(matrix.scales);
  } else {
    view.form = kernels::Form::affine;
    view.bits = static_cast<unsigned>(matrix.form->bits);
    view.group = static_cast<std::size_t>(matrix.form->group);
    view.scales = bytes(matrix.scales);
    view.biases = bytes(matrix.biases);
    view.scale_number = number_of(matrix.scales.type);
  }
  return view;
}

Result<OwnCache> OwnCache::create(const DecoderSpec& spec, int context) {
  OwnCache cache;
  cache.capacity_ = static_cast<std::size_t>(context);
  cache.layer_numbers_ = static_cast<std::size_t>(spec.cache_heads) * cache.capacity_ *
                         static_cast<std::size_t>(spec.head_size);
  const std::size_t bytes = spec.layers.size() * cache.layer_numbers_ * sizeof(float);
  cache.keys_ = map_memory(bytes);
  cache.values_ = map_memory(bytes);
  if (cache.keys_ && cache.values_) return cache;
  return fail(ErrorCode::out_of_memory, "there is not enough memory for the KV cache",
              "choose a smaller context (context_size; on the command line: --ctx)");
}

mx::array OwnKernels::multiply(const kernels::Weights& weights, std::span<const float> bias,
                               const mx::array& x) {
  const std::size_t count = x.size() / weights.columns;
  return call(with_last(x, static_cast<int>(weights.rows)), {x},
              [=, this](const Inputs& inputs, float* out) {
                kernels::multiply(pool_, weights, inputs[0], count, out, precision_);
                for (std::size_t i = 0; !bias.empty() && i < count; ++i) {
                  float* row = out + i * weights.rows;
                  for (std::size_t j = 0; j < weights.rows; ++j) row[j] += bias[j];
                }
              });
}

mx::array OwnKernels::rows(const kernels::Weights& weights, std::span<const TokenId> numbers) {
  const mx::Shape shape{static_cast<int>(numbers.size()), static_cast<int>(weights.columns)};
  const std::vector<TokenId> wanted(numbers.begin(), numbers.end());
  return call(shape, {}, [weights, wanted](const Inputs& /*inputs*/, float* out) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      kernels::read_row(weights, static_cast<std::size_t>(wanted[i]), 0, weights.columns,
                        out + i * weights.columns);
    }
  });
}

mx::array OwnKernels::rms_norm(const mx::array& x, std::span<const float> weight, float epsilon) {
  const std::size_t width = weight.size();
  const std::size_t count = x.size() / width;
  return call(x.shape(), {x}, [=, this](const Inputs& inputs, float* out) {
    kernels::rms_norm(pool_, {inputs[0], width}, count, width, weight.data(), 0, epsilon, out,
                      width);
  });
}

mx::array OwnKernels::gate(Activation activation, const std::vector<mx::array>& parts, int width) {
  const auto kind = activation == Activation::silu ? kernels::Gate::silu : kernels::Gate::gelu_tanh;
  const auto wide = static_cast<std::size_t>(width);
  const std::size_t stride = parts.size() == 1 ? 2 * wide : wide;
  const std::size_t count = parts[0].size() / stride;
  return call(with_last(parts[0], width), parts, [=, this](const Inputs& inputs, float* out) {
    const float* up = inputs.size() == 1 ? inputs[0] + wide : inputs[1];
    kernels::gate(pool_, kind, {inputs[0], stride}, {up, stride}, count, wide, out);
  });
}

mx::array OwnKernels::attend(const AttentionWork& work, const std::vector<mx::array>& parts) {
  const std::size_t queries = work.heads * work.size;
  const std::size_t keys = work.key_heads * work.size;
  const mx::Shape shape{1, static_cast<int>(work.count), static_cast<int>(queries)};
  return call(shape, parts, [=, this](const Inputs& inputs, float* out) {
    const std::size_t all = queries + 2 * keys;
    if (inputs.size() == 1) {
      look(pool_, work, {inputs[0], all}, {inputs[0] + queries, all},
           {inputs[0] + queries + keys, all}, out);
    } else {
      look(pool_, work, {inputs[0], queries}, {inputs[1], keys}, {inputs[2], keys}, out);
    }
  });
}

}  // namespace tenfold::mlx
