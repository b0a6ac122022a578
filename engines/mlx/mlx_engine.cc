// Capabilities of MLX, and the generation core over it.
#include "mlx_engine.h"

#include "engine/table.h"
#include "framework.h"
#include "generation/core_engine.h"
#include "mlx_model.h"
#include "options.h"

namespace tenfold {

std::unique_ptr<Engine> make_mlx_engine() {
  TokenBackend backend;
  Capabilities& can = backend.capabilities = static_capabilities("mlx");
  can.version = mlx::framework_version();
  can.options = mlx::option_specs();
  backend.open = mlx::MlxModel::open;
  return make_core_engine(std::move(backend));
}

}  // namespace tenfold
