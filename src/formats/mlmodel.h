// A Core ML model specification (model.mlmodel), without its weights. Field numbers from
// mlmodel/format/{Model,FeatureTypes,MIL}.proto of coremltools 9.0.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "formats/byte_source.h"
#include "formats/mil.h"

namespace tenfold {

/// A tensor that a model takes, gives or keeps, as its description tells.
struct MlFeature {
  std::string name;
  MilElement element = MilElement::f32;
  std::vector<std::int64_t> shape = {};  ///< the default one where others are allowed
  /// Of each side: least and most, -1: without bound. Empty where the shape is fixed or enumerated.
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges = {};
  std::vector<std::vector<std::int64_t>> enumerated = {};  ///< all shapes that are allowed
  bool optional = false;
};

/// One entry point of a model. Each names a function of the program.
struct MlFunction {
  std::string name;
  std::vector<MlFeature> inputs = {};
  std::vector<MlFeature> outputs = {};
  std::vector<MlFeature> states = {};
};

struct MlModel {
  std::int64_t specification_version = 0;            ///< 6: iOS 15, 9: iOS 18
  std::vector<MlFunction> functions = {};            ///< at least one
  std::map<std::string, std::string> metadata = {};  ///< what its makers added
  MilProgram program = {};

  /// The one that runs if none is asked for.
  [[nodiscard]] const MlFunction& main() const;
  /// Null if there is none of that name.
  [[nodiscard]] const MlFunction* function(std::string_view name) const;
};

/// Whole and checked (check_mil_program(), check_ml_features()); blobs have the offset of their
/// metadata. bad_model, naming `name`, if it is damaged; unsupported if it is no ML program, or one
/// that takes something else than tensors.
Result<MlModel> read_mlmodel(const ByteSource& source, const std::string& name);

/// Whether the functions of the program have the inputs, outputs and states that are described.
/// bad_model naming `name`, the function and the tensor.
Result<void> check_ml_features(const MlModel& model, const std::string& name);

}  // namespace tenfold
