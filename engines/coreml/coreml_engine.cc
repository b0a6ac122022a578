// Capabilities of Core ML, and the generation core over it.
#include "coreml_engine.h"

#include "coreml_model.h"
#include "engine/table.h"
#include "generation/core_engine.h"
#include "options.h"

namespace tenfold {

std::unique_ptr<Engine> make_coreml_engine() {
  TokenBackend backend;
  Capabilities& can = backend.capabilities = static_capabilities("coreml");
  can.version = TENFOLD_VERSION;
  can.options = coreml::option_specs();
  backend.open = coreml::CoremlModel::open;
  return make_core_engine(std::move(backend));
}

}  // namespace tenfold
