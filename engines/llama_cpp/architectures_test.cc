// What the description of a file says of architectures, against the library that would load it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <llama.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "formats/gguf_architectures.h"

// llama.cpp has these for its own tests (src/llama-arch.h, src/llama-model.h).
enum llm_arch : unsigned;
std::vector<llm_arch> llm_arch_all();
const char* llm_arch_name(llm_arch architecture);
llama_model* llama_model_create(llm_arch architecture, const llama_model_params& params);

namespace tenfold::llama_cpp {
namespace {

/// Whether models of the architecture are an encoder and a decoder; throws for one that the library
/// has a name for and nothing else.
bool is_both(llm_arch architecture) {
  const std::unique_ptr<llama_model, decltype(&llama_model_free)> model(
      llama_model_create(architecture, llama_model_default_params()), llama_model_free);
  return llama_model_has_encoder(model.get()) && llama_model_has_decoder(model.get());
}

TEST(ArchitecturesTest, AreThoseOfTheLibrary) {
  std::vector<std::string_view> loaded;
  for (const llm_arch architecture : llm_arch_all()) {
    const std::string_view name = llm_arch_name(architecture);
    if (name == "clip") continue;  // a vision projector, which is refused as such
    try {
      const bool both = is_both(architecture);
      EXPECT_EQ(check_gguf_architecture(name, "m.gguf").ok(), !both) << name;
      loaded.push_back(name);
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("unsupported model architecture"));
      EXPECT_FALSE(check_gguf_architecture(name, "m.gguf").ok()) << name;
    }
  }
  EXPECT_THAT(gguf_architectures(), ::testing::UnorderedElementsAreArray(loaded));
}

}  // namespace
}  // namespace tenfold::llama_cpp
