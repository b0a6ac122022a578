// The file in which XNNPACK keeps its arrangement of a model's weights: mapped, they take no memory
// beside the model's own file, and the next load need not arrange them again.
#pragma once

#include <filesystem>
#include <string>

#include "tenfold/result.h"

namespace tenfold::litert {

/// Any number of processes may use one folder: a new file is written under a name of its own, and
/// put in place whole.
class WeightCache {
 public:
  /// None: the weights are arranged in memory.
  WeightCache() = default;
  /// The one for the present state of the file `model`, in `folder`, which is made if need be and
  /// may hold other files, too. Removes caches that nobody used for a month, and what a killed
  /// process left. Errors: invalid_argument (a folder that LiteRT cannot take), io.
  static Result<WeightCache> in(const std::filesystem::path& folder,
                                const std::filesystem::path& model);
  WeightCache(WeightCache&& other) noexcept;
  WeightCache& operator=(WeightCache&&) = delete;
  /// Removes a file that was not kept.
  ~WeightCache();

  /// What LiteRT reads, or writes if it is not there; empty for none.
  [[nodiscard]] const std::string& file() const { return file_; }

  /// The model is loaded: later loads may use the file. It is not put in place where that fails.
  void keep();

 private:
  std::string file_;
  std::filesystem::path place_;  ///< where a new one goes; empty if it is there, or kept
};

}  // namespace tenfold::litert
