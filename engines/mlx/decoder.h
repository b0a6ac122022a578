// A decoder as graphs of MLX, with its KV cache.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "kv_cache.h"
#include "layers.h"
#include "own_kernels.h"
#include "pool.h"
#include "tenfold/request.h"

namespace tenfold::mlx {

class Decoder {
 public:
  /// `own` null: weights are copied and MLX's operators compute. `go_on(share)` is asked now and
  /// then, and ends it with `cancelled`.
  template <typename GoOn>
  static Result<std::unique_ptr<Decoder>> make(const DecoderTensors& tensors,
                                               const DecoderSpec& spec, int context,
                                               OwnKernels* own, const GoOn& go_on) {
    std::unique_ptr<Decoder> decoder(new Decoder(tensors, spec, own));
    if (own != nullptr) decoder->own_cache_ = TRY(OwnCache::create(spec, context));
    for (std::size_t i = 0; i < tensors.layers.size(); ++i) {
      TRY(go_on(static_cast<double>(i) / static_cast<double>(tensors.layers.size())));
      decoder->layers_.emplace_back(tensors.layers[i], decoder->spec_, own);
    }
    return decoder;
  }

  /// Computes `tokens` at `position` of the sequence and gives the logits of all of them, or of the
  /// last: [rows, vocabulary], f32, in one piece. cancelled once `interrupted` is set.
  Result<mx::array> logits(std::span<const TokenId> tokens, int position, bool all,
                           const std::atomic<bool>& interrupted);

  /// The last hidden states of a text of its own, at most `most_tokens` of it at a time, pooled.
  /// What the sequence holds stays. cancelled once `interrupted` is set; out_of_memory.
  Result<std::vector<float>> embed(std::span<const TokenId> tokens, Pooling pooling,
                                   std::size_t most_tokens, const std::atomic<bool>& interrupted);

  /// The periods of rotary positions of sequences beyond the border of "longrope", or before it.
  void choose_tables(bool beyond) { beyond_ = beyond; }

  /// Forgets all positions.
  void clear() { cache_.clear(); }

 private:
  struct Rotary {
    Rotary(const RotarySpec& spec, const RotaryTable& table, int head_size);
    [[nodiscard]] mx::array turn(const mx::array& x, int position) const;

    /// For `count` positions from `position` on: kernels::fill_rotations().
    [[nodiscard]] std::shared_ptr<const std::vector<float>> rotations(int position,
                                                                      int count) const;

    int size;
    float magnitude;
    std::vector<float> frequencies;
    mx::array periods;
    std::optional<mx::array> magnitudes;  ///< of the numbers of a head
  };

  Decoder(const DecoderTensors& tensors, const DecoderSpec& spec, OwnKernels* own);

  /// Lays what the sequence holds aside, for a text of its own.
  class OtherText;

  /// [1, tokens, hidden], before the last norm. Of one token nothing is computed yet.
  Result<mx::array> hidden(std::span<const TokenId> tokens, int position,
                           const std::atomic<bool>& interrupted);
  /// Computes what MLX's operators put into the cache.
  void settle();

  [[nodiscard]] mx::array normed(const std::optional<Norm>& norm, const mx::array& x) const {
    return norm ? (*norm)(x) : x;
  }
  [[nodiscard]] mx::array scaled(const mx::array& x, float scale) const;
  [[nodiscard]] mx::array attention(std::size_t index, const mx::array& x, int position);
  [[nodiscard]] mx::array own_attention(std::size_t index, std::vector<mx::array> parts,
                                        int position, int count);
  [[nodiscard]] mx::array attend(const mx::array& queries, std::size_t index, int position) const;
  [[nodiscard]] mx::array feed_forward(const Layer& layer, const mx::array& x) const;
  [[nodiscard]] const Rotary& rotary(const LayerSpec& layer) const;

  DecoderSpec spec_;
  OwnKernels* own_;
  Linear embeddings_;
  Norm norm_;
  std::optional<Linear> head_;
  std::vector<Layer> layers_;
  Rotary rotary_;
  std::optional<Rotary> beyond_rotary_;
  std::optional<Rotary> local_rotary_;
  bool beyond_ = false;
  KvCache cache_;                      ///< of MLX's operators
  std::optional<OwnCache> own_cache_;  ///< of our own
  /// Of the positions that are being computed.
  std::map<const Rotary*, std::shared_ptr<const std::vector<float>>> rotations_;
};

}  // namespace tenfold::mlx
