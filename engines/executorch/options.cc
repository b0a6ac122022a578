#include "options.h"

#include "engine/options.h"

namespace tenfold::executorch {
namespace {

using LoadMode = ::executorch::extension::Module::LoadMode;

}  // namespace

std::vector<OptionSpec> option_specs() {
  return {
      OptionSpec{"load_mode",
                 "mmap",
                 "Map the model file, map it and keep it in physical memory (mlock), or read it.",
                 {"mmap", "mlock", "file"}},
      OptionSpec{"prefill_chunk",
                 std::int64_t{128},
                 "Most tokens of a prompt given to the model at once; cancelling waits for them.",
                 {},
                 1,
                 65536},
  };
}

Options read_options(const LoadOptions& load) {
  const OptionValues values(load, option_specs());
  const std::string& mode = values.text("load_mode");
  return {mode == "mmap"    ? LoadMode::Mmap
          : mode == "mlock" ? LoadMode::MmapUseMlock
                            : LoadMode::File,
          values.integer("prefill_chunk")};
}

}  // namespace tenfold::executorch
