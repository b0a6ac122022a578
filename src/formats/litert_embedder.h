// The models beside a language model that make of token ids what it takes in their place: a row of
// floats a token, and for Gemma 3n and 4 a second one with a part for each layer. Signatures and
// names as litert-torch 0.10.0 writes them
// (litert_torch/generative/export_hf/core/external_emb/exportable_module.py).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/litert_graph.h"
#include "tenfold/result.h"

namespace tenfold::litert {

/// A signature that takes `length` ids and gives a row for each.
struct Lookup {
  std::string key;
  std::size_t signature = 0;  ///< its number in the file
  int length = 0;
  Tensor input;
  Tensor output;
};

struct EmbedderGraph {
  std::size_t width = 0;        ///< floats a token
  std::vector<Lookup> lookups;  ///< at least one; the shortest first
};

/// Those that a language model needs: none where it takes token ids.
struct EmbedderGraphs {
  std::optional<EmbedderGraph> embedder;
  std::optional<EmbedderGraph> per_layer;
};

/// The signatures of the models beside a language model; absent where its file has none.
struct EmbedderSignatures {
  std::optional<std::vector<Signature>> embedder;
  std::optional<std::vector<Signature>> per_layer;
};

/// unsupported, naming the part of the file, where `graph` takes rows that no model makes, or that
/// makes others than it takes. `name` appears in messages.
Result<EmbedderGraphs> match_embedders(const Graph& graph, const EmbedderSignatures& signatures,
                                       const std::string& name);

}  // namespace tenfold::litert
