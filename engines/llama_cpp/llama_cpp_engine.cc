// Capabilities of llama.cpp, and the generation core over it.
#include "llama_cpp_engine.h"

#include <llama.h>

#include "engine/table.h"
#include "generation/core_engine.h"
#include "llama_model.h"
#include "options.h"

namespace tenfold {

std::unique_ptr<Engine> make_llama_cpp_engine() {
  TokenBackend backend;
  Capabilities& can = backend.capabilities = static_capabilities("llama_cpp");
  can.version = std::string(llama_version()) + " (ggml " + ggml_version() + ")";
  can.options = llama_cpp::option_specs();
  backend.open = llama_cpp::LlamaModel::open;
  return make_core_engine(std::move(backend));
}

}  // namespace tenfold
