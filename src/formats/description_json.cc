#include "formats/description_json.h"

#include "engine/json.h"

namespace tenfold {

using nlohmann::json;

// The library finds these by name for every field they are used in.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LayerShape, key_elements, value_elements, windowed)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ModelShape, trained_context, embedding, feed_forward, heads,
                                   vocabulary, merges, sliding_window, recurrent_bytes, layers)

json to_json(const ModelDescription& description) {
  json object{{"model", to_json(static_cast<const ResolvedModel&>(description))},
              {"details", description.details},
              {"title", description.title},
              {"tokenizer", description.tokenizer},
              {"cache_type", description.cache_type},
              {"bytes", description.bytes},
              {"vocabulary", description.vocabulary}};
  if (description.shape) object["shape"] = *description.shape;
  if (description.refusal) object["refusal"] = to_json(*description.refusal);
  if (description.unready) object["unready"] = to_json(*description.unready);
  return object;
}

Result<ModelDescription> description_from_json(const json& object) {
  try {
    ModelDescription description;
    static_cast<ResolvedModel&>(description) = TRY(resolved_model_from_json(object.at("model")));
    object.at("details").get_to(description.details);
    object.at("title").get_to(description.title);
    object.at("tokenizer").get_to(description.tokenizer);
    object.at("cache_type").get_to(description.cache_type);
    object.at("bytes").get_to(description.bytes);
    object.at("vocabulary").get_to(description.vocabulary);
    if (object.contains("shape")) description.shape = object.at("shape").get<ModelShape>();
    if (object.contains("refusal")) description.refusal = error_from_json(object.at("refusal"));
    if (object.contains("unready")) description.unready = error_from_json(object.at("unready"));
    return description;
  } catch (const json::exception& error) {
    return fail(ErrorCode::internal, std::string("the description is damaged: ") + error.what());
  }
}

}  // namespace tenfold
