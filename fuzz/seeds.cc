// Writes the small test models, without their weights' bulk, as seeds for gguf_fuzz.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "testing/small_models.h"

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: fuzz_seeds FOLDER\n";
    return 2;
  }
  namespace llama_cpp = tenfold::llama_cpp;
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  const auto write = [&](const char* name, const tenfold::GgufBuilder& builder) {
    std::ofstream(folder / name, std::ios::binary) << builder.build();
  };
  write("llama", llama_cpp::small_llama());
  write("gemma3", llama_cpp::small_gemma3());
  write("mamba", llama_cpp::small_mamba());
  write("bert", llama_cpp::small_bert());
  write("lora", llama_cpp::small_lora());
  tenfold::GgufBuilder smallest;
  smallest.text("general.architecture", "x")
      .integer("x.block_count", 1)
      .integer("x.embedding_length", 8)
      .integer("x.context_length", 8)
      .array<float>("x.attention.head_count_kv", tenfold::GgufType::float32, {1.0F})
      .tensor("t", {8}, std::vector<float>(8));
  write("smallest", smallest);
  return 0;
}
