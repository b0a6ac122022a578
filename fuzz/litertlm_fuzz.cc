// Any bytes as a .litertlm container, and the models in it.
//   litertlm_fuzz -max_total_time=120 -rss_limit_mb=1024 corpus
//   tests/models/tiny-llama/litertlm-int8 tests/models/litert-forms/weights
#include <cstdlib>

#include "formats/litertlm.h"
#include "formats/tflite_check.h"
#include "formats/tflite_graph.h"
#include "formats/tflite_weights.h"

namespace {

using namespace tenfold;

void expect(bool right) {
  if (!right) std::abort();
}

/// A model whose weights lie apart stays one when it's told where.
TfliteBytes part_of(std::string_view bytes, const BundledModel& model) {
  const auto within = [&](std::uint64_t offset, std::uint64_t size) {
    return offset <= bytes.size() && size <= bytes.size() - offset;
  };
  expect(within(model.offset, model.size) && within(model.weights_offset, model.weights_size));
  const std::string_view graph = bytes.substr(model.offset, model.size);
  if (model.weights_size > 0 && check_tflite(graph, "fuzz.litertlm", model.weights_size).ok()) {
    ModelDescription description;
    const auto moved =
        with_weights_at(graph, "/fuzz.litertlm", model.weights_offset, model.weights_size);
    expect(!moved.ok() || add_tflite({*moved, bytes.size()}, "fuzz.litertlm", description).ok());
  }
  return {graph, model.weights_size};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto bundle = read_litertlm(*make_memory_source(bytes), "fuzz.litertlm");
  if (!bundle.ok()) {
    expect(!bundle.error().message.empty());
    return 0;
  }
  const BundledModels& models = bundle->models;
  TfliteEmbedders embedders;
  if (models.embedder) embedders.embedder = part_of(bytes, *models.embedder);
  if (models.per_layer_embedder) {
    embedders.per_layer = part_of(bytes, *models.per_layer_embedder);
  }
  ModelDescription description;
  const auto added =
      add_tflite(part_of(bytes, models.main), "fuzz.litertlm", description, embedders);
  expect(added.ok() || !added.error().message.empty());
  return 0;
}
