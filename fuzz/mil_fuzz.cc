// Any bytes as the text of a compiled Core ML model; behind a zero byte, as its metadata.json.
//   mil_fuzz -max_total_time=600 fuzz/corpus/mil
#include <algorithm>

#include "formats/mlmodelc.h"
#include "mil_program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view text = bytes.substr(0, bytes.find('\0'));
  const std::string_view metadata = bytes.substr(std::min(bytes.size(), text.size() + 1));
  const auto model = read_mlmodelc(text, metadata, "model.mil");
  if (!model.ok()) {
    expect(!model.error().message.empty());
    return 0;
  }
  expect_whole(*model, bytes);
  return 0;
}
