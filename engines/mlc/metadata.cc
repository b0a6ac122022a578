#include "metadata.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/processor.h"
#include "formats/bounded_json.h"

namespace tenfold::mlc {
namespace {

using nlohmann::json;

constexpr std::int64_t most_layers = 1024;
constexpr std::int64_t largest_size = 1 << 20;
constexpr std::int64_t largest_context = 1 << 30;

class Fields {
 public:
  explicit Fields(const std::string& library) : library_(library) {}

  [[nodiscard]] Error broken(std::string_view what) const {
    return fail(ErrorCode::bad_model,
                fmt::format("the library {} says of its model: {}", library_, what),
                "compile it again with `tenfold compile FOLDER`");
  }
  [[nodiscard]] Error refused(std::string_view what) const {
    return fail(ErrorCode::unsupported, fmt::format("the library {} is {}", library_, what),
                "compile one with `tenfold compile FOLDER`");
  }

  [[nodiscard]] Result<std::int64_t> size(const json& object, const char* key,
                                          std::int64_t most) const {
    const std::int64_t value = positive(object, key);
    if (value >= 1 && value <= most) return value;
    return broken(fmt::format("{} is not a number from 1 to {}", key, most));
  }

  [[nodiscard]] Result<Parameter> parameter(const json& entry) const {
    Parameter found;
    if (entry.is_object()) {
      found.name = text(entry, "name");
      found.type = text(entry, "dtype");
    }
    const auto shape = entry.find("shape");
    if (found.name.empty() || found.type.empty() || shape == entry.end() || !shape->is_array()) {
      return broken("a parameter has no name, type or shape");
    }
    for (const json& length : *shape) {
      const bool is_number = length.is_number_unsigned() && length.get<std::int64_t>() > 0;
      if (!is_number && !length.is_string()) {
        return broken(fmt::format("the shape of {} is none", found.name));
      }
      found.shape.push_back(is_number ? length.get<std::int64_t>() : 0);
    }
    return found;
  }

 private:
  const std::string& library_;
};

}  // namespace

Result<Metadata> read_metadata(const std::string& source, const std::string& library) {
  const json object = TRY(parse_bounded_json(source, "the metadata of " + library));
  const Fields fields(library);
  if (!object.is_object()) return fields.broken("nothing");
  Metadata metadata;
  metadata.model_type = text(object, "model_type");
  metadata.quantization = text(object, "quantization");
  metadata.processor = text(object, "processor");
  for (const char* parts : {"tensor_parallel_shards", "pipeline_parallel_stages"}) {
    if (positive(object, parts) > 1)
      return fields.refused("for a model in parts on several devices");
  }
  const std::string kind = text(object, "kv_state_kind");
  if (!kind.empty() && kind != "kv_cache") {
    return fields.refused(fmt::format("for a model with the state {}, not a KV cache", kind));
  }
  if (positive(object, "sliding_window_size") > 0) {
    return fields.refused("for a model with one window for all layers (sliding_window_size)");
  }
  metadata.context = TRY(fields.size(object, "context_window_size", largest_context));
  metadata.prefill_chunk = TRY(fields.size(object, "prefill_chunk_size", largest_size));
  if (object.contains("max_batch_size")) {
    metadata.batch = TRY(fields.size(object, "max_batch_size", largest_size));
  }
  const json cache = part(object, "kv_cache");
  metadata.layers = TRY(fields.size(cache, "num_hidden_layers", most_layers));
  metadata.cache_heads = TRY(fields.size(cache, "num_key_value_heads", largest_size));
  metadata.head_size = TRY(fields.size(cache, "head_dim", largest_size));
  const auto parameters = object.find("params");
  if (parameters == object.end() || !parameters->is_array() || parameters->empty()) {
    return fields.broken("it has no parameters");
  }
  for (const json& entry : *parameters) {
    metadata.parameters.push_back(TRY(fields.parameter(entry)));
  }
  return metadata;
}

Result<void> check_processor(const Metadata& metadata, const std::string& library) {
  if (metadata.processor.empty()) return {};
  const std::vector<std::string> levels = processor_levels();
  if (std::ranges::find(levels, metadata.processor) != levels.end()) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("the library {} was compiled for processors of {}, and this one is of {}",
                          library, metadata.processor, levels.front()),
              "compile it here with `tenfold compile FOLDER`");
}

}  // namespace tenfold::mlc
