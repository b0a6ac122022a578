#include "embedder_files.h"

#include <utility>

namespace tenfold::litert {
namespace {

struct Opened {
  std::optional<ModelFile> file;
  std::optional<std::vector<Signature>> signatures;
};

Result<Opened> open_part(const std::optional<ModelRange>& range) {
  if (!range) return Opened();
  ModelFile file = TRY(ModelFile::open(*range));
  auto signatures = TRY(file.signatures());
  return Opened{std::move(file), std::move(signatures)};
}

}  // namespace

Result<EmbedderFiles> EmbedderFiles::open(const ModelSource& source, const Graph& graph,
                                          const std::string& name) {
  Opened embedder = TRY(open_part(source.embedder));
  Opened per_layer = TRY(open_part(source.per_layer_embedder));
  EmbedderGraphs graphs = TRY(match_embedders(
      graph, {std::move(embedder.signatures), std::move(per_layer.signatures)}, name));
  EmbedderFiles files;
  if (graphs.embedder) {
    files.embedder_ = Part{std::move(*embedder.file), source.embedder->bytes(), *graphs.embedder};
  }
  if (graphs.per_layer) {
    files.per_layer_ =
        Part{std::move(*per_layer.file), source.per_layer_embedder->bytes(), *graphs.per_layer};
  }
  return files;
}

std::uint64_t EmbedderFiles::bytes() const {
  return (embedder_ ? embedder_->bytes : 0) + (per_layer_ ? per_layer_->bytes : 0);
}

std::uint64_t EmbedderFiles::parameters() const {
  return (embedder_ ? embedder_->file.parameters() : 0) +
         (per_layer_ ? per_layer_->file.parameters() : 0);
}

Result<Runtime::Embedders> EmbedderFiles::compile() && {
  Runtime::Embedders made;
  if (embedder_) {
    made.embedder = TRY(Embedder::create(std::move(embedder_->file), std::move(embedder_->graph)));
  }
  if (per_layer_) {
    made.per_layer =
        TRY(Embedder::create(std::move(per_layer_->file), std::move(per_layer_->graph)));
  }
  return made;
}

}  // namespace tenfold::litert
