// What the signatures of a model take and give, and which of them together make a language model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tenfold/result.h"

namespace tenfold::litert {

/// Of TfLiteType (tensorflow/lite/core/c/c_api_types.h), those that are interpreted here.
enum class Element : std::int32_t { float32 = 1, int32 = 2, boolean = 6, float16 = 10 };

struct Tensor {
  std::string name;
  Element element = Element::float32;
  std::vector<std::int32_t> dimensions;
  bool operator==(const Tensor&) const = default;

  /// Product of the dimensions; 0 if one of them is unknown (negative).
  [[nodiscard]] std::int64_t elements() const;
};

/// A signature as the file describes it; `index` is its number in the file.
struct Signature {
  std::string key;
  std::size_t index = 0;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
};

enum class Role {
  tokens,      ///< the ids
  embeddings,  ///< rows of floats in their place, which an embedder makes
  per_layer,   ///< beside those, further rows with a part for each layer
  positions,   ///< of the tokens
  mask,        ///< rows × context: float 0 or a large negative number, or boolean
  state,       ///< a tensor of the KV cache, taken and given back
  logits,
  unused,  ///< an output that is not looked at
};

struct Slot {
  Role role = Role::unused;
  std::size_t state = 0;  ///< index into Graph::states
  Tensor tensor;
};

/// A signature with the meaning of its tensors.
struct Step {
  std::string key;
  std::size_t signature = 0;
  int length = 0;                           ///< tokens it takes
  std::vector<std::int32_t> embedding_row;  ///< shape a token of Role::embeddings; empty: none
  std::vector<std::int32_t> per_layer_row;  ///< of Role::per_layer
  int logit_rows = 0;                       ///< 0, 1 (after the last token) or `length`
  std::vector<Slot> inputs;
  std::vector<Slot> outputs;
};

struct Graph {
  int context = 0;          ///< tokens the KV cache of these steps holds
  int largest_context = 0;  ///< over all decode signatures of the file
  int vocabulary = 0;       ///< logits per row
  std::vector<Tensor> states;
  Step decode;
  std::vector<Step> prefills;
};

/// Finds the steps: the decode signature with the smallest cache that holds `context` tokens (0:
/// the largest) and the prefill signatures on the same cache. Tensors are known by name ("tokens"
/// or "token_ids", "embeddings", "per_layer_embeddings", "input_pos" or "positions", "mask" or
/// "attn_mask", "logits"); one that is both input and output is state. unsupported, naming
/// signature and tensor, for anything else. Without a mask the context is the largest dimension of
/// the smallest cache tensor.
Result<Graph> read_graph(const std::vector<Signature>& signatures, int context,
                         const std::string& name);

}  // namespace tenfold::litert
