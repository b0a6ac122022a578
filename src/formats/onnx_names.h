// The names of decoders that come in two files, or in two and a third with both in it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tenfold {

/// optimum wrote decoder_model.onnx, which reads a prompt and makes a KV cache,
/// decoder_with_past_model.onnx, which goes on from one, and decoder_model_merged.onnx, which has
/// both in it; transformers.js adds the precision ("decoder_model_merged_q4.onnx"). Of one such
/// name: the file that stands for the model, itself or another that `is_there` beside it.
std::string leading_decoder(std::string_view name,
                            const std::function<bool(const std::string&)>& is_there);

/// The file that reads prompts for "decoder_with_past_model….onnx"; empty for other names.
std::string prompt_decoder(std::string_view name);

/// Whether the file `other` is of the model `name`: itself, its external weights
/// ("model.onnx_data", "model.onnx.data", either with a number behind), or the same of
/// prompt_decoder(). Both with the same folder before them or none.
bool is_file_of(std::string_view name, std::string_view other);

}  // namespace tenfold
