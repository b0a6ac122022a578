// Any bytes as a tensor-cache.json, as an mlc-chat-config.json and as a compiled library.
//   mlc_fuzz -max_total_time=600 fuzz/corpus/mlc
#include <cstdlib>

#include "formats/bounded_json.h"
#include "formats/mlc_library.h"
#include "formats/mlc_template.h"
#include "formats/mlc_weights.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto library = check_mlc_library(bytes, "fuzz.so");
  if (!library.ok() && library.error().message.empty()) std::abort();
  const auto json = parse_bounded_json(bytes, "fuzz.json");
  if (!json.ok() || !json->is_object()) return 0;
  ModelText text;
  add_mlc_ends(*json, text);
  mlc_template(part(*json, "conv_template"));
  const auto weights = read_mlc_weights(*json, "fuzz.json");
  if (!weights.ok()) {
    if (weights.error().message.empty()) std::abort();
    return 0;
  }
  for (const MlcTensor& tensor : weights->tensors) {
    const std::uint64_t room = weights->shards.at(tensor.shard).bytes;
    if (tensor.bytes > room || tensor.offset > room - tensor.bytes) std::abort();
  }
  return 0;
}
