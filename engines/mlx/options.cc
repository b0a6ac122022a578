#include "options.h"

#include "engine/options.h"
#include "formats/decoder_memory.h"

namespace tenfold::mlx {

std::vector<OptionSpec> option_specs() {
  return {
      OptionSpec{"kernels",
                 std::string("own"),
                 "What computes: kernels of Tenfold, the same all in f32, or those of MLX, which "
                 "are slow on processors and copy the weights.",
                 {"own", "exact", "stock"}},
      OptionSpec{"prefill_chunk",
                 usual_prefill_chunk,
                 "Most tokens of a prompt evaluated at once; more of them need more memory.",
                 {},
                 1,
                 8192},
  };
}

Options read_options(const LoadOptions& load) {
  const OptionValues values(load, option_specs());
  const std::string& kernels = values.text("kernels");
  return {kernels == "own"     ? Kernels::own
          : kernels == "exact" ? Kernels::exact
                               : Kernels::stock,
          static_cast<std::size_t>(values.integer("prefill_chunk"))};
}

}  // namespace tenfold::mlx
