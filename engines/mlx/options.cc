#include "options.h"

#include "engine/options.h"

namespace tenfold::mlx {

std::vector<OptionSpec> option_specs() {
  return {
      OptionSpec{"prefill_chunk",
                 std::int64_t{256},
                 "Most tokens of a prompt evaluated at once; more of them need more memory.",
                 {},
                 1,
                 8192},
  };
}

Options read_options(const LoadOptions& load) {
  const OptionValues values(load, option_specs());
  return {static_cast<std::size_t>(values.integer("prefill_chunk"))};
}

}  // namespace tenfold::mlx
