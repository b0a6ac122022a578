// Which architectures of GGUF models llama.cpp runs, known without it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

/// The values of general.architecture that the llama.cpp of deps/engines.lock loads, in the order
/// of the alphabet (LLM_ARCH_NAMES in its src/llama-arch.cpp). A test of the engine holds them
/// equal to the library's.
std::span<const std::string_view> gguf_architectures();

/// unsupported, naming `path`, if the engine cannot run models of the architecture: llama.cpp does
/// not know it, or they are an encoder and a decoder in one.
Result<void> check_gguf_architecture(std::string_view architecture, const std::string& path);

}  // namespace tenfold
