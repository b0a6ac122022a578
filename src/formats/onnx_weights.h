// The weights of an ONNX model: how many, how large, and whether those in other files are there.
#pragma once

#include <map>
#include <optional>
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
  std::optional<std::int64_t> whole_number;     ///< its value, where it is one int64 or int32

  /// 0 where the product overflows.
  [[nodiscard]] std::uint64_t elements() const;
  [[nodiscard]] std::uint64_t bytes() const;
};

/// Fills the counts of `model`, whose nodes are there.
void count_weights(const std::vector<OnnxTensor>& tensors, OnnxModel& model);

/// The files with weights, relative to the model's folder. bad_model if one is missing, too short
/// or not below that folder.
Result<std::vector<std::string>> check_external_weights(const std::vector<OnnxTensor>& tensors,
                                                        const std::string& path);

}  // namespace tenfold
