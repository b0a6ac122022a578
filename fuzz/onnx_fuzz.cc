// Any bytes through everything that happens to an ONNX file before ONNX Runtime sees it.
//   mkdir corpus && cp tests/models/*/genai-*/model.onnx corpus
//   onnx_fuzz -max_total_time=120 -rss_limit_mb=512 corpus
#include <cstdlib>

#include "formats/decoder_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const auto source = make_memory_source({reinterpret_cast<const char*>(data), size});
  const std::string name = "fuzz.onnx";
  const auto model = read_onnx_model(*source, name);
  if (!model.ok()) {
    if (model.error().message.empty()) std::abort();
    return 0;
  }
  const ModelSizes known{1024, 2, 32, 512};
  const auto graph = describe_decoder(*model, known, name);
  if (graph.ok() && graph->vocabulary <= 0) std::abort();
  return 0;
}
