// The parts of a decoder, as views of its weights and as what computes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arrays.h"
#include "formats/decoder_spec.h"
#include "weights.h"

namespace tenfold::mlx {

/// A part's weights: what is checked before memory is taken.
struct NormTensors {
  Tensor weight;
  std::optional<Tensor> bias;
};
struct LinearTensors {
  Matrix matrix;
  std::optional<Tensor> bias;
};
struct LayerTensors {
  std::optional<NormTensors> before_attention, after_attention;
  std::optional<NormTensors> before_feed_forward, after_feed_forward;
  std::optional<NormTensors> query, key;
  std::vector<LinearTensors> query_key_value;  ///< three, or one that is joint
  LinearTensors output;
  std::vector<LinearTensors> gate_up;  ///< two, or one that is joint
  LinearTensors down;
};
struct DecoderTensors {
  Matrix embeddings;
  std::vector<LayerTensors> layers;
  NormTensors norm;
  std::optional<Matrix> head;  ///< null: the embeddings

  /// All of them: what of its memory counts.
  [[nodiscard]] std::vector<const Matrix*> matrices() const;
};

/// Finds every tensor that `spec` has. bad_model, naming one that is not there, is of another shape
/// or that such a model has not.
Result<DecoderTensors> find_tensors(Weights& weights, const DecoderSpec& spec);

class Norm {
 public:
  /// `own` null: by MLX's operators.
  Norm(const NormTensors& tensors, const DecoderSpec& spec, OwnKernels* own);
  [[nodiscard]] mx::array operator()(const mx::array& x) const;

 private:
  OwnKernels* own_;
  NormKind kind_;
  float epsilon_;
  mx::array weight_;
  std::optional<mx::array> bias_;
};

struct Layer {
  Layer(const LayerTensors& tensors, const DecoderSpec& spec, OwnKernels* own);

  std::optional<Norm> before_attention, after_attention;
  std::optional<Norm> before_feed_forward, after_feed_forward;
  std::optional<Norm> query, key;
  std::vector<Linear> query_key_value;
  Linear output;
  std::vector<Linear> gate_up;
  Linear down;
};

}  // namespace tenfold::mlx
