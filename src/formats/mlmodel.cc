#include "formats/mlmodel.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/damaged.h"
#include "formats/mil_check.h"
#include "formats/mil_limits.h"
#include "formats/mil_protobuf.h"
#include "formats/protobuf.h"

namespace tenfold {
namespace {

constexpr std::string_view format = "a Core ML model";
constexpr std::size_t most_features = 1000;
constexpr std::size_t most_functions = 64;
constexpr std::size_t most_shapes = 128;  // as Core ML's own limit
constexpr std::size_t most_metadata = 1000;
constexpr std::uint64_t longest_metadata = 1U << 20U;

std::optional<MilElement> array_element(std::int64_t type) {
  switch (type) {
    case 65552:
      return MilElement::f16;
    case 65568:
      return MilElement::f32;
    case 65600:
      return MilElement::f64;
    case 131080:
      return MilElement::i8;
    case 131104:
      return MilElement::i32;
    default:
      return std::nullopt;
  }
}

/// The kinds of models by their field of Model that people meet besides programs.
std::string_view kind_of_model(int field) {
  switch (field) {
    case 200:
    case 201:
    case 202:
      return "a pipeline";
    case 500:
      return "a neural network";
    default:
      return "another kind of model";
  }
}

class MlModelReader {
 public:
  MlModelReader(const ByteSource& source, const std::string& name) : file_(source, name, format) {}

  Result<MlModel> read() {
    int kind = 0;
    ProtobufMessage program(file_, 0, 0);
    TRY(each_field(ProtobufMessage(file_), [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) model_.specification_version = field.number();
      if (field.field() == 2) return read_description(field.message());
      if (field.field() >= 200) kind = field.field();
      if (field.field() == 502) program = field.message();
      return {};
    }));
    if (model_.specification_version <= 0) return file_.bad("it has no specification version");
    if (kind == 0) return file_.bad("it has neither a program nor a model of another kind");
    if (kind != 502) {
      return unsupported(fmt::format("it is {}, no ML program", kind_of_model(kind)),
                         "convert the model with coremltools for iOS 15 or later");
    }
    if (!not_a_tensor_.empty()) return unsupported(not_a_tensor_ + " is no tensor");
    model_.program = TRY(read_mil_protobuf(file_, program));
    TRY(name_default());
    TRY(check_mil_program(model_.program, file_.name()));
    TRY(check_ml_features(model_, file_.name()));
    return std::move(model_);
  }

 private:
  [[nodiscard]] Error unsupported(std::string_view what, std::string hint = {}) const {
    return fail(ErrorCode::unsupported, fmt::format("{}: {}", file_.name(), what), std::move(hint));
  }

  /// ModelDescription: features of the only function, or functions with features of their own.
  Result<void> read_description(const ProtobufMessage& message) {
    return each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      switch (field.field()) {
        case 1:
          return add(only_.inputs, field);
        case 10:
          return add(only_.outputs, field);
        case 13:
          return add(only_.states, field);
        case 20:
          return read_function(field.message());
        case 21:
          default_function_ = TRY(field.text(longest_mil_name));
          return {};
        case 100:
          return read_metadata(field.message());
        default:
          return {};
      }
    });
  }

  Result<void> read_function(const ProtobufMessage& message) {
    if (model_.functions.size() == most_functions) return file_.bad("it has too many functions");
    MlFunction function;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      switch (field.field()) {
        case 1:
          function.name = TRY(field.text(longest_mil_name));
          return {};
        case 2:
          return add(function.inputs, field);
        case 3:
          return add(function.outputs, field);
        case 6:
          return add(function.states, field);
        default:
          return {};
      }
    }));
    model_.functions.push_back(std::move(function));
    return {};
  }

  /// A model without functions of its own has one, the program's.
  Result<void> name_default() {
    if (model_.functions.empty()) {
      only_.name = "main";
      model_.functions.push_back(std::move(only_));
    }
    model_.program.default_function =
        default_function_.empty() ? model_.functions.front().name : default_function_;
    if (model_.function(model_.program.default_function) != nullptr) return {};
    return file_.bad(
        fmt::format("its function {} is not described", model_.program.default_function));
  }

  /// Metadata: userDefined, a map of texts.
  Result<void> read_metadata(const ProtobufMessage& message) {
    return each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() != 100) return {};
      if (model_.metadata.size() == most_metadata) return file_.bad("it has too much metadata");
      std::string key;
      std::string value;
      TRY(each_field(field.message(), [&](const ProtobufMessage& part) -> Result<void> {
        if (part.field() == 1) key = TRY(part.text(longest_mil_name));
        if (part.field() == 2) value = TRY(part.text(longest_metadata));
        return {};
      }));
      metadata_bytes_ += key.size() + value.size();
      if (metadata_bytes_ > longest_metadata) return file_.bad("it has too much metadata");
      model_.metadata[key] = std::move(value);
      return {};
    });
  }

  /// FeatureDescription: name, type (array or state of an array).
  Result<void> add(std::vector<MlFeature>& features, const ProtobufMessage& field) {
    if (features_++ == most_features) return file_.bad("it has too many inputs or outputs");
    MlFeature feature;
    bool is_tensor = false;
    const auto read_array = [&](const ProtobufMessage& part) {
      is_tensor = true;
      return this->read_array(part.message(), feature);
    };
    const auto read_state = [&](const ProtobufMessage& part) -> Result<void> {
      return part.field() == 1 ? read_array(part) : Result<void>();
    };
    const auto read_type = [&](const ProtobufMessage& part) -> Result<void> {
      if (part.field() == 5) return read_array(part);
      if (part.field() == 8) return each_field(part.message(), read_state);
      if (part.field() == 1000) feature.optional = part.number() != 0;
      return {};
    };
    TRY(each_field(field.message(), [&](const ProtobufMessage& part) -> Result<void> {
      if (part.field() == 1) feature.name = TRY(part.text(longest_mil_name));
      return part.field() == 3 ? each_field(part.message(), read_type) : Result<void>();
    }));
    // Models of other kinds have such, too, and are refused for what they are.
    if (!is_tensor) not_a_tensor_ = feature.name;
    features.push_back(std::move(feature));
    return {};
  }

  /// ArrayFeatureType.
  Result<void> read_array(const ProtobufMessage& message, MlFeature& feature) {
    return each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      switch (field.field()) {
        case 1:
          return field.append_numbers(feature.shape, most_mil_sides);
        case 2: {
          const auto element = array_element(field.number());
          if (!element) return unsupported(feature.name + " is of an unknown data type");
          feature.element = *element;
          return {};
        }
        case 21:
          return read_enumerated(field.message(), feature);
        case 31:
          return read_ranges(field.message(), feature);
        default:
          return {};
      }
    });
  }

  Result<void> read_enumerated(const ProtobufMessage& message, MlFeature& feature) {
    return each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() != 1) return {};
      if (feature.enumerated.size() == most_shapes) {
        return file_.bad(feature.name + " has too many shapes");
      }
      std::vector<std::int64_t>& shape = feature.enumerated.emplace_back();
      return each_field(field.message(), [&](const ProtobufMessage& part) -> Result<void> {
        return part.field() == 1 ? part.append_numbers(shape, most_mil_sides) : Result<void>();
      });
    });
  }

  Result<void> read_ranges(const ProtobufMessage& message, MlFeature& feature) {
    return each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() != 1) return {};
      if (feature.ranges.size() == most_mil_sides) {
        return file_.bad(feature.name + " has too many sides");
      }
      auto& range = feature.ranges.emplace_back(0, 0);
      return each_field(field.message(), [&](const ProtobufMessage& part) -> Result<void> {
        if (part.field() == 1) range.first = part.number();
        if (part.field() == 2) range.second = part.number();
        return {};
      });
    });
  }

  ProtobufFile file_;
  MlModel model_;
  MlFunction only_;
  std::string default_function_;
  std::string not_a_tensor_;
  std::size_t features_ = 0;
  std::size_t metadata_bytes_ = 0;
};

/// Of the program's data type and rank.
bool fits(const MlFeature& feature, const MilType& type) {
  return feature.element == type.element &&
         (feature.shape.empty() || feature.shape.size() == type.shape.size());
}

class FeatureCheck {
 public:
  FeatureCheck(const MlFunction& described, const MilFunction& function, const std::string& name)
      : described_(described), function_(function), name_(name) {}

  Result<void> check() const {
    TRY(check_inputs(described_.inputs, false));
    TRY(check_inputs(described_.states, true));
    for (const MilNamedType& input : function_.inputs) {
      const auto& features = input.type.is_state ? described_.states : described_.inputs;
      if (std::ranges::find(features, input.name, &MlFeature::name) == features.end()) {
        return bad(input.name, "is not described");
      }
    }
    for (const MlFeature& feature : described_.outputs) {
      if (std::ranges::find(function_.outputs, feature.name) == function_.outputs.end()) {
        return bad(feature.name, "is described, but the program does not give it");
      }
    }
    return {};
  }

 private:
  Result<void> check_inputs(const std::vector<MlFeature>& features, bool states) const {
    for (const MlFeature& feature : features) {
      const auto found = std::ranges::find(function_.inputs, feature.name, &MilNamedType::name);
      if (found == function_.inputs.end() || found->type.is_state != states) {
        return bad(feature.name, "is described, but the program does not take it");
      }
      if (!fits(feature, found->type)) {
        return bad(feature.name,
                   fmt::format("is {}, described as {} of {} sides", found->type.text(),
                               name_of(feature.element), feature.shape.size()));
      }
      TRY(check_sides(feature));
    }
    return {};
  }

  /// Shapes that can be asked for are of one rank and their sides are not negative.
  Result<void> check_sides(const MlFeature& feature) const {
    const auto negative = [](std::int64_t side) { return side < 0; };
    const auto is_range = [](const std::pair<std::int64_t, std::int64_t>& range) {
      return range.first >= 0 && (range.second == -1 || range.second >= range.first);
    };
    bool right = std::ranges::none_of(feature.shape, negative) &&
                 std::ranges::all_of(feature.ranges, is_range) &&
                 (feature.ranges.empty() || feature.ranges.size() == feature.shape.size());
    for (const auto& shape : feature.enumerated) {
      right =
          right && shape.size() == feature.shape.size() && std::ranges::none_of(shape, negative);
    }
    return right ? Result<void>() : bad(feature.name, "has impossible shapes");
  }

  [[nodiscard]] Error bad(const std::string& feature, std::string_view what) const {
    return damaged_as(format, name_,
                      fmt::format("in function {}, {} {}", described_.name, feature, what));
  }

  const MlFunction& described_;
  const MilFunction& function_;
  const std::string& name_;
};

}  // namespace

const MlFunction& MlModel::main() const { return *function(program.default_function); }

const MlFunction* MlModel::function(std::string_view wanted) const {
  const auto found = std::ranges::find(functions, wanted, &MlFunction::name);
  return found == functions.end() ? nullptr : &*found;
}

Result<MlModel> read_mlmodel(const ByteSource& source, const std::string& name) {
  return MlModelReader(source, name).read();
}

Result<void> check_ml_features(const MlModel& model, const std::string& name) {
  for (const MlFunction& described : model.functions) {
    const MilFunction* function = model.program.function(described.name);
    if (function == nullptr) {
      return damaged_as(format, name,
                        fmt::format("its program has no function {}", described.name));
    }
    TRY(FeatureCheck(described, *function, name).check());
  }
  return {};
}

}  // namespace tenfold
