// What a decoder in an ONNX file takes and gives, found by the names, types and shapes in the file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/onnx.h"
#include "formats/rotary_border.h"
#include "tenfold/model.h"

namespace tenfold {

/// One key or value tensor of a layer: batch × heads × tokens × head size.
struct CacheTensor {
  std::string past;
  std::string present;
  OnnxType type = OnnxType::none;
  std::int64_t heads = 0;
  std::int64_t head_size = 0;
  /// GroupQueryAttention writes new tokens into the past's own memory; otherwise the graph makes
  /// the present by copying the past.
  bool in_place = false;
};

struct DecoderGraph {
  OnnxValue tokens;                         ///< input_ids
  std::optional<OnnxValue> mask;            ///< attention_mask
  std::optional<OnnxValue> positions;       ///< position_ids
  std::optional<OnnxValue> logits_to_keep;  ///< num_logits_to_keep or logits_to_keep
  std::optional<OnnxValue> with_cache;      ///< use_cache_branch
  std::vector<CacheTensor> cache;
  OnnxValue logits;
  int vocabulary = 0;
  bool last_logits_only = false;    ///< one row however many tokens go in
  std::int64_t least_capacity = 1;  ///< tokens the cache tensors must have room for
  RotaryBorder border;
};

/// unsupported, naming the input or output, for a graph that is no decoder with a KV cache of this
/// kind; bad_model if a needed dimension is neither in the graph nor in `known`. `path` names the
/// file in messages.
Result<DecoderGraph> describe_decoder(const OnnxModel& model, const ModelSizes& known,
                                      const std::string& path);

/// The same for decoder_model.onnx beside a decoder_with_past_model.onnx (onnx_names.h): a graph
/// that has no past and makes the presents of `whole`.
Result<DecoderGraph> describe_prompt_decoder(const OnnxModel& model, const DecoderGraph& whole,
                                             const std::string& path);

}  // namespace tenfold
