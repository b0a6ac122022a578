// From a function as it is read to one that runs.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "program.h"

namespace tenfold::coreml {

/// Used once, by Program::build().
class ProgramBuilder {
 public:
  ProgramBuilder(const MilFunction& function, ConstantSource source, const std::string& name,
                 const std::string& rows_of);

  Result<Program> build();

 private:
  Result<void> read_signature();
  Result<void> read_operations();
  Result<void> add_constant(const std::string& name, const MilValue& value);
  Result<void> fold();
  Result<bool> fold(const MilOperation& operation);
  void keep_needed();
  void fuse_patterns();
  void prepare_constants();
  void turn_products();
  void find_last_uses();
  Result<void> make_steps();
  Result<void> make_step(std::size_t number);
  void find_cut();

  int slot(const std::string& name);
  [[nodiscard]] const Tensor* constant(const std::string& name) const;
  [[nodiscard]] Parameters parameters(const MilOperation& operation, bool in_place) const;
  [[nodiscard]] bool replaces_state(std::size_t number) const;
  [[nodiscard]] bool is_used_after(const std::string& name, std::size_t number) const;

  const MilFunction& function_;
  ConstantSource source_;
  const std::string& rows_of_;
  Program program_;
  std::vector<MilOperation> operations_;
  std::unordered_map<std::string, Tensor> constants_;
  std::unordered_map<std::string, std::string> strings_;
  std::unordered_map<std::string, int> slots_;
  std::set<std::string> states_;
  std::deque<MilValue> inline_values_;
  std::size_t made_names_ = 0;
  std::size_t folded_bytes_ = 0;
  std::unordered_map<std::string, std::size_t> last_uses_;  ///< operations; outputs: after all
};

}  // namespace tenfold::coreml
