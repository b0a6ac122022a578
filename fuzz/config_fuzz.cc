// Any bytes as a config.json, and as a model.safetensors.index.json.
//   config_fuzz -max_total_time=600 fuzz/corpus/config
#include <cstdlib>

#include "formats/decoder_memory.h"
#include "formats/decoder_spec.h"
#include "formats/hf_folder.h"
#include "formats/safetensors_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto config = parse_bounded_json(bytes, "config.json");
  if (!config.ok()) return 0;
  ModelDescription description;
  add_config(*config, description);
  if (description.shape && description.shape->layers.size() > 1024) std::abort();
  const auto spec = read_decoder_spec(*config, "config.json");
  if (spec.ok()) {
    const bool possible = spec->hidden > 0 && spec->head_size > 0 && spec->cache_heads > 0 &&
                          spec->heads % spec->cache_heads == 0 && !spec->layers.empty();
    const DecoderLoad load{.context = spec->context};
    if (!possible || estimate_decoder(0, 0, shape_of(*spec), load).total() == 0) std::abort();
  } else if (spec.error().message.size() > 1000) {
    std::abort();
  }
  const auto names = shard_names(*config, "index.json");
  if (names.ok() && names->contains("")) std::abort();
  return 0;
}
