#include "stage.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenfold::coreml {
namespace {

/// The lowest half, which exporters use in masks: with it no sum becomes infinite.
constexpr float masked = -65504;

/// What a run may take at most: logits of 512 tokens of a large vocabulary, several times over.
constexpr std::size_t most_run_bytes = std::size_t{4} << 30;

/// Bytes that a cache is said to take at most: more than any machine has, and no sum overflows.
constexpr std::uint64_t most_counted = std::uint64_t{1} << 50;

const MlFeature* described_as(const std::vector<MlFeature>& features, const std::string& name) {
  const auto found = std::ranges::find(features, name, &MlFeature::name);
  return found == features.end() ? nullptr : &*found;
}

/// The description in the order that the program has.
Result<MlFunction> in_order(const MlFunction& described, const MilFunction& computed,
                            const std::string& model) {
  MlFunction ordered = described;
  ordered.inputs.clear();
  ordered.outputs.clear();
  const auto missing = [&](const std::string& name) {
    return fail(ErrorCode::bad_model,
                fmt::format("{}: the function {} has {}, which its description has not", model,
                            described.name, name));
  };
  for (const MilNamedType& input : computed.inputs) {
    if (input.type.is_state) continue;
    const MlFeature* feature = described_as(described.inputs, input.name);
    const std::size_t rank = input.type.shape.size();
    if (feature == nullptr || feature->shape.size() != rank) return missing(input.name);
    if (rank > Dims::most) {
      return fail(ErrorCode::unsupported,
                  fmt::format("{}: its input {} has {} dimensions", model, input.name, rank));
    }
    ordered.inputs.push_back(*feature);
  }
  for (const std::string& output : computed.outputs) {
    const MlFeature* feature = described_as(described.outputs, output);
    if (feature == nullptr) return missing(output);
    ordered.outputs.push_back(*feature);
  }
  return ordered;
}

bool has_same_states(const Program& a, const Program& b) {
  return std::ranges::equal(a.states(), b.states(),
                            [](const MilNamedType& x, const MilNamedType& y) {
                              return x.name == y.name && x.type == y.type;
                            });
}

/// Whether two functions over the same states can stand for each other. Those with carried caches
/// cannot: the caches of one need not be those of the other.
bool are_alike(const StageFunction& a, const StageFunction& b) {
  return has_same_states(a.program, b.program) &&
         a.signature.gives_logits == b.signature.gives_logits &&
         a.signature.tokens.has_value() == b.signature.tokens.has_value() &&
         a.signature.hidden.has_value() == b.signature.hidden.has_value() &&
         a.signature.caches.empty() && b.signature.caches.empty();
}

}  // namespace

Result<StageFunction> Stage::make(const MlFunction& described) const {
  const std::string name = package_.path();
  const MilFunction* computed = package_.program().function(described.name);
  if (computed == nullptr) {
    return fail(ErrorCode::bad_model,
                fmt::format("{}: its program has no function {}", name, described.name));
  }
  Signature signature = TRY(read_signature(TRY(in_order(described, *computed, name)), name));
  ConstantSource source;
  source.bytes = [this](const MilValue& value) { return package_.bytes(value); };
  source.named = [computed](const std::string& constant) -> const MilValue* {
    for (const MilOperation& operation : computed->operations) {
      if (operation.type != "const" || operation.outputs.empty()) continue;
      if (operation.outputs[0].name == constant) return operation.attribute("val");
    }
    return nullptr;
  };
  const std::string& rows_of = computed->outputs[signature.results[0]];
  Program program = TRY(Program::build(*computed, std::move(source), name, rows_of));
  return StageFunction{std::move(signature), std::move(program)};
}

Result<std::unique_ptr<Stage>> Stage::open(const std::filesystem::path& model,
                                           const std::string& function) {
  // It stays where it is from now on, as programs refer to its package.
  auto package = TRY(CoremlPackage::open(model));
  std::unique_ptr<Stage> stage(new Stage(std::move(package)));
  const MlModel& described = stage->package_.model();
  const MlFunction* chosen = function.empty() ? &described.main() : described.function(function);
  if (chosen == nullptr) {
    std::string names;
    for (const MlFunction& known : described.functions) {
      names += (names.empty() ? "" : ", ") + known.name;
    }
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} has no function {}", model.string(), function), "it has " + names);
  }
  stage->functions_.push_back(TRY(stage->make(*chosen)));
  for (const MlFunction& other : described.functions) {
    if (!function.empty() || other.name == chosen->name || other.states.empty()) continue;
    auto made = TRY(stage->make(other));
    if (are_alike(made, stage->functions_[0])) stage->functions_.push_back(std::move(made));
  }
  std::ranges::stable_sort(stage->functions_, {},
                           [](const StageFunction& known) { return known.signature.lengths.most; });
  return stage;
}

std::uint64_t Stage::constant_bytes() const {
  std::uint64_t bytes = 0;
  for (const StageFunction& function : functions_) bytes += function.program.constant_bytes();
  return bytes;
}

std::uint64_t Stage::cache_bytes() const {
  std::uint64_t bytes = 0;
  for (const MilNamedType& state : functions_[0].program.states()) {
    bytes += state.type.stored_bytes().value_or(0);
  }
  for (const CarriedCache& cache : signature().caches) {
    std::uint64_t numbers = sizeof(float);
    const auto& shape = functions_[0].program.inputs()[cache.input].type.shape;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const std::int64_t size = i == cache.growing ? signature().context : shape[i];
      const auto factor = static_cast<std::uint64_t>(std::max<std::int64_t>(size, 1));
      numbers = factor > most_counted / numbers ? most_counted : numbers * factor;
    }
    bytes += 2 * numbers;  // the old one and the new
  }
  return bytes;
}

void Stage::start() {
  memories_.blocks.limit(most_run_bytes);
  functions_[0].program.start(memories_);
  caches_.clear();
  for (const CarriedCache& cache : signature().caches) {
    Dims shape = *dims_of(std::vector<std::int64_t>(
        functions_[0].program.inputs()[cache.input].type.shape.size(), 0));
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const std::int64_t size = functions_[0].program.inputs()[cache.input].type.shape[i];
      shape[i] = i == cache.growing ? 0 : std::max<std::int64_t>(size, 1);
    }
    Tensor empty = coreml::make(memories_.blocks, Element::f32, shape);
    std::fill_n(empty.floats(), empty.count(), 0.0F);
    caches_.push_back(std::move(empty));
  }
}

Tensor Stage::mask(const MilType& type, const Piece& piece, std::int64_t length,
                   std::int64_t columns) {
  const std::size_t rank = type.shape.size();
  Dims shape(rank, 1);
  shape[rank - 2] = length;
  shape[rank - 1] = columns;
  const bool adds = is_float(type.element);
  Tensor mask = coreml::make(memories_.blocks, adds ? Element::f32 : Element::i32, shape);
  for (std::int64_t row = 0; row < length; ++row) {
    const std::int64_t seen = std::min(columns, piece.past + row + 1);
    if (adds) {
      std::fill_n(mask.floats() + row * columns, seen, 0.0F);
      std::fill_n(mask.floats() + row * columns + seen, columns - seen, masked);
    } else {
      std::fill_n(mask.integers() + row * columns, seen, 1);
      std::fill_n(mask.integers() + row * columns + seen, columns - seen, 0);
    }
  }
  return mask;
}

/// What was carried, as far as the text before the piece goes.
Tensor Stage::cache(const StageFunction& function, std::size_t number, const Piece& piece) {
  const auto& caches = function.signature.caches;
  const auto found = std::ranges::find(caches, number, &CarriedCache::input);
  Tensor tensor = caches_[static_cast<std::size_t>(found - caches.begin())];
  if (found->growing) tensor.shape[*found->growing] = piece.past;
  return tensor;
}

/// An input as the function wants it, with `length` tokens of which the last are padding.
Tensor Stage::input(const StageFunction& function, std::size_t number, const Piece& piece,
                    std::int64_t length) {
  const Signature& signature = function.signature;
  const MilType& type = function.program.inputs()[number].type;
  const auto count = static_cast<std::int64_t>(piece.tokens.size());
  const std::size_t rank = type.shape.size();
  if (number == signature.mask) {
    return mask(type, piece, length,
                signature.mask_columns > 0 ? signature.mask_columns : piece.past + length);
  }
  if (number == signature.hidden) {
    const Tensor& given = *piece.hidden;
    if (given.shape[1] == length) return given;
    Dims shape = given.shape;
    shape[1] = length;
    Tensor padded = coreml::make(memories_.blocks, Element::f32, shape);
    std::fill_n(padded.floats(), padded.count(), 0.0F);
    Tensor front = padded;
    front.shape = given.shape;
    copy(given, front);
    return padded;
  }
  const bool is_list = number == signature.tokens || number == signature.attention ||
                       number == signature.positions || number == signature.position;
  if (!is_list) return cache(function, number, piece);
  Dims shape(rank, 1);
  if (rank > 0 && number != signature.position) shape[rank - 1] = length;
  if (number == signature.attention) {
    shape[rank - 1] =
        signature.attention_columns > 0 ? signature.attention_columns : piece.past + length;
  }
  Tensor list = coreml::make(memories_.blocks, Element::i32, shape);
  for (std::int64_t i = 0; i < list.count(); ++i) {
    std::int32_t& to = list.integers()[i];
    if (number == signature.tokens) {
      to = i < count ? piece.tokens[static_cast<std::size_t>(i)] : 0;
    } else if (number == signature.attention) {
      to = i < piece.past + count ? 1 : 0;
    } else {
      to = static_cast<std::int32_t>(piece.past + i);
    }
  }
  return is_float(type.element) ? dense_floats(memories_.blocks, list) : list;
}

Result<std::vector<Tensor>> Stage::run(const StageFunction& function, const Piece& piece,
                                       std::int64_t length, kernels::Threads& threads,
                                       kernels::Precision precision,
                                       const std::atomic<bool>& interrupted) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < function.program.inputs().size(); ++i) {
    inputs.push_back(input(function, i, piece, length));
  }
  const auto count = static_cast<std::int64_t>(piece.tokens.size());
  const Program::Rows rows{piece.first_row, count - piece.first_row};
  auto outputs =
      TRY(function.program.run(memories_, threads, precision, inputs, rows, interrupted));
  for (std::size_t i = 0; i < caches_.size(); ++i) {
    const CarriedCache& cache = function.signature.caches[i];
    const Tensor& made = outputs[cache.output];
    bool fits = made.shape.size() == caches_[i].shape.size();
    for (std::size_t at = 0; fits && at < made.shape.size(); ++at) {
      fits = at == cache.growing ? made.shape[at] >= piece.past + count
                                 : made.shape[at] == caches_[i].shape[at];
    }
    if (!fits) {
      return fail(ErrorCode::bad_model,
                  fmt::format("{}: a cache of {} became one of {}", package_.path().string(),
                              text_of(caches_[i].shape), text_of(made.shape)));
    }
    caches_[i] = made;
  }
  std::vector<Tensor> results;
  for (const std::size_t number : function.signature.results) results.push_back(outputs[number]);
  return results;
}

}  // namespace tenfold::coreml
