// Any bytes as a Core ML specification, and as the weights that it names.
//   mlmodel_fuzz -max_total_time=600 fuzz/corpus/mlmodel
#include "mil_program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto source = make_memory_source(bytes);
  const auto model = read_mlmodel(*source, "model.mlmodel");
  if (!model.ok()) {
    expect(!model.error().message.empty());
    return 0;
  }
  expect(model->specification_version > 0);
  expect_whole(*model, bytes);
  return 0;
}
