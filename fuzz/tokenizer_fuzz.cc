// Any bytes as a tokenizer.json, and as a tokenizer.model of either form.
//   tokenizer_fuzz -max_total_time=600 fuzz/corpus/tokenizer
#include <cstdlib>

#include "formats/tokenizer_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const char* name : {"tokenizer.json", "tokenizer.model"}) {
    const auto tokenizer = read_tokenizer_file(bytes, name);
    if (tokenizer.ok() ? tokenizer->kind.empty() : tokenizer.error().message.empty()) std::abort();
  }
  return 0;
}
