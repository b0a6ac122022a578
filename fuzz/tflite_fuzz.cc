// Any bytes through the check of .tflite files.
//   tflite_fuzz -max_total_time=120 corpus tests/models/tiny-llama/litert-int8
#include <cstdlib>

#include "formats/tflite_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto checked = tenfold::check_tflite(bytes, "fuzz.tflite");
  if (!checked.ok() && checked.error().message.empty()) std::abort();
  return 0;
}
