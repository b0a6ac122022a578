// Any bytes as a safetensors file.
//   safetensors_fuzz -max_total_time=600 fuzz/corpus/safetensors
#include <cstdlib>

#include "formats/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto header = read_safetensors(bytes, "fuzz.safetensors");
  if (header.ok() ? header->bytes_by_type.size() > 65 : header.error().message.empty())
    std::abort();
  return 0;
}
