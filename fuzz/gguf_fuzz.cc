// Any bytes through everything that happens to a GGUF file before llama.cpp sees it.
//   fuzz_seeds SEEDS && gguf_fuzz -max_total_time=600 WORK fuzz/corpus/gguf SEEDS
#include <cstdlib>

#include "formats/detect.h"
#include "formats/estimate.h"
#include "formats/gguf_shape.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const auto source = make_memory_source({reinterpret_cast<const char*>(data), size});
  if (!require_format(*source, "fuzz.gguf", "gguf").ok()) return 0;
  auto header = read_gguf(*source, "fuzz.gguf");
  if (!header.ok()) {
    if (header.error().message.empty()) std::abort();
    return 0;
  }
  GgufModel model;
  model.header = std::move(header).value();
  model.files = {"fuzz.gguf"};
  model.tensor_bytes = model.header.tensor_bytes;
  if (const auto* architecture = model.header.text("general.architecture")) {
    model.architecture = *architecture;
  }
  const auto shape = read_shape(model);
  if (!shape.ok()) return 0;
  const CacheSettings largest{.context = 1 << 28, .sequences = 256, .micro_batch = 65536};
  if (estimate_memory(model.tensor_bytes, *shape, largest).total() == 0) std::abort();
  return 0;
}
