#include "layers.h"

#include <fmt/format.h>

namespace tenfold::mlx {
namespace {

/// Names and shapes of one model's tensors.
class Finder {
 public:
  Finder(Weights& weights, const DecoderSpec& spec, std::string prefix)
      : weights_(weights), spec_(spec), prefix_(std::move(prefix)) {}

  Result<NormTensors> norm(const std::string& name, int size) {
    NormTensors found{TRY(weights_.numbers(prefix_ + name + ".weight", {size})), {}};
    // Some of stablelm's have none.
    const std::string bias = prefix_ + name + ".bias";
    if (spec_.norm == NormKind::layer && weights_.has(bias)) {
      found.bias = TRY(weights_.numbers(bias, {size}));
    }
    return found;
  }

  Result<LinearTensors> linear(const std::string& name, int rows, int columns, bool has_bias) {
    LinearTensors found{TRY(weights_.matrix(prefix_ + name, rows, columns, spec_)), {}};
    if (has_bias) found.bias = TRY(weights_.numbers(prefix_ + name + ".bias", {rows}));
    return found;
  }

  Result<LayerTensors> layer(std::size_t index) {
    LayerTensors found;
    const std::string at = fmt::format("layers.{}.", index);
    TRY(find_norms(at, found));
    TRY(find_attention(at + "self_attn.", found));
    TRY(find_feed_forward(at + "mlp.", found));
    return found;
  }

 private:
  Result<void> find_norms(const std::string& at, LayerTensors& found) {
    const int size = spec_.hidden;
    const bool both = spec_.norms_before && spec_.norms_after;
    if (spec_.norms_before) {
      found.before_attention = TRY(norm(at + "input_layernorm", size));
      if (!spec_.is_parallel) {
        found.before_feed_forward =
            TRY(norm(at + (both ? "pre_feedforward_layernorm" : "post_attention_layernorm"), size));
      }
    }
    if (spec_.norms_after) {
      found.after_attention = TRY(norm(at + "post_attention_layernorm", size));
      found.after_feed_forward = TRY(norm(at + "post_feedforward_layernorm", size));
    }
    return {};
  }

  Result<void> find_attention(const std::string& at, LayerTensors& found) {
    const int queries = spec_.heads * spec_.head_size;
    const int keys = spec_.cache_heads * spec_.head_size;
    const int hidden = spec_.hidden;
    const bool bias = spec_.query_key_value_bias;
    if (spec_.joint_query_key_value) {
      found.query_key_value.push_back(
          TRY(linear(at + "qkv_proj", queries + 2 * keys, hidden, bias)));
    } else {
      found.query_key_value.push_back(TRY(linear(at + "q_proj", queries, hidden, bias)));
      found.query_key_value.push_back(TRY(linear(at + "k_proj", keys, hidden, bias)));
      found.query_key_value.push_back(TRY(linear(at + "v_proj", keys, hidden, bias)));
    }
    found.output = TRY(linear(at + "o_proj", hidden, queries, spec_.output_bias));
    if (spec_.query_norm == QueryNorm::none) return {};
    const bool whole = spec_.query_norm == QueryNorm::whole;
    found.query = TRY(norm(at + "q_norm", whole ? queries : spec_.head_size));
    found.key = TRY(norm(at + "k_norm", whole ? keys : spec_.head_size));
    return {};
  }

  Result<void> find_feed_forward(const std::string& at, LayerTensors& found) {
    const int inner = spec_.feed_forward;
    const bool bias = spec_.feed_forward_bias;
    if (spec_.joint_gate_up) {
      found.gate_up.push_back(TRY(linear(at + "gate_up_proj", 2 * inner, spec_.hidden, bias)));
    } else {
      found.gate_up.push_back(TRY(linear(at + "gate_proj", inner, spec_.hidden, bias)));
      found.gate_up.push_back(TRY(linear(at + "up_proj", inner, spec_.hidden, bias)));
    }
    found.down = TRY(linear(at + "down_proj", spec_.hidden, inner, bias));
    return {};
  }

  Weights& weights_;
  const DecoderSpec& spec_;
  const std::string prefix_;
};

mx::array norm_weight(const NormTensors& tensors, const DecoderSpec& spec) {
  mx::array weight = to_f32(tensors.weight);
  if (spec.norm != NormKind::rms_plus_one) return weight;
  mx::array moved = mx::add(weight, mx::array(1.0F));
  moved.eval();
  return moved;
}

std::optional<mx::array> optional_f32(const std::optional<Tensor>& tensor) {
  return tensor ? std::optional(to_f32(*tensor)) : std::nullopt;
}

std::optional<Norm> optional_norm(const std::optional<NormTensors>& tensors,
                                  const DecoderSpec& spec, OwnKernels* own) {
  return tensors ? std::optional<Norm>(std::in_place, *tensors, spec, own) : std::nullopt;
}

Linear make_linear(const LinearTensors& tensors, OwnKernels* own) {
  return Linear(tensors.matrix, optional_f32(tensors.bias), own);
}

std::vector<Linear> make_linears(const std::vector<LinearTensors>& all, OwnKernels* own) {
  std::vector<Linear> linears;
  for (const LinearTensors& tensors : all) linears.push_back(make_linear(tensors, own));
  return linears;
}

}  // namespace

std::vector<const Matrix*> DecoderTensors::matrices() const {
  std::vector<const Matrix*> all{&embeddings};
  if (head) all.push_back(&*head);
  for (const LayerTensors& layer : layers) {
    for (const LinearTensors& part : layer.query_key_value) all.push_back(&part.matrix);
    for (const LinearTensors& part : layer.gate_up) all.push_back(&part.matrix);
    all.push_back(&layer.output.matrix);
    all.push_back(&layer.down.matrix);
  }
  return all;
}

Result<DecoderTensors> find_tensors(Weights& weights, const DecoderSpec& spec) {
  const std::string prefix = TRY(weights.prefix());
  Finder finder(weights, spec, prefix);
  DecoderTensors found;
  found.embeddings =
      TRY(weights.matrix(prefix + "embed_tokens", spec.vocabulary, spec.hidden, spec));
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    found.layers.push_back(TRY(finder.layer(i)));
  }
  found.norm = TRY(finder.norm("norm", spec.hidden));
  const std::string head =
      prefix.starts_with("language_model.") ? "language_model.lm_head" : "lm_head";
  const bool tied = spec.tied ? *spec.tied : !weights.has(head + ".weight");
  if (!tied) found.head = TRY(weights.matrix(head, spec.vocabulary, spec.hidden, spec));
  TRY(weights.check_all_used(prefix, head));
  return found;
}

Norm::Norm(const NormTensors& tensors, const DecoderSpec& spec, OwnKernels* own)
    : own_(own),
      kind_(spec.norm),
      epsilon_(spec.epsilon),
      weight_(norm_weight(tensors, spec)),
      bias_(optional_f32(tensors.bias)) {}

mx::array Norm::operator()(const mx::array& x) const {
  if (own_ != nullptr && kind_ != NormKind::layer) {
    return own_->rms_norm(x, numbers_of(weight_), epsilon_);
  }
  return kind_ == NormKind::layer ? mx::fast::layer_norm(x, weight_, bias_, epsilon_)
                                  : mx::fast::rms_norm(x, weight_, epsilon_);
}

Layer::Layer(const LayerTensors& tensors, const DecoderSpec& spec, OwnKernels* own)
    : before_attention(optional_norm(tensors.before_attention, spec, own)),
      after_attention(optional_norm(tensors.after_attention, spec, own)),
      before_feed_forward(optional_norm(tensors.before_feed_forward, spec, own)),
      after_feed_forward(optional_norm(tensors.after_feed_forward, spec, own)),
      query(optional_norm(tensors.query, spec, own)),
      key(optional_norm(tensors.key, spec, own)),
      query_key_value(make_linears(tensors.query_key_value, own)),
      output(make_linear(tensors.output, own)),
      gate_up(make_linears(tensors.gate_up, own)),
      down(make_linear(tensors.down, own)) {}

}  // namespace tenfold::mlx
