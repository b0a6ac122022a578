#include "formats/description_json.h"

#include "engine/json_fields.h"

namespace tenfold {

using nlohmann::json;

// The library finds these by name for every field they are used in.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LayerShape, key_elements, value_elements, windowed)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ModelShape, trained_context, embedding, feed_forward, heads,
                                   vocabulary, merges, sliding_window, recurrent_bytes, layers)

json to_json(const ModelDescription& description) {
  json object{{"path", description.path},
              {"format", description.format},
              {"details", description.details},
              {"name", description.name},
              {"architecture", description.architecture},
              {"quantization", description.quantization},
              {"tokenizer", description.tokenizer},
              {"chat_template", description.chat_template},
              {"cache_type", description.cache_type},
              {"files", description.files},
              {"bytes", description.bytes},
              {"weight_bytes", description.weight_bytes},
              {"parameters", description.parameters},
              {"trained_context", description.trained_context},
              {"vocabulary", description.vocabulary},
              {"sampling", to_json(description.sampling)}};
  if (description.shape) object["shape"] = *description.shape;
  return object;
}

Result<ModelDescription> description_from_json(const json& object) {
  try {
    ModelDescription description;
    object.at("path").get_to(description.path);
    object.at("format").get_to(description.format);
    object.at("details").get_to(description.details);
    object.at("name").get_to(description.name);
    object.at("architecture").get_to(description.architecture);
    object.at("quantization").get_to(description.quantization);
    object.at("tokenizer").get_to(description.tokenizer);
    object.at("chat_template").get_to(description.chat_template);
    object.at("cache_type").get_to(description.cache_type);
    object.at("files").get_to(description.files);
    object.at("bytes").get_to(description.bytes);
    object.at("weight_bytes").get_to(description.weight_bytes);
    object.at("parameters").get_to(description.parameters);
    object.at("trained_context").get_to(description.trained_context);
    object.at("vocabulary").get_to(description.vocabulary);
    TRY(read_value(object.at("sampling"), "sampling", description.sampling));
    if (object.contains("shape")) description.shape = object.at("shape").get<ModelShape>();
    return description;
  } catch (const json::exception& error) {
    return fail(ErrorCode::internal, std::string("the description is damaged: ") + error.what());
  }
}

}  // namespace tenfold
