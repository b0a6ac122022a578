// For tests: calls of operators as a program makes them.
#pragma once

#include <executorch/extension/tensor/tensor.h>
#include <executorch/runtime/core/evalue.h>
#include <executorch/runtime/kernel/kernel_runtime_context.h>
#include <executorch/runtime/kernel/operator_registry.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "llm_ops/operators.h"
#include "log_capture.h"

namespace tenfold::executorch {

using ::executorch::aten::ScalarType;
using ::executorch::extension::TensorPtr;
using ::executorch::runtime::EValue;

/// What the operator says is wrong; empty if nothing.
inline std::string call(const char* name, std::vector<EValue> arguments) {
  EXPECT_TRUE(register_llm_operators().ok());
  capture_log();
  clear_log();
  const auto function = ::executorch::runtime::get_op_function_from_registry(name);
  EXPECT_TRUE(function.ok()) << name;
  std::vector<EValue*> stack;
  for (EValue& argument : arguments) stack.push_back(&argument);
  ::executorch::runtime::KernelRuntimeContext context;
  (*function)(context, {stack.data(), stack.size()});
  const bool ok = context.failure_state() == ::executorch::runtime::Error::Ok;
  const std::string said = first_log_lines();
  EXPECT_EQ(ok, said.empty()) << said;
  return said;
}

/// A tensor that owns its numbers. Only as many as fit are in memory, so that a read beyond them is
/// seen by the address sanitizer.
template <typename T = float>
TensorPtr tensor(const std::vector<std::int32_t>& sizes, std::vector<T> numbers) {
  return ::executorch::extension::make_tensor_ptr(sizes, std::move(numbers));
}

/// The same numbers each time, between -1 and 1.
inline std::vector<float> some_numbers(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> range(-1, 1);
  std::vector<float> numbers(count);
  for (float& number : numbers) number = range(random);
  return numbers;
}

inline std::vector<float> floats(const TensorPtr& tensor) {
  const float* data = tensor->const_data_ptr<float>();
  return {data, data + tensor->numel()};
}

}  // namespace tenfold::executorch
