#include "formats/mlmodelc.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/files.h"
#include "formats/bounded_json.h"
#include "formats/damaged.h"
#include "formats/mapped_file.h"
#include "formats/mil_check.h"
#include "formats/mil_text.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t longest_metadata_file = std::size_t{16} << 20U;

MlFeature feature_of(const std::string& name, const MilType& type) {
  MlFeature feature{name, type.element, type.shape};
  // Where nothing more is told, a side that the program leaves open may have any length.
  if (std::ranges::find(type.shape, mil_unknown) == type.shape.end()) return feature;
  for (std::int64_t& side : feature.shape) {
    const bool open = side == mil_unknown;
    if (open) side = 1;
    feature.ranges.emplace_back(side, open ? -1 : side);
  }
  return feature;
}

MlFunction features_of(const MilFunction& function) {
  MlFunction result{function.name};
  std::unordered_map<std::string_view, const MilType*> types;
  for (const MilNamedType& input : function.inputs) {
    types.emplace(input.name, &input.type);
    auto& features = input.type.is_state ? result.states : result.inputs;
    features.push_back(feature_of(input.name, input.type));
  }
  for (const MilOperation& operation : function.operations) {
    for (const MilNamedType& output : operation.outputs) types.emplace(output.name, &output.type);
  }
  for (const std::string& output : function.outputs) {
    result.outputs.push_back(feature_of(output, *types.at(output)));
  }
  return result;
}

/// "[[1, 1], [1, 64]]": a list of lists of whole numbers; empty if it is something else.
Result<std::vector<std::vector<std::int64_t>>> lists(const std::string& text,
                                                     const std::string& name) {
  std::vector<std::vector<std::int64_t>> result;
  if (text.empty()) return result;
  const json content = TRY(parse_bounded_json(text, name));
  for (const json& part : content) {
    std::vector<std::int64_t>& list = result.emplace_back();
    for (const json& number : part) {
      if (!number.is_number_integer())
        return fail(ErrorCode::bad_model, name + " has no shape " + text);
      list.push_back(number.get<std::int64_t>());
    }
  }
  return result;
}

/// Adds the shapes that a schema of metadata.json allows for the features it names.
Result<void> add_shapes(const json& schema, std::vector<MlFeature>& features,
                        const std::string& name) {
  if (!schema.is_array()) return {};
  for (const json& entry : schema) {
    if (!entry.is_object()) continue;
    const auto found = std::ranges::find(features, text(entry, "name"), &MlFeature::name);
    if (found == features.end()) continue;
    found->optional = text(entry, "isOptional") == "1";
    const auto shape = TRY(lists("[" + text(entry, "shape") + "]", name));
    if (shape.size() == 1 && shape[0].size() == found->shape.size()) found->shape = shape[0];
    found->enumerated = TRY(lists(text(entry, "enumeratedShapes"), name));
    const auto ranges = TRY(lists(text(entry, "shapeRange"), name));
    if (ranges.empty() && found->enumerated.empty()) continue;
    found->ranges.clear();
    for (const auto& range : ranges) {
      if (range.size() != 2)
        return damaged_as("JSON of a Core ML model", name, "a range has no ends");
      found->ranges.emplace_back(range[0], range[1]);
    }
  }
  return {};
}

Result<void> add_schemas(const json& described, MlFunction& function, const std::string& name) {
  const auto schema = [&](const char* key) {
    return described.contains(key) ? described.at(key) : json();
  };
  TRY(add_shapes(schema("inputSchema"), function.inputs, name));
  TRY(add_shapes(schema("outputSchema"), function.outputs, name));
  return add_shapes(schema("stateSchema"), function.states, name);
}

Result<void> add_metadata(std::string_view bytes, const std::string& name, MlModel& model) {
  const json content = TRY(parse_bounded_json(bytes, name));
  const json described = content.is_array() && !content.empty() ? content[0] : content;
  if (!described.is_object()) {
    return damaged_as("JSON of a Core ML model", name, "it describes no model");
  }
  model.specification_version = positive(described, "specificationVersion");
  const json user_defined = part(described, "userDefinedMetadata");
  for (const auto& [key, value] : user_defined.items()) {
    if (value.is_string()) model.metadata[key] = value.get<std::string>();
  }
  for (MlFunction& function : model.functions) {
    json entry = model.functions.size() == 1 ? described : json();
    const auto functions = described.find("functions");
    if (functions != described.end() && functions->is_array()) {
      for (const json& candidate : *functions) {
        if (candidate.is_object() && text(candidate, "name") == function.name) entry = candidate;
      }
    }
    if (entry.is_object()) TRY(add_schemas(entry, function, name));
  }
  return {};
}

}  // namespace

Result<MlModel> read_mlmodelc(std::string_view program, std::string_view metadata,
                              const std::string& name) {
  MlModel model;
  model.program = TRY(read_mil_text(program, name));
  TRY(check_mil_program(model.program, name));
  for (const MilFunction& function : model.program.functions) {
    model.functions.push_back(features_of(function));
  }
  if (!metadata.empty()) {
    TRY(add_metadata(metadata, (fs::path(name).parent_path() / "metadata.json").string(), model));
  }
  TRY(check_ml_features(model, name));
  return model;
}

Result<MlModel> read_mlmodelc(const fs::path& folder) {
  const fs::path program = folder / "model.mil";
  std::error_code error;
  if (!fs::exists(program, error)) {
    return fail(ErrorCode::unsupported, folder.string() + " has no model.mil: it is no ML program",
                "use a model that was converted for iOS 15 or later");
  }
  const MappedFile text = TRY(MappedFile::open(program));
  std::string metadata;
  if (fs::exists(folder / "metadata.json", error)) {
    metadata = TRY(read_file(folder / "metadata.json", longest_metadata_file));
  }
  return read_mlmodelc(text.bytes(), metadata, program);
}

}  // namespace tenfold
