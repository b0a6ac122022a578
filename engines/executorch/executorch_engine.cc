// Capabilities of ExecuTorch, and the generation core over it.
#include "executorch_engine.h"

#include "engine/table.h"
#include "executorch_model.h"
#include "generation/core_engine.h"
#include "options.h"

namespace tenfold {

std::unique_ptr<Engine> make_executorch_engine() {
  TokenBackend backend;
  Capabilities& can = backend.capabilities = static_capabilities("executorch");
  can.version = EXECUTORCH_VERSION;
  can.options = executorch::option_specs();
  backend.open = executorch::ExecutorchModel::open;
  return make_core_engine(std::move(backend));
}

}  // namespace tenfold
