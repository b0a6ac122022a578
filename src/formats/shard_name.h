// How the files of a model in several parts are called: NAME-00002-of-00003.gguf.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenfold {

/// The rule of llama.cpp and of Hugging Face: five digits each, the first part is 1.
struct ShardName {
  std::string stem;  ///< with the folders, if the path had any
  int number = 0;    ///< 1 … count
  int count = 0;
  std::string extension;  ///< with the dot; may be empty

  /// The path of another part.
  [[nodiscard]] std::string part(int other) const;
};

/// nullopt for a path that is not called so.
std::optional<ShardName> read_shard_name(std::string_view path);

/// Whether the path is that of a part but the first, which stands for the model.
bool is_later_shard(std::string_view path);

}  // namespace tenfold
