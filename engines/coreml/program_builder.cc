#include "program_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fusion.h"
#include "kernels/thread_pool.h"
#include "matrices.h"

namespace tenfold::coreml {
namespace {

// Elements of a constant that is computed before the first run, or kept as f32.
constexpr std::int64_t most_folded = std::int64_t{1} << 20;
// Bytes of all of them: what is left is computed as a program runs.
constexpr std::size_t most_folded_bytes = std::size_t{256} << 20;

// Updates of a state between reading and writing it that are followed.
constexpr std::size_t most_updates = 64;

bool reads_state(const MilOperation& operation) { return operation.type == "read_state"; }
bool writes_state(const MilOperation& operation) { return operation.type == "write_state"; }

std::string input_name(const MilOperation& operation, std::string_view input) {
  const MilOperation::Input* found = operation.input(input);
  return found == nullptr || found->arguments.size() != 1 ? "" : found->arguments[0].name;
}

std::string state_of(const MilOperation& operation) { return input_name(operation, "input"); }
std::string written_by(const MilOperation& operation) { return input_name(operation, "data"); }

template <typename Visit>
void for_inputs(const MilOperation& operation, const Visit& visit) {
  for (const MilOperation::Input& input : operation.inputs) {
    for (const MilArgument& argument : input.arguments) visit(input.name, argument.name);
  }
}

/// Whether an operation takes this input as it is stored: packed, or as halves.
bool takes_stored(const MilOperation& operation, const std::string& input) {
  const std::string& type = operation.type;
  if (type == "linear" || type == "conv") return input == "weight";
  if (type == "gather" || type == "matmul") return input == (type == "gather" ? "x" : "y");
  return false;
}

/// Whether it makes a view of halves, so that only what is seen of it becomes f32.
bool makes_view(const MilOperation& operation, const std::string& input) {
  constexpr std::array<std::string_view, 4> types{"slice_by_index", "slice_by_size", "split",
                                                  "gather"};
  return input == "x" && std::ranges::count(types, operation.type) > 0;
}

/// The new value of a state, as the state is stored.
Result<void> write(Machine& machine, Inputs in, Outputs out) {
  const Tensor& state = *in[0];
  const Tensor& value = *in[1];
  if (!(state.shape == value.shape) || value.packed != nullptr) {
    return wrong(
        fmt::format("a state of {} cannot become {}", text_of(state.shape), text_of(value.shape)));
  }
  if (value.block == state.block && value.data == state.data && value.strides == state.strides) {
    out[0] = state;
  } else {
    out[0] = make(machine.memory, state.element, state.shape);
    copy(value, out[0]);
  }
  return {};
}

}  // namespace

ProgramBuilder::ProgramBuilder(const MilFunction& function, ConstantSource source,
                               const std::string& name, const std::string& rows_of)
    : function_(function), source_(std::move(source)), rows_of_(rows_of) {
  program_.name_ = name;
  program_.function_ = function.name;
  program_.constants_ = std::make_unique<Constants>(source_);
}

Result<Program> Program::build(const MilFunction& function, ConstantSource source,
                               const std::string& name, const std::string& rows_of) {
  return ProgramBuilder(function, std::move(source), name, rows_of).build();
}

Result<Program> ProgramBuilder::build() {
  TRY(read_signature());
  TRY(read_operations());
  keep_needed();
  TRY(fold());
  keep_needed();
  turn_products();
  fuse_patterns();
  keep_needed();
  prepare_constants();
  TRY(make_steps());
  find_cut();
  return std::move(program_);
}

Result<void> ProgramBuilder::read_signature() {
  program_.outputs_ = function_.outputs;
  for (const MilNamedType& input : function_.inputs) {
    if (!input.type.is_state) {
      // A mask, or a cache, for which memory is made before anything runs.
      if (is_float(input.type.element) && input.type.shape.size() >= 3) {
        std::vector<std::int64_t> known = input.type.shape;
        std::ranges::replace(known, mil_unknown, std::int64_t{1});
        const auto shape = shape_of(known);
        if (!shape.ok()) {
          return fail(ErrorCode::unsupported, fmt::format("{}: the input {}: {}", program_.name_,
                                                          input.name, shape.error().message));
        }
      }
      program_.inputs_.push_back(input);
      continue;
    }
    const auto elements = input.type.elements();
    const bool is_known = elements && *elements > 0 && shape_of(input.type.shape).ok();
    if (!is_known ||
        (input.type.element != MilElement::f16 && input.type.element != MilElement::f32)) {
      return fail(ErrorCode::unsupported, fmt::format("{}: the state {} is a {}", program_.name_,
                                                      input.name, input.type.text()));
    }
    program_.states_.push_back(input);
    states_.insert(input.name);
  }
  return {};
}

Result<void> ProgramBuilder::add_constant(const std::string& name, const MilValue& value) {
  if (value.type.element == MilElement::string) {
    if (value.strings.size() == 1) strings_[name] = value.strings[0];
    return {};
  }
  constants_[name] = TRY(program_.constants_->tensor(value));
  return {};
}

/// Sorts constants from what is computed; constants on the spot get names.
Result<void> ProgramBuilder::read_operations() {
  for (const MilOperation& operation : function_.operations) {
    const auto add = [&]() -> Result<void> {
      if (operation.type == "const") {
        const MilValue* value = operation.attribute("val");
        if (value == nullptr || operation.outputs.size() != 1) return wrong("it has no value");
        return add_constant(operation.outputs[0].name, *value);
      }
      if (operation.type.starts_with("constexpr_")) {
        if (operation.outputs.size() != 1) return wrong("it has not one output");
        constants_[operation.outputs[0].name] = TRY(program_.constants_->unfolded(operation));
        return {};
      }
      MilOperation named;
      named.type = operation.type;
      named.outputs = operation.outputs;
      for (const MilOperation::Input& input : operation.inputs) {
        MilOperation::Input& to = named.inputs.emplace_back();
        to.name = input.name;
        for (const MilArgument& argument : input.arguments) {
          std::string name = argument.name;
          if (argument.value) {
            name = fmt::format("#{}", made_names_++);
            TRY(add_constant(name, *argument.value));
          }
          to.arguments.push_back({name, nullptr});
        }
      }
      operations_.push_back(std::move(named));
      return {};
    };
    auto added = add();
    if (!added.ok()) return program_.located(std::move(added).error(), operation.text());
  }
  return {};
}

const Tensor* ProgramBuilder::constant(const std::string& name) const {
  const auto found = constants_.find(name);
  return found == constants_.end() ? nullptr : &found->second;
}

Parameters ProgramBuilder::parameters(const MilOperation& operation, bool in_place) const {
  return Parameters(
      operation, [this](const std::string& name) { return constant(name); },
      [this](const std::string& name) -> const std::string* {
        const auto found = strings_.find(name);
        return found == strings_.end() ? nullptr : &found->second;
      },
      in_place);
}

/// Computes what depends on constants alone, and is not large.
Result<void> ProgramBuilder::fold() {
  std::vector<MilOperation> left;
  for (MilOperation& operation : operations_) {
    auto folded = fold(operation);
    if (!folded.ok()) return program_.located(std::move(folded).error(), operation.text());
    if (!*folded) left.push_back(std::move(operation));
  }
  operations_ = std::move(left);
  return {};
}

Result<bool> ProgramBuilder::fold(const MilOperation& operation) {
  const OperatorRow* row = find_operator(operation.type);
  if (row == nullptr || operation.outputs.empty()) return false;
  if (folded_bytes_ > most_folded_bytes) return false;
  bool foldable = true;
  for_inputs(operation, [&](const std::string& /*input*/, const std::string& name) {
    const Tensor* tensor = constant(name);
    if (tensor == nullptr && !strings_.contains(name)) foldable = false;
    if (tensor != nullptr && (tensor->packed != nullptr || tensor->count() > most_folded)) {
      foldable = false;
    }
  });
  for (const MilNamedType& output : operation.outputs) {
    const auto elements = output.type.elements();
    foldable = foldable && elements && *elements <= most_folded;
  }
  if (!foldable) return false;
  Parameters read = parameters(operation, false);
  const Work work = TRY(row->build(read));
  std::vector<const Tensor*> in;
  for (const std::string& name : read.taken()) {
    in.push_back(constant(name));
    if (in.back() == nullptr) return false;
  }
  Memory memory;
  memory.limit(static_cast<std::size_t>(most_folded) * 64);
  kernels::ThreadPool alone;
  Machine machine{alone, memory};
  std::vector<Tensor> out(operation.outputs.size());
  TRY(work(machine, in, out));
  for (const Tensor& made : out) {
    if (made.data == nullptr || made.count() > most_folded) return false;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    folded_bytes_ += static_cast<std::size_t>(out[i].count()) * sizeof(float);
    constants_[operation.outputs[i].name] = program_.constants_->kept(out[i]);
  }
  return true;
}

/// Leaves what outputs and states need.
void ProgramBuilder::keep_needed() {
  std::set<std::string> needed(program_.outputs_.begin(), program_.outputs_.end());
  std::vector<MilOperation> left;
  for (auto operation = operations_.rbegin(); operation != operations_.rend(); ++operation) {
    const bool is_needed = writes_state(*operation) ||
                           std::ranges::any_of(operation->outputs, [&](const MilNamedType& output) {
                             return needed.contains(output.name);
                           });
    if (!is_needed) continue;
    for_inputs(*operation,
               [&](const std::string& /*input*/, const std::string& name) { needed.insert(name); });
    left.push_back(std::move(*operation));
  }
  std::ranges::reverse(left);
  operations_ = std::move(left);
}

/// A product with a constant matrix becomes a linear layer, which wants its rows as columns.
void ProgramBuilder::turn_products() {
  for (MilOperation& operation : operations_) {
    if (operation.type != "matmul") continue;
    const std::string name = input_name(operation, "y");
    const Tensor* matrix = constant(name);
    const auto is_set = [&](std::string_view input) {
      const Tensor* flag = constant(input_name(operation, input));
      return flag != nullptr && flag->count() == 1 && integers_of(*flag)[0] != 0;
    };
    if (matrix == nullptr || matrix->shape.size() != 2 || !matrix->is_float() ||
        is_set("transpose_x") || is_set("transpose_y")) {
      continue;
    }
    const std::string turned = name + "#turned";
    if (constant(turned) == nullptr) {
      Tensor view = matrix->packed != nullptr ? program_.constants_->unpacked(*matrix) : *matrix;
      std::swap(view.shape[0], view.shape[1]);
      std::swap(view.strides[0], view.strides[1]);
      constants_[turned] = program_.constants_->turned(view);
    }
    MilOperation linear;
    linear.type = "linear";
    linear.outputs = operation.outputs;
    linear.inputs = {{"x", {{input_name(operation, "x"), nullptr}}},
                     {"weight", {{turned, nullptr}}}};
    operation = std::move(linear);
  }
}

void ProgramBuilder::fuse_patterns() {
  FusionConstants constants;
  constants.find = [this](const std::string& name) { return constant(name); };
  constants.text = [this](const std::string& name) {
    const auto found = strings_.find(name);
    return found == strings_.end() ? std::string() : found->second;
  };
  constants.add = [this](float number) {
    Tensor tensor;
    tensor.data = reinterpret_cast<std::byte*>(&number);
    std::string name = fmt::format("#{}", made_names_++);
    constants_[name] = program_.constants_->kept(tensor);
    return name;
  };
  fuse(operations_, constants);
}

/// Packed weights that an operation does not take so are unpacked, and halves that are computed
/// with become f32, once. What the function gives is unpacked, too: it may come in again.
void ProgramBuilder::prepare_constants() {
  for (const std::string& output : program_.outputs_) {
    const auto found = constants_.find(output);
    if (found == constants_.end() || found->second.packed == nullptr) continue;
    found->second = program_.constants_->unpacked(found->second);
  }
  for (const MilOperation& operation : operations_) {
    for_inputs(operation, [&](const std::string& input, const std::string& name) {
      const auto found = constants_.find(name);
      if (found == constants_.end() || takes_stored(operation, input)) return;
      Tensor& tensor = found->second;
      if (tensor.packed != nullptr) tensor = program_.constants_->unpacked(tensor);
      if (tensor.element == Element::f16 && tensor.count() <= most_folded &&
          !makes_view(operation, input)) {
        tensor = program_.constants_->kept(tensor);
      }
    });
  }
}

int ProgramBuilder::slot(const std::string& name) {
  const auto [found, is_new] = slots_.try_emplace(name, static_cast<int>(program_.values_.size()));
  if (is_new) {
    const Tensor* known = constant(name);
    program_.values_.push_back(known != nullptr ? *known : Tensor());
  }
  return found->second;
}

void ProgramBuilder::find_last_uses() {
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    for_inputs(operations_[i], [&](const std::string& /*input*/, const std::string& name) {
      last_uses_[name] = i;
    });
  }
  for (const std::string& output : program_.outputs_) last_uses_[output] = operations_.size();
}

bool ProgramBuilder::is_used_after(const std::string& name, std::size_t number) const {
  const auto found = last_uses_.find(name);
  return found != last_uses_.end() && found->second > number;
}

/// Whether operation `number`, a slice_update, makes the next value of the state that its x was
/// read from, before anybody reads that state again. One in a long row of them only copies.
bool ProgramBuilder::replaces_state(std::size_t number) const {
  std::size_t updates = 0;
  std::string x = input_name(operations_[number], "x"), state;
  for (std::size_t i = number; i-- > 0 && state.empty();) {
    const MilOperation& before = operations_[i];
    const bool makes = std::ranges::any_of(
        before.outputs, [&](const MilNamedType& output) { return output.name == x; });
    if (!makes) continue;
    if (reads_state(before)) state = state_of(before);
    if (before.type == "slice_update") x = input_name(before, "x");
    if (state.empty() && (before.type != "slice_update" || ++updates > most_updates)) return false;
  }
  if (state.empty()) return false;
  std::string result = operations_[number].outputs[0].name;
  for (std::size_t i = number + 1; i < operations_.size(); ++i) {
    const MilOperation& next = operations_[i];
    bool uses = false;
    for_inputs(next, [&](const std::string& /*input*/, const std::string& used) {
      uses |= used == result;
    });
    if (writes_state(next) && state_of(next) == state) return written_by(next) == result;
    if (reads_state(next) && state_of(next) == state) return false;
    if (!uses) continue;
    if (next.type != "slice_update" || input_name(next, "x") != result ||
        input_name(next, "update") == result || is_used_after(result, i) ||
        ++updates > most_updates) {
      return false;
    }
    result = next.outputs[0].name;
  }
  return false;
}

Result<void> ProgramBuilder::make_steps() {
  for (const MilNamedType& input : program_.inputs_) {
    program_.input_values_.push_back(slot(input.name));
  }
  for (const MilNamedType& state : program_.states_) {
    program_.state_values_.push_back(slot(state.name));
  }
  find_last_uses();
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    auto made = make_step(i);
    if (!made.ok()) return program_.located(std::move(made).error(), operations_[i].text());
  }
  for (const std::string& output : program_.outputs_) {
    program_.output_values_.push_back(slot(output));
  }
  // A value ends with the last step that has to do with it, unless it lasts longer than a run.
  std::vector<bool> lasts(program_.values_.size());
  for (const int state : program_.state_values_) lasts[static_cast<std::size_t>(state)] = true;
  for (const int output : program_.output_values_) lasts[static_cast<std::size_t>(output)] = true;
  for (const auto& [name, number] : slots_) {
    if (constant(name) != nullptr) lasts[static_cast<std::size_t>(number)] = true;
  }
  for (auto step = program_.steps_.rbegin(); step != program_.steps_.rend(); ++step) {
    for (const auto* numbers : {&step->inputs, &step->outputs}) {
      for (const int number : *numbers) {
        if (lasts[static_cast<std::size_t>(number)]) continue;
        lasts[static_cast<std::size_t>(number)] = true;
        step->ends.push_back(number);
      }
    }
  }
  return {};
}

Result<void> ProgramBuilder::make_step(std::size_t number) {
  const MilOperation& operation = operations_[number];
  Program::Step step;
  step.type = operation.type;
  step.text = operation.text();
  if (reads_state(operation) || writes_state(operation)) {
    const std::string state = state_of(operation);
    if (!states_.contains(state)) return wrong("it names no state of the function");
    step.inputs.push_back(slot(state));
    if (reads_state(operation)) {
      step.work = [](Machine& /*machine*/, Inputs in, Outputs out) -> Result<void> {
        out[0] = *in[0];
        return {};
      };
    } else {
      step.inputs.push_back(slot(written_by(operation)));
      step.outputs.push_back(slot(state));
      step.work = write;
    }
  } else {
    const OperatorRow* row = find_operator(operation.type);
    if (row == nullptr) {
      return fail(ErrorCode::unsupported, "this engine does not compute operations of this type",
                  "docs/coreml.md has a table of those that it computes");
    }
    if (operation.outputs.empty()) return wrong("it has no output");
    const bool in_place = operation.type == "slice_update" &&
                          !is_used_after(input_name(operation, "x"), number) &&
                          replaces_state(number);
    Parameters read = parameters(operation, in_place);
    step.work = TRY(row->build(read));
    for (const std::string& name : read.taken()) {
      if (!slots_.contains(name) && constant(name) == nullptr) {
        return wrong(fmt::format("it takes {}, which is no tensor", name));
      }
      step.inputs.push_back(slot(name));
    }
  }
  for (const MilNamedType& output : operation.outputs) step.outputs.push_back(slot(output.name));
  program_.steps_.push_back(std::move(step));
  return {};
}

/// Goes back from the chosen output as long as each row is computed from the same row alone: what
/// is in front of a linear layer there can be cut to the rows that are wanted.
void ProgramBuilder::find_cut() {
  std::string value = rows_of_, cut;
  for (std::size_t i = operations_.size(); i-- > 0;) {
    const MilOperation& operation = operations_[i];
    if (operation.outputs.size() != 1 || operation.outputs[0].name != value) continue;
    std::string from;
    bool is_alone = true;
    for_inputs(operation, [&](const std::string& /*input*/, const std::string& name) {
      const Tensor* known = constant(name);
      if (known != nullptr) {
        // Numbers of a row's own length are alike for all rows.
        is_alone &= takes_stored(operation, "weight") || known->shape.size() <= 1 ||
                    known->count() == known->shape.back();
      } else if (!strings_.contains(name)) {
        is_alone &= from.empty();
        from = name;
      }
    });
    constexpr std::array<std::string_view, 12> by_rows{"add",    "cast", fused_rms_norm, "identity",
                                                       "linear", "mul",  "real_div",     "clip",
                                                       "tanh",   "sub",  "silu",         "gelu"};
    if (!is_alone || from.empty() || std::ranges::count(by_rows, operation.type) == 0) break;
    if (is_used_after(from, i) || operation.outputs[0].type.shape.size() < 2) break;
    value = from;
    if (operation.type == "linear") cut = value;
  }
  const auto found = slots_.find(cut);
  if (!cut.empty() && found != slots_.end()) program_.cut_ = found->second;
}

}  // namespace tenfold::coreml
