#include "options.h"

namespace tenfold::executorch {
namespace {

using LoadMode = ::executorch::extension::Module::LoadMode;

constexpr std::int64_t default_chunk = 128;

template <typename T>
T value_of(const LoadOptions& options, const char* name, T otherwise) {
  const auto given = options.engine_options.find(name);
  return given == options.engine_options.end() ? std::move(otherwise) : std::get<T>(given->second);
}

}  // namespace

std::vector<OptionSpec> option_specs() {
  return {
      OptionSpec{"load_mode",
                 "mmap",
                 "Map the model file, map it and keep it in physical memory (mlock), or read it.",
                 {"mmap", "mlock", "file"}},
      OptionSpec{"prefill_chunk",
                 default_chunk,
                 "Most tokens of a prompt given to the model at once; cancelling waits for them.",
                 {},
                 1,
                 65536},
  };
}

Options read_options(const LoadOptions& options) {
  const auto mode = value_of<std::string>(options, "load_mode", "mmap");
  return {mode == "mmap"    ? LoadMode::Mmap
          : mode == "mlock" ? LoadMode::MmapUseMlock
                            : LoadMode::File,
          static_cast<int>(value_of(options, "prefill_chunk", default_chunk))};
}

}  // namespace tenfold::executorch
