// The signatures of a TFLite model, as the engine sees them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/flatbuffer.h"
#include "formats/litert_graph.h"
#include "tenfold/result.h"

namespace tenfold {

/// Inputs or outputs of a signature that are looked at.
constexpr std::uint32_t most_signature_tensors = 10'000;

/// The tensor of an entry of a signature's list of inputs (field 0) or outputs (1).
std::optional<FlatTable> signature_tensor(const FlatTable& model, const FlatTable& signature,
                                          const FlatTable& entry);

/// TensorType of the schema as the runtime numbers it; those that are not interpreted are as
/// different from each other as they are in the file.
litert::Element tflite_element(std::uint8_t type);

/// The dimensions of a tensor of the schema, the first 8; what is not known is 0.
std::vector<std::int64_t> tflite_dimensions(const FlatTable& tensor);

/// Their product; 0 if it overflows.
std::uint64_t tflite_elements(const FlatTable& tensor);

/// `model` is the root of bytes that check_tflite() found right. unsupported if there are more
/// tensors than any language model has; `name` appears in the message.
Result<std::vector<litert::Signature>> tflite_signatures(const FlatTable& model,
                                                         const std::string& name);

}  // namespace tenfold
