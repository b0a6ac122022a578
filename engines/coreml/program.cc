#include "program.h"

#include <fmt/format.h>

namespace tenfold::coreml {

Error Program::located(Error error, const std::string& operation) const {
  error.message = fmt::format("{}: the operation {} of the function {}: {}", name_, operation,
                              function_, error.message);
  return error;
}

std::size_t Program::steps(std::string_view type) const {
  if (type.empty()) return steps_.size();
  return static_cast<std::size_t>(std::ranges::count(steps_, type, &Step::type));
}

void Program::start(Memories& memories) const {
  memories.states.clear();
  for (const MilNamedType& state : states_) {
    Tensor tensor;
    tensor.element = state.type.element == MilElement::f16 ? Element::f16 : Element::f32;
    tensor.shape = *dims_of(state.type.shape);
    tensor.strides = row_major(tensor.shape);
    tensor.block = memories.blocks.take_zeros(static_cast<std::size_t>(tensor.count()) *
                                              bytes_of(tensor.element));
    tensor.data = tensor.block.data();
    memories.states.push_back(std::move(tensor));
  }
}

Result<std::vector<Tensor>> Program::run(Memories& memories, kernels::Threads& threads,
                                         kernels::Precision precision,
                                         std::span<const Tensor> inputs, std::optional<Rows> rows,
                                         const std::atomic<bool>& interrupted) const {
  std::vector<Tensor> values = values_;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    values[static_cast<std::size_t>(input_values_[i])] = inputs[i];
  }
  const auto value = [&](int number) -> Tensor& {
    return values[static_cast<std::size_t>(number)];
  };
  for (std::size_t i = 0; i < state_values_.size(); ++i) {
    // The state is held here alone while it may change, so that it can do so in place.
    value(state_values_[i]) = std::move(memories.states[i]);
  }
  Machine machine{threads, memories.blocks, precision};
  std::vector<const Tensor*> in;
  std::vector<Tensor> out;
  const auto compute = [&]() -> Result<void> {
    for (const Step& step : steps_) {
      if (interrupted.load(std::memory_order_relaxed)) {
        return fail(ErrorCode::cancelled, "the evaluation was interrupted");
      }
      in.clear();
      for (const int number : step.inputs) in.push_back(&value(number));
      out.assign(step.outputs.size(), Tensor());
      const auto done = step.work(machine, in, out);
      if (!done.ok()) return located(done.error(), step.text);
      for (std::size_t i = 0; i < out.size(); ++i) {
        Tensor& to = value(step.outputs[i]);
        if (out[i].data == nullptr) return located(wrong("it has too many outputs"), step.text);
        to = std::move(out[i]);
        if (step.outputs[i] != cut_ || !rows) continue;
        const std::size_t axis = to.shape.size() - 2;
        if (to.shape.size() < 2 || rows->first + rows->count > to.shape[axis]) continue;
        to.data = to.at(rows->first * to.strides[axis]);
        to.shape[axis] = rows->count;
      }
      for (const int number : step.ends) value(number) = Tensor();
    }
    return {};
  };
  Result<void> done;
  std::vector<Tensor> outputs;
  try {
    done = compute();
    if (done.ok()) {
      for (const int number : output_values_) outputs.push_back(value(number));
    }
  } catch (...) {
    for (std::size_t i = 0; i < state_values_.size(); ++i) {
      memories.states[i] = std::move(value(state_values_[i]));
    }
    throw;
  }
  for (std::size_t i = 0; i < state_values_.size(); ++i) {
    memories.states[i] = std::move(value(state_values_[i]));
  }
  TRY(std::move(done));
  return outputs;
}

}  // namespace tenfold::coreml
