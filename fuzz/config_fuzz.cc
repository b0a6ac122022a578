// Any bytes as a config.json.
//   config_fuzz -max_total_time=600 fuzz/corpus/config
#include <cstdlib>

#include "formats/hf_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto config = parse_bounded_json(bytes, "config.json");
  if (!config.ok()) return 0;
  ModelDescription description;
  add_config(*config, description);
  if (description.shape && description.shape->layers.size() > 1024) std::abort();
  return 0;
}
