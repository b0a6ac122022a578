#include "options.h"

#include "engine/options.h"

namespace tenfold::coreml {

std::vector<OptionSpec> option_specs() {
  return {
      OptionSpec{"kernels",
                 std::string("own"),
                 "How linear layers are computed: where weights are integers with x as integers of "
                 "8 bits, or all in f32.",
                 {"own", "exact"}},
      OptionSpec{"function",
                 std::string(),
                 "The function of a package with several that is run; none: the one that the "
                 "package names.",
                 {}},
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
  return {values.text("kernels") == "own" ? kernels::Precision::fast : kernels::Precision::exact,
          static_cast<std::size_t>(values.integer("prefill_chunk")), values.text("function")};
}

}  // namespace tenfold::coreml
