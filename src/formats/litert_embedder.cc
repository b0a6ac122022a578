#include "formats/litert_embedder.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace tenfold::litert {
namespace {

constexpr std::int64_t most_tokens = 1 << 20;

/// What a signature with one list of ids and one of rows does; nothing for any other.
std::optional<Lookup> lookup_of(const Signature& signature) {
  if (signature.inputs.size() != 1 || signature.outputs.size() != 1) return std::nullopt;
  const Tensor& ids = signature.inputs.front();
  const Tensor& rows = signature.outputs.front();
  const std::int64_t length = ids.elements();
  if (ids.element != Element::int32 || ids.dimensions.empty() || length <= 0 ||
      length > most_tokens || rows.element != Element::float32 || rows.elements() <= 0) {
    return std::nullopt;
  }
  return Lookup{signature.key, signature.index, static_cast<int>(length), ids, rows};
}

/// The model of `part`, which makes rows of a shape.
Result<EmbedderGraph> match(const std::optional<std::vector<Signature>>& signatures,
                            const std::vector<std::int32_t>& row, std::string_view part,
                            const std::string& name) {
  constexpr const char* hint = "choose a bundle made with litert-torch";
  if (!signatures) {
    return fail(ErrorCode::unsupported,
                fmt::format("{}: its model takes embeddings, which another model beside it makes "
                            "of the tokens ({}), but there is none",
                            name, part),
                "choose the .litertlm or .task bundle that this model is from");
  }
  EmbedderGraph graph;
  for (const Signature& signature : *signatures) {
    auto lookup = lookup_of(signature);
    if (!lookup) continue;
    std::vector<std::int32_t> rows{1, lookup->length};
    rows.insert(rows.end(), row.begin(), row.end());
    if (lookup->output.dimensions != rows) {
      return fail(ErrorCode::unsupported,
                  fmt::format("{}: signature {} of its {} makes {} numbers, but its model takes {}",
                              name, lookup->key, part, fmt::join(lookup->output.dimensions, " × "),
                              fmt::join(rows, " × ")),
                  hint);
    }
    graph.width = static_cast<std::size_t>(lookup->output.elements() / lookup->length);
    graph.lookups.push_back(std::move(*lookup));
  }
  if (graph.lookups.empty()) {
    return fail(ErrorCode::unsupported,
                fmt::format("{}: its {} has no signature with token ids in and rows of float32 out",
                            name, part),
                hint);
  }
  std::ranges::sort(graph.lookups, {}, &Lookup::length);
  return graph;
}

}  // namespace

Result<EmbedderGraphs> match_embedders(const Graph& graph, const EmbedderSignatures& signatures,
                                       const std::string& name) {
  EmbedderGraphs found;
  if (const auto& row = graph.decode.embedding_row; !row.empty()) {
    found.embedder = TRY(match(signatures.embedder, row, "tf_lite_embedder", name));
  }
  if (const auto& row = graph.decode.per_layer_row; !row.empty()) {
    found.per_layer = TRY(match(signatures.per_layer, row, "tf_lite_per_layer_embedder", name));
  }
  return found;
}

}  // namespace tenfold::litert
