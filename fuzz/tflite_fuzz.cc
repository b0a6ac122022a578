// Any bytes as a .tflite model.
//   tflite_fuzz -max_total_time=600 fuzz/corpus/tflite
#include <cstdlib>

#include "formats/tflite_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ModelDescription description;
  const auto added = add_tflite({bytes}, "fuzz.tflite", description);
  if (!added.ok() && added.error().message.empty()) std::abort();
  return 0;
}
