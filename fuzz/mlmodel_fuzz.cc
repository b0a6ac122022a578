// Any bytes as a Core ML specification.
//   mlmodel_fuzz -max_total_time=600 fuzz/corpus/mlmodel
#include <cstdlib>

#include "formats/mlmodel.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto source = make_memory_source(bytes);
  const auto model = read_mlmodel(*source, "model.mlmodel");
  if (model.ok() ? model->specification_version <= 0 : model.error().message.empty()) std::abort();
  return 0;
}
