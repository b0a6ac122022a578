// Capabilities of ONNX Runtime, and the generation core over it.
#include "onnxruntime_engine.h"

#include "engine/table.h"
#include "generation/core_engine.h"
#include "library.h"
#include "onnx_decoder.h"
#include "options.h"

namespace tenfold {

std::unique_ptr<Engine> make_onnxruntime_engine() {
  const auto library = onnxruntime::open_library();
  TokenBackend backend;
  Capabilities& can = backend.capabilities = static_capabilities("onnxruntime");
  can.version = library.ok() ? (*library)->version : "library not found";
  can.options =
      onnxruntime::option_specs(library.ok() ? (*library)->providers : std::vector<std::string>());
  backend.open = onnxruntime::OnnxDecoder::open;
  return make_core_engine(std::move(backend));
}

}  // namespace tenfold
