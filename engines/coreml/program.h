// A function of an ML program made ready to run: constants folded, patterns fused, what is not
// needed gone, and for each step what ends with it. Shapes are bound as a run goes: an operator
// computes its result's from those of its inputs.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "constants.h"
#include "formats/mil.h"
#include "operator.h"
#include "tenfold/result.h"

namespace tenfold::coreml {

class Program {
 public:
  /// `name` of the package, for errors; `rows_of`: the output of which rows can be chosen. `source`
  /// and what it gives outlive the program. bad_model or unsupported, naming the operation, the
  /// function and the package. Throws std::bad_alloc.
  static Result<Program> build(const MilFunction& function, ConstantSource source,
                               const std::string& name, const std::string& rows_of);

  /// What the function takes and keeps, and gives.
  [[nodiscard]] const std::vector<MilNamedType>& inputs() const { return inputs_; }
  [[nodiscard]] const std::vector<MilNamedType>& states() const { return states_; }
  [[nodiscard]] const std::vector<std::string>& outputs() const { return outputs_; }

  /// Which rows of an output are wanted, where the program lets them be chosen early.
  struct Rows {
    std::int64_t first = 0;
    std::int64_t count = 0;
  };

  /// What has to live from run to run, made by start().
  struct Memories {
    Memory blocks;
    std::vector<Tensor> states;  ///< in the order of states()
  };

  /// States of zeros.
  void start(Memories& memories) const;

  /// `inputs` in the order of inputs(); gives the outputs. `rows`: of the first output only these
  /// of its second to last dimension are needed; cuts_rows() says whether others are left out. With
  /// `interrupted` it ends with `cancelled`. After an error states hold some of what was written.
  /// Throws std::bad_alloc.
  Result<std::vector<Tensor>> run(Memories& memories, kernels::Threads& threads,
                                  kernels::Precision precision, std::span<const Tensor> inputs,
                                  std::optional<Rows> rows,
                                  const std::atomic<bool>& interrupted) const;

  [[nodiscard]] bool cuts_rows() const { return cut_ >= 0; }
  /// What constants take beside the package.
  [[nodiscard]] std::size_t constant_bytes() const { return constants_->bytes(); }
  /// How many operations a run computes; those of one type, if it is given.
  [[nodiscard]] std::size_t steps(std::string_view type = {}) const;

 private:
  friend class ProgramBuilder;

  struct Step {
    Work work;
    std::string type;
    std::string text;  ///< for errors
    std::vector<int> inputs;
    std::vector<int> outputs;
    std::vector<int> ends;  ///< values that nobody looks at afterwards
  };

  [[nodiscard]] Error located(Error error, const std::string& operation) const;

  std::string name_;
  std::string function_;
  std::unique_ptr<Constants> constants_;
  std::vector<MilNamedType> inputs_;
  std::vector<MilNamedType> states_;
  std::vector<std::string> outputs_;
  std::vector<Step> steps_;
  std::vector<Tensor> values_;  ///< those of constants; the others empty
  std::vector<int> input_values_;
  std::vector<int> state_values_;
  std::vector<int> output_values_;
  int cut_ = -1;  ///< the value of which rows are taken
};

}  // namespace tenfold::coreml
