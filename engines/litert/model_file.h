// An opened, not yet compiled model.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/litert_graph.h"
#include "handles.h"

namespace tenfold::litert {

/// A model file or a section of one.
struct ModelRange {
  std::string path;  ///< absolute
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t weights_offset = 0;  ///< of a section of the same file with its weights
  std::uint64_t weights_size = 0;    ///< 0: they are part of the model

  [[nodiscard]] std::uint64_t bytes() const { return size + weights_size; }
};

class ModelFile {
 public:
  /// bad_model if LiteRT refuses the content.
  static Result<ModelFile> open(const ModelRange& range);

  [[nodiscard]] Result<std::vector<Signature>> signatures() const;
  [[nodiscard]] std::uint64_t parameters() const { return parameters_; }

 private:
  friend class CompiledModel;
  ModelFile() = default;
  Result<void> read_content(int descriptor, const ModelRange& range);
  Result<void> read_content(std::string_view bytes, const ModelRange& range);

  const Api* api_ = nullptr;
  std::uint64_t parameters_ = 0;
  std::unique_ptr<const std::string> bytes_;  ///< what the model is made of, if not the file
  Handle<EnvironmentT> environment_;
  Handle<ModelT> model_;
};

}  // namespace tenfold::litert
