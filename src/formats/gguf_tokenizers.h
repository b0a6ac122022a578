// Which tokenizers of GGUF models llama.cpp has, known without it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "formats/gguf.h"
#include "tenfold/result.h"

namespace tenfold {

/// The values of tokenizer.ggml.model, and, for those that merge pairs of bytes ("gpt2" and what is
/// like it), of tokenizer.ggml.pre, that the llama.cpp of deps/engines.lock loads, in the order of
/// the alphabet (llama_vocab::impl::load in its src/llama-vocab.cpp). A test of the engine holds
/// each to the library, and asks for another look when the version changes.
std::span<const std::string_view> gguf_tokenizers();
std::span<const std::string_view> gguf_pre_tokenizers();

/// Whether `model`, a value of tokenizer.ggml.model, merges pairs of bytes.
bool merges_bytes(std::string_view model);

/// unsupported or bad_model, naming `path`, if llama.cpp cannot make a tokenizer of what the file
/// holds.
Result<void> check_gguf_tokenizer(const GgufFile& file, const std::string& path);

}  // namespace tenfold
