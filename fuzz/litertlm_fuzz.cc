// Any bytes as a .litertlm container.
//   litertlm_fuzz -max_total_time=120 -rss_limit_mb=1024 corpus
//   tests/models/tiny-llama/litertlm-int8
#include <cstdlib>

#include "formats/litertlm.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const auto source = make_memory_source({reinterpret_cast<const char*>(data), size});
  const auto bundle = read_litertlm(*source, "fuzz.litertlm");
  if (!bundle.ok()) {
    if (bundle.error().message.empty()) std::abort();
    return 0;
  }
  if (bundle->model_offset > size || bundle->model_size > size - bundle->model_offset) std::abort();
  return 0;
}
