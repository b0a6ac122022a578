// A Core ML model specification (model.mlmodel), without its weights. Field numbers from
// mlmodel/format/{Model,FeatureTypes,MIL}.proto of coremltools 9.0.
#pragma once

#include <string>
#include <vector>

#include "formats/byte_source.h"

namespace tenfold {

struct MlFeature {
  std::string name;
  std::vector<std::int64_t> shape;  ///< empty where it is flexible
};

struct MlModel {
  std::int64_t specification_version = 0;
  std::vector<MlFeature> inputs;
  std::vector<MlFeature> outputs;
  std::vector<MlFeature> states;
  bool is_program = false;           ///< an ML program, the only kind language models come as
  bool has_lookup_tables = false;    ///< weights compressed to indices into palettes
  bool has_scaled_integers = false;  ///< weights compressed to integers with scales
  bool has_sparse_weights = false;
};

/// bad_model, naming `name`, if it is damaged.
Result<MlModel> read_mlmodel(const ByteSource& source, const std::string& name);

}  // namespace tenfold
