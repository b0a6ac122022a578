#include "options.h"

#include "engine/options.h"

namespace tenfold::mlc {

std::vector<OptionSpec> option_specs() {
  return {
      OptionSpec{"library",
                 std::string(),
                 "The compiled library to load: machine code, which runs with your rights. Empty: "
                 "the one that `tenfold compile` made, or the one beside the weights.",
                 {},
                 0,
                 0,
                 OptionKind::path},
      OptionSpec{"prefill_chunk",
                 std::int64_t{256},
                 "Most tokens of a prompt evaluated at once; at most what the library was compiled "
                 "for.",
                 {},
                 1,
                 8192},
  };
}

Options read_options(const LoadOptions& load) {
  const OptionValues values(load, option_specs());
  return {values.text("library"), values.integer("prefill_chunk")};
}

}  // namespace tenfold::mlc
