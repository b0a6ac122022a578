// What holds for every ML program that one of the readers gives.
#pragma once

#include <cstdlib>
#include <string_view>

#include "formats/mil_weights.h"
#include "formats/mlmodel.h"

namespace tenfold {

inline void expect(bool right) {
  if (!right) std::abort();
}

/// `bytes` stand for its file of weights, too.
inline void expect_whole(const MilValue& value, std::string_view bytes) {
  if (!value.blob) {
    const bool strings = value.type.element == MilElement::string;
    expect(strings || value.bytes.size() == value.type.stored_bytes());
    return;
  }
  const auto begin = find_mil_blob(bytes, value.blob->offset, value.type, "weight.bin");
  if (begin.ok()) expect(*begin + *value.type.stored_bytes() <= bytes.size());
}

inline void expect_whole(const MlModel& model, std::string_view bytes) {
  expect(model.function(model.program.default_function) == &model.main());
  for (const MlFunction& function : model.functions) {
    expect(model.program.function(function.name) != nullptr);
  }
  for (const MilFunction& function : model.program.functions) {
    for (const MilOperation& operation : function.operations) {
      expect(!operation.text().empty());
      for (const auto& attribute : operation.attributes) expect_whole(attribute.second, bytes);
      for (const auto& input : operation.inputs) {
        for (const MilArgument& argument : input.arguments) {
          expect(argument.value ? argument.name.empty() : !argument.name.empty());
          if (argument.value) expect_whole(*argument.value, bytes);
        }
      }
    }
  }
}

}  // namespace tenfold
