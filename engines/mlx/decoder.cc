#include "decoder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/layers.h"

namespace tenfold::mlx {
namespace {

mx::array number(float value) { return mx::array(value); }

mx::array activate(Activation activation, const mx::array& x) {
  switch (activation) {
    case Activation::silu:
      return mx::multiply(x, mx::sigmoid(x));
    case Activation::gelu_tanh: {
      const mx::array cube = mx::multiply(x, mx::square(x));
      const mx::array inner = mx::multiply(number(0.7978845608028654F),
                                           mx::add(x, mx::multiply(number(0.044715F), cube)));
      return mx::multiply(mx::multiply(number(0.5F), x), mx::add(number(1), mx::tanh(inner)));
    }
    case Activation::gelu:
      break;
  }
  const mx::array turned = mx::erf(mx::multiply(x, number(0.7071067811865476F)));
  return mx::multiply(mx::multiply(number(0.5F), x), mx::add(number(1), turned));
}

mx::array capped(const mx::array& x, float cap) {
  return cap > 0 ? mx::multiply(mx::tanh(mx::divide(x, number(cap))), number(cap)) : x;
}

/// Which of the positions `first` … `end` - 1 each of the last `count` of them sees.
mx::array window_mask(int first, int end, int count, int window) {
  const mx::array rows = mx::reshape(mx::arange(end - count, end), {count, 1});
  const mx::array columns = mx::reshape(mx::arange(first, end), {1, end - first});
  const mx::array known = mx::greater_equal(rows, columns);
  if (window == 0) return known;
  return mx::logical_and(known, mx::less(rows, mx::add(columns, mx::array(window))));
}

}  // namespace

Decoder::Rotary::Rotary(const RotarySpec& spec, const RotaryTable& table, int head_size)
    : size(spec.size),
      magnitude(table.magnitude),
      periods(table.periods.begin(), {spec.size / 2}, mx::float32) {
  for (const float period : table.periods) frequencies.push_back(1 / period);
  if (table.magnitude == 1) return;
  std::vector<float> factors(static_cast<std::size_t>(head_size), 1);
  std::fill_n(factors.begin(), spec.size, table.magnitude);
  magnitudes = mx::array(factors.begin(), {head_size}, mx::float32);
}

mx::array Decoder::Rotary::turn(const mx::array& x, int position) const {
  const mx::array longer = magnitudes ? mx::multiply(x, *magnitudes) : x;
  return mx::fast::rope(longer, size, false, std::nullopt, 1, position, periods);
}

std::shared_ptr<const std::vector<float>> Decoder::Rotary::rotations(int position,
                                                                     int count) const {
  const auto places = static_cast<std::size_t>(count);
  auto table = std::make_shared<std::vector<float>>(2 * places * frequencies.size());
  kernels::fill_rotations(frequencies.data(), frequencies.size(),
                          static_cast<std::size_t>(position), places, magnitude, table->data());
  return table;
}

Decoder::Decoder(const DecoderTensors& tensors, const DecoderSpec& spec, OwnKernels* own)
    : spec_(spec),
      own_(own),
      embeddings_(tensors.embeddings, std::nullopt, own),
      norm_(tensors.norm, spec, own),
      rotary_(spec.rotary, spec.rotary.table, spec.head_size),
      cache_(spec) {
  if (tensors.head) head_.emplace(*tensors.head, std::nullopt, own);
  if (spec.rotary.border > 0)
    beyond_rotary_.emplace(spec.rotary, spec.rotary.beyond, spec.head_size);
  if (spec.local_rotary.size > 0) {
    local_rotary_.emplace(spec.local_rotary, spec.local_rotary.table, spec.head_size);
  }
}

mx::array Decoder::scaled(const mx::array& x, float scale) const {
  return scale == 1 ? x : mx::multiply(x, number(scale));
}

const Decoder::Rotary& Decoder::rotary(const LayerSpec& layer) const {
  if (layer.is_local && local_rotary_) return *local_rotary_;
  return beyond_ && beyond_rotary_ ? *beyond_rotary_ : rotary_;
}

mx::array Decoder::attend(const mx::array& queries, std::size_t index, int position) const {
  const int count = queries.shape(2);
  const int end = position + count;
  const int window = spec_.layers[index].window;
  const int first = window > 0 ? std::max(0, position + 1 - window) : 0;
  const mx::array keys = cache_.keys(index, first, end);
  const mx::array values = cache_.values(index, first, end);
  const bool one_sees_all = count == 1;
  const bool is_cut = window > 0 && end > window;
  if (spec_.attention_cap == 0) {
    std::optional<mx::array> mask;
    if (!one_sees_all && is_cut) mask = window_mask(first, end, count, window);
    return mx::fast::scaled_dot_product_attention(queries, keys, values, spec_.attention_scale,
                                                  one_sees_all || is_cut ? "" : "causal", mask);
  }
  const int groups = spec_.heads / spec_.cache_heads;
  const mx::array split = mx::reshape(mx::multiply(queries, number(spec_.attention_scale)),
                                      {1, spec_.cache_heads, groups, count, spec_.head_size});
  const mx::array turned = mx::swapaxes(mx::expand_dims(keys, 2), -1, -2);
  mx::array scores = capped(mx::matmul(split, turned), spec_.attention_cap);
  if (!one_sees_all) {
    const float least = std::numeric_limits<float>::lowest();
    scores = mx::where(window_mask(first, end, count, window), scores, number(least));
  }
  const mx::array seen = mx::matmul(mx::softmax(scores, -1, true), mx::expand_dims(values, 2));
  return mx::reshape(seen, {1, spec_.heads, count, spec_.head_size});
}

mx::array Decoder::own_attention(std::size_t index, std::vector<mx::array> parts, int position,
                                 int count) {
  const Layer& layer = layers_[index];
  const auto norm_heads = [&](mx::array& part, const std::optional<Norm>& norm) {
    if (!norm) return;
    const mx::Shape shape = part.shape();
    const bool whole = spec_.query_norm == QueryNorm::whole;
    part = mx::reshape((*norm)(whole ? part : mx::reshape(part, {-1, spec_.head_size})), shape);
  };
  norm_heads(parts[0], layer.query);
  if (parts.size() > 1) norm_heads(parts[1], layer.key);
  AttentionWork work;
  work.cache = &*own_cache_;
  work.layer = index;
  work.position = static_cast<std::size_t>(position);
  work.count = static_cast<std::size_t>(count);
  work.heads = static_cast<std::size_t>(spec_.heads);
  work.key_heads = static_cast<std::size_t>(spec_.cache_heads);
  work.size = static_cast<std::size_t>(spec_.head_size);
  work.window = static_cast<std::size_t>(spec_.layers[index].window);
  work.scale = spec_.attention_scale;
  work.cap = spec_.attention_cap;
  if (spec_.layers[index].has_rotary) {
    const Rotary& turning = rotary(spec_.layers[index]);
    auto& table = rotations_[&turning];
    if (!table) table = turning.rotations(position, count);
    work.rotations = table;
    work.pairs = turning.frequencies.size();
  }
  return layer.output.multiply(own_->attend(work, parts));
}

mx::array Decoder::attention(std::size_t index, const mx::array& x, int position) {
  const Layer& layer = layers_[index];
  const int count = x.shape(1);
  const int queries = spec_.heads * spec_.head_size;
  const int keys = spec_.cache_heads * spec_.head_size;
  std::vector<mx::array> parts;
  for (const Linear& linear : layer.query_key_value) parts.push_back(linear.multiply(x));
  if (own_ != nullptr) return own_attention(index, std::move(parts), position, count);
  if (parts.size() == 1) parts = mx::split(parts[0], mx::Shape{queries, queries + keys}, -1);

  const bool whole = spec_.query_norm == QueryNorm::whole;
  const auto heads = [&](const mx::array& part, int number_of_heads,
                         const std::optional<Norm>& norm) {
    const mx::array flat = whole ? normed(norm, part) : part;
    const mx::array split = mx::reshape(flat, {1, count, number_of_heads, spec_.head_size});
    return mx::transpose(whole ? split : normed(norm, split), {0, 2, 1, 3});
  };
  mx::array query = heads(parts[0], spec_.heads, layer.query);
  mx::array key = heads(parts[1], spec_.cache_heads, layer.key);
  const mx::array value = heads(parts[2], spec_.cache_heads, std::nullopt);
  if (spec_.layers[index].has_rotary) {
    const Rotary& turning = rotary(spec_.layers[index]);
    query = turning.turn(query, position);
    key = turning.turn(key, position);
  }
  cache_.put(index, position, key, value);
  const mx::array seen = mx::transpose(attend(query, index, position), {0, 2, 1, 3});
  return layer.output.multiply(mx::reshape(seen, {1, count, queries}));
}

mx::array Decoder::feed_forward(const Layer& layer, const mx::array& x) const {
  std::vector<mx::array> parts;
  for (const Linear& linear : layer.gate_up) parts.push_back(linear.multiply(x));
  if (own_ != nullptr && spec_.activation != Activation::gelu) {
    return layer.down.multiply(own_->gate(spec_.activation, parts, spec_.feed_forward));
  }
  if (parts.size() == 1) parts = mx::split(parts[0], 2, -1);
  return layer.down.multiply(mx::multiply(activate(spec_.activation, parts[0]), parts[1]));
}

class Decoder::OtherText {
 public:
  OtherText(Decoder& decoder, std::optional<OwnCache> own)
      : decoder_(decoder), cache_(decoder.spec_), own_cache_(std::move(own)) {
    swap();
  }
  OtherText(const OtherText&) = delete;
  OtherText& operator=(const OtherText&) = delete;
  ~OtherText() { swap(); }

 private:
  void swap() {
    std::swap(decoder_.cache_, cache_);
    std::swap(decoder_.own_cache_, own_cache_);
  }

  Decoder& decoder_;
  KvCache cache_;
  std::optional<OwnCache> own_cache_;
};

void Decoder::settle() {
  for (std::size_t i = 0; own_ == nullptr && i < layers_.size(); ++i) cache_.settle(i);
}

Result<mx::array> Decoder::hidden(std::span<const TokenId> tokens, int position,
                                  const std::atomic<bool>& interrupted) {
  const int count = static_cast<int>(tokens.size());
  if (own_ == nullptr) cache_.reserve(position + count);
  rotations_.clear();
  mx::array hidden = mx::reshape(scaled(embeddings_.rows(tokens), spec_.embedding_scale),
                                 {1, count, spec_.hidden});
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const mx::array input = normed(layer.before_attention, hidden);
    const mx::array seen =
        scaled(normed(layer.after_attention, attention(i, input, position)), spec_.residual_scale);
    if (spec_.is_parallel) {
      hidden = mx::add(mx::add(hidden, seen), feed_forward(layer, input));
    } else {
      hidden = mx::add(hidden, seen);
      const mx::array made = feed_forward(layer, normed(layer.before_feed_forward, hidden));
      hidden =
          mx::add(hidden, scaled(normed(layer.after_feed_forward, made), spec_.residual_scale));
    }
    // A piece of a prompt layer by layer: an interrupt waits for no more, nor does memory.
    if (count == 1) continue;
    hidden.eval();
    if (own_ == nullptr) cache_.settle(i);
    if (interrupted) return fail(ErrorCode::cancelled, "the evaluation was interrupted");
  }
  return hidden;
}

Result<mx::array> Decoder::logits(std::span<const TokenId> tokens, int position, bool all,
                                  const std::atomic<bool>& interrupted) {
  mx::array hidden = TRY(this->hidden(tokens, position, interrupted));
  const int count = hidden.shape(1);
  if (!all && count > 1) {
    hidden = mx::slice(hidden, mx::Shape{0, count - 1, 0}, mx::Shape{1, count, spec_.hidden});
  }
  const mx::array raw = (head_ ? *head_ : embeddings_).multiply(norm_(hidden));
  mx::array result = mx::contiguous(capped(scaled(raw, spec_.logit_scale), spec_.logit_cap));
  result.eval();
  settle();
  return result;
}

Result<std::vector<float>> Decoder::embed(std::span<const TokenId> tokens, Pooling pooling,
                                          std::size_t most_tokens,
                                          const std::atomic<bool>& interrupted) {
  std::optional<OwnCache> own;
  if (own_ != nullptr) own = TRY(OwnCache::create(spec_, static_cast<int>(tokens.size())));
  const OtherText text(*this, std::move(own));
  Pool pool(pooling, static_cast<std::size_t>(spec_.hidden));
  for (std::size_t at = 0; at < tokens.size(); at += most_tokens) {
    if (interrupted) return fail(ErrorCode::cancelled, "the evaluation was interrupted");
    const auto piece = tokens.subspan(at, std::min(most_tokens, tokens.size() - at));
    mx::array states = mx::contiguous(norm_(TRY(hidden(piece, static_cast<int>(at), interrupted))));
    states.eval();
    settle();
    pool.add(numbers_of(states));
  }
  return pool.vector();
}

}  // namespace tenfold::mlx
