// Capabilities of LiteRT, and the generation core over it.
#include "litert_engine.h"

#include "engine/table.h"
#include "generation/core_engine.h"
#include "litert_model.h"

namespace tenfold {

std::unique_ptr<Engine> make_litert_engine() {
  TokenBackend backend;
  Capabilities& can = backend.capabilities = static_capabilities("litert");
  can.version = "ai-edge-litert 2.3.0";  // the library does not tell
  can.options = litert::option_specs();
  backend.open = litert::LitertModel::open;
  return make_core_engine(std::move(backend));
}

}  // namespace tenfold
