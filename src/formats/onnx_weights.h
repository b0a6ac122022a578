// The weights of an ONNX model: how many, how large, and whether those in other files are there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "formats/onnx.h"

namespace tenfold {

/// An initializer without its data.
struct OnnxTensor {
  std::string name;
  OnnxType type = OnnxType::none;
  std::vector<std::int64_t> shape;
  std::map<std::string, std::string> external;  ///< location, offset, length; empty: in the file

  /// 0 where the product overflows.
  [[nodiscard]] std::uint64_t elements() const;
  [[nodiscard]] std::uint64_t bytes() const;
};

/// Fills the counts of `model`, whose nodes are there.
void count_weights(const std::vector<OnnxTensor>& tensors, OnnxModel& model);

/// bad_model if a file with weights is missing, too short or not below the model's folder.
Result<void> check_external_weights(const std::vector<OnnxTensor>& tensors,
                                    const std::string& path);

}  // namespace tenfold
