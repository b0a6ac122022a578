// The embedders of a bundle, from their files to what a Runtime takes.
#pragma once

#include <optional>
#include <string>

#include "model_source.h"
#include "runtime.h"

namespace tenfold::litert {

class EmbedderFiles {
 public:
  /// Opens those that `graph` needs of `source`; see match_embedders() for the errors. `name`
  /// appears in messages.
  static Result<EmbedderFiles> open(const ModelSource& source, const Graph& graph,
                                    const std::string& name);

  [[nodiscard]] std::uint64_t bytes() const;
  [[nodiscard]] std::uint64_t parameters() const;

  Result<Runtime::Embedders> compile() &&;

 private:
  struct Part {
    ModelFile file;
    std::uint64_t bytes = 0;
    EmbedderGraph graph;
  };
  std::optional<Part> embedder_;
  std::optional<Part> per_layer_;
};

}  // namespace tenfold::litert
