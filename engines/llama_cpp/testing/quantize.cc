// quantize IN.gguf OUT.gguf TYPE: llama.cpp's own quantization of a file, with the options that its
// program llama-quantize has unless it is told others. For tools/twins.
#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string>

#include "llama.h"

namespace {

struct Type {
  const char* name;
  llama_ftype type;
};
constexpr Type types[] = {
    {"q4_0", LLAMA_FTYPE_MOSTLY_Q4_0},     {"q4_1", LLAMA_FTYPE_MOSTLY_Q4_1},
    {"q8_0", LLAMA_FTYPE_MOSTLY_Q8_0},     {"q6_k", LLAMA_FTYPE_MOSTLY_Q6_K},
    {"q4_k_m", LLAMA_FTYPE_MOSTLY_Q4_K_M}, {"q5_k_m", LLAMA_FTYPE_MOSTLY_Q5_K_M}};

}  // namespace

int main(int count, char** words) {
  const auto* type =
      count == 4 ? std::ranges::find(types, std::string(words[3]), &Type::name) : std::end(types);
  if (type == std::end(types)) {
    std::fputs("usage: quantize IN.gguf OUT.gguf q4_0|q4_1|q8_0|q6_k|q4_k_m|q5_k_m\n", stderr);
    return 2;
  }
  llama_backend_init();
  llama_model_quantize_params parameters = llama_model_quantize_default_params();
  parameters.ftype = type->type;
  parameters.nthread = 1;
  return llama_model_quantize(words[1], words[2], &parameters) == 0 ? 0 : 1;
}
