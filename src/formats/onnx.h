// The structure of an ONNX model without its weights (https://onnx.ai/onnx/repo-docs/IR.html; field
// numbers from onnx.proto).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/byte_source.h"

namespace tenfold {

/// onnx.TensorProto.DataType, as far as language models use it.
enum class OnnxType : int {
  none = 0,
  float32 = 1,
  uint8 = 2,
  int8 = 3,
  int32 = 6,
  int64 = 7,
  boolean = 9,
  float16 = 10,
  float64 = 11,
  bfloat16 = 16,
  uint4 = 21,
  int4 = 22,
};

/// Bits of one element; 0 for a type of variable or unknown size.
int element_bits(OnnxType type);
/// "float16"; "type 25" for one not listed above.
std::string to_string(OnnxType type);

/// An input or output of the graph.
struct OnnxValue {
  static constexpr std::int64_t symbolic = -1;  ///< a dimension known only when the model runs

  std::string name;
  OnnxType type = OnnxType::none;  ///< none: not a tensor
  std::vector<std::int64_t> shape;
};

struct OnnxNode {
  std::string operation;  ///< "MatMul"
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::map<std::string, std::int64_t> integers;  ///< attributes that are one integer
};

struct OnnxModel {
  std::string producer;
  std::vector<OnnxValue> inputs;  ///< without those that have an initializer
  std::vector<OnnxValue> outputs;
  std::vector<OnnxNode> nodes;        ///< of the graph itself
  std::vector<OnnxNode> inner_nodes;  ///< of the bodies of If and Loop, all levels
  /// Constants of the graph itself that are one whole number, by name.
  std::map<std::string, std::int64_t> whole_numbers;
  std::uint64_t parameters = 0;  ///< weights as numbers; packed ones count for what they stand for
  OnnxType weight_type = OnnxType::none;    ///< of most weight bytes
  std::uint64_t inline_bytes = 0;           ///< of weights inside the file
  std::uint64_t external_bytes = 0;         ///< of weights in files beside it
  std::vector<std::string> external_files;  ///< as the model names them, relative to its folder
  std::uint64_t shared_bytes = 0;           ///< of weights that more than one node reads
};

/// Reads the structure and checks that the external weights are there in full. not_found,
/// permission_denied, io; bad_model for a damaged file or missing weights, naming the file.
Result<OnnxModel> open_onnx_model(const std::string& path);

/// The same for a file that is open already; `path` names it, and external weights are beside it.
Result<OnnxModel> read_onnx_model(const ByteSource& source, const std::string& path);

}  // namespace tenfold
