// Capabilities of MLC-LLM, and the generation core over it.
#include "mlc_engine.h"

#include "engine/table.h"
#include "framework.h"
#include "generation/core_engine.h"
#include "mlc_model.h"
#include "options.h"

namespace tenfold {

std::unique_ptr<Engine> make_mlc_engine() {
  TokenBackend backend;
  Capabilities& can = backend.capabilities = static_capabilities("mlc");
  can.version = mlc::framework_version();
  can.options = mlc::option_specs();
  backend.open = mlc::MlcModel::open;
  return make_core_engine(std::move(backend));
}

}  // namespace tenfold
