#include "formats/mlmodel.h"

#include "formats/protobuf.h"

namespace tenfold {
namespace {

constexpr std::uint64_t longest_feature_name = 4096;
constexpr std::size_t most_features = 1000;
constexpr std::size_t most_feature_dimensions = 16;

class MlModelReader {
 public:
  MlModelReader(const ByteSource& source, const std::string& name)
      : file_(source, name, "a Core ML model") {}

  Result<MlModel> read() {
    TRY(each_field(ProtobufMessage(file_), [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) model_.specification_version = field.number();
      if (field.field() == 2) return read_description(field.message());
      if (field.field() == 502) return read_program(field.message());
      return {};
    }));
    if (model_.specification_version <= 0) return file_.bad("it has no specification version");
    return std::move(model_);
  }

 private:
  /// ModelDescription.
  Result<void> read_description(const ProtobufMessage& message) {
    return each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) return add(model_.inputs, field);
      if (field.field() == 10) return add(model_.outputs, field);
      if (field.field() == 13) return add(model_.states, field);
      return {};
    });
  }

  /// FeatureDescription: name, type (array or state of an array).
  Result<void> add(std::vector<MlFeature>& features, const ProtobufMessage& field) {
    if (features.size() == most_features) return file_.bad("it has too many inputs or outputs");
    MlFeature feature;
    const auto read_array = [&](const ProtobufMessage& part) -> Result<void> {
      return part.field() == 1 ? part.append_numbers(feature.shape, most_feature_dimensions)
                               : Result<void>();
    };
    const auto read_state = [&](const ProtobufMessage& part) -> Result<void> {
      return part.field() == 1 ? each_field(part.message(), read_array) : Result<void>();
    };
    const auto read_type = [&](const ProtobufMessage& part) -> Result<void> {
      if (part.field() == 5) return each_field(part.message(), read_array);
      if (part.field() == 8) return each_field(part.message(), read_state);
      return {};
    };
    TRY(each_field(field.message(), [&](const ProtobufMessage& part) -> Result<void> {
      if (part.field() == 1) feature.name = TRY(part.text(longest_feature_name));
      return part.field() == 3 ? each_field(part.message(), read_type) : Result<void>();
    }));
    features.push_back(std::move(feature));
    return {};
  }

  /// Program → functions → specializations → blocks → operations, each a fixed step down.
  Result<void> read_program(const ProtobufMessage& program) {
    model_.is_program = true;
    const auto read_operation = [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() != 1 || field.length() > longest_feature_name) return {};
      const std::string type = TRY(field.text(longest_feature_name));
      if (!type.starts_with("constexpr_")) return {};
      const auto mentions = [&](const char* word) { return type.find(word) != std::string::npos; };
      model_.has_lookup_tables |= mentions("lut");
      model_.has_scaled_integers |= mentions("affine") || mentions("scale");
      model_.has_sparse_weights |= mentions("sparse");
      return {};
    };
    const auto read_block = [&](const ProtobufMessage& field) -> Result<void> {
      return field.field() == 3 ? each_field(field.message(), read_operation) : Result<void>();
    };
    const auto read_specialization = [&](const ProtobufMessage& field) -> Result<void> {
      return field.field() == 2 ? each_field(field.message(), read_block) : Result<void>();
    };
    const auto read_function = [&](const ProtobufMessage& field) -> Result<void> {
      return field.field() == 3 ? each_field(field.message(), read_specialization) : Result<void>();
    };
    const auto read_entry = [&](const ProtobufMessage& field) -> Result<void> {
      return field.field() == 2 ? each_field(field.message(), read_function) : Result<void>();
    };
    return each_field(program, [&](const ProtobufMessage& field) -> Result<void> {
      return field.field() == 2 ? each_field(field.message(), read_entry) : Result<void>();
    });
  }

  ProtobufFile file_;
  MlModel model_;
};

}  // namespace

Result<MlModel> read_mlmodel(const ByteSource& source, const std::string& name) {
  return MlModelReader(source, name).read();
}

}  // namespace tenfold
