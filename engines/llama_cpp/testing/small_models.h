// For tests: complete GGUF models of a few kilobytes with random weights, one per architecture
// family that behaves differently.
#pragma once

#include "formats/gguf_builder.h"

namespace tenfold::llama_cpp {

/// Attention everywhere: two layers, 32 wide, 128 tokens trained, a byte-level vocabulary.
GgufBuilder small_llama();
/// Sliding-window attention of 8 tokens in five of six layers, 2048 tokens trained.
GgufBuilder small_gemma3();
/// Recurrent.
GgufBuilder small_mamba();
/// Encoder only.
GgufBuilder small_bert();
/// A LoRA adapter for small_llama() that changes its output.
GgufBuilder small_lora();

}  // namespace tenfold::llama_cpp
