// What a file is, by its content.
#pragma once

#include <string>
#include <string_view>

#include "formats/byte_source.h"
#include "tenfold/result.h"

namespace tenfold {

/// What describe_content() says of content that nothing tells.
constexpr std::string_view unknown_content = "binary data of an unknown kind";

/// A short description of content that starts with `head` ("a ZIP archive", "an HTML page, …"), or
/// "GGUF". Looks at the first bytes only; never empty.
std::string describe_content(std::string_view head);

/// The format's id ("gguf", "onnx", "pte", "tflite", "litertlm", "safetensors") by the file's first
/// bytes; "pllm", which has no magic number, by its name too. bad_model otherwise, saying what the
/// file looks like and what to do: empty, Git-LFS pointer, web page, archive, text. `name` is the
/// file's name in messages.
Result<std::string_view> detect_format(const ByteSource& source, const std::string& name);

/// The error bad_model of a file `name` that is not `wanted` ("a GGUF file") but what
/// describe_content() says. `hint` is given where the description itself has no better one.
Error is_not(const std::string& name, std::string_view wanted, std::string_view description,
             std::string_view hint);

/// bad_model, as detect_format() says it, unless the file is of this format.
Result<void> require_format(const ByteSource& source, const std::string& name,
                            std::string_view format);

}  // namespace tenfold
