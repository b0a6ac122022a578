// Program → execution_plan (1) → name (0), values (2), inputs (3), outputs (4), operators (6) →
// name (0), overload (1), delegates (7).
#include "formats/pte_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "formats/flatbuffer.h"

namespace tenfold {
namespace {

constexpr std::uint32_t most_methods = 1000;
constexpr std::uint32_t most_delegates = 10'000;
constexpr std::uint32_t most_operators = 10'000;
constexpr std::uint8_t int_value = 2;  // KernelTypes.Int

/// Where the framework's own operators are; one of them that is missing shows when it is loaded.
constexpr std::string_view own_operators[] = {
    "aten::", "dim_order_ops::", "executorch_prim::", "quantized_decomposed::"};

/// Those that have a name.
std::vector<FlatTable> methods_of(std::string_view program) {
  const auto root = FlatTable::root(program);
  std::vector<FlatTable> methods;
  for (std::uint32_t i = 0; root && i < std::min(root->size(1), most_methods); ++i) {
    const auto method = root->entry(1, i);
    if (method && method->string(0)) methods.push_back(*method);
  }
  return methods;
}

/// The first output of a method that returns a constant.
std::optional<std::int64_t> constant(const FlatTable& method) {
  const auto output = method.element<std::int32_t>(4, 0);
  const auto value =
      output && *output >= 0 ? method.entry(2, static_cast<std::uint32_t>(*output)) : std::nullopt;
  if (!value || value->number<std::uint8_t>(0) != int_value) return std::nullopt;
  const auto number = value->table(1);
  return number ? number->number<std::int64_t>(0) : std::nullopt;
}

/// "NAMESPACE::NAME.OVERLOAD"; empty if the file does not say.
std::string operator_name(const FlatTable& method, std::uint32_t number) {
  const auto entry = method.entry(6, number);
  const auto base = entry ? entry->string(0) : std::nullopt;
  if (!base) return {};
  const std::string overload(entry->string(1).value_or(""));
  return std::string(*base) + (overload.empty() ? "" : "." + overload);
}

/// In their order, as many as people read.
std::string names_of(const std::vector<FlatTable>& methods) {
  constexpr std::size_t most_named = 20;
  std::set<std::string_view> names;
  for (const FlatTable& method : methods) names.insert(method.string(0)->substr(0, 100));
  std::string text;
  std::size_t count = 0;
  for (const std::string_view name : names) {
    if (count++ == most_named) return text + ", …";
    text += (text.empty() ? "" : ", ") + std::string(name);
  }
  return text;
}

Error no_language_model(const std::string& name, const std::string& why) {
  return fail(ErrorCode::unsupported,
              fmt::format("{} is no language model this engine can run: {}", name, why),
              "export it with optimum-executorch or transformers, with a static KV cache");
}

/// Whether the engine has what the method needs.
Result<void> check_needs(const FlatTable& method, const std::string& name) {
  for (std::uint32_t i = 0; i < std::min(method.size(7), most_delegates); ++i) {
    const auto delegate = method.entry(7, i);
    const auto id = delegate ? delegate->string(0) : std::nullopt;
    if (id && *id != "XnnpackBackend") {
      return fail(ErrorCode::unsupported,
                  fmt::format("{} was exported for {:.100}, which is not here", name, *id),
                  "take or make a file for XNNPACK");
    }
  }
  for (std::uint32_t i = 0; i < std::min(method.size(6), most_operators); ++i) {
    const std::string full = operator_name(method, i);
    if (full.empty()) continue;
    const bool known =
        std::ranges::any_of(own_operators, [&](auto start) { return full.starts_with(start); }) ||
        std::ranges::find(pte_llm_operators, full) != std::ranges::end(pte_llm_operators);
    if (!known) {
      return fail(ErrorCode::unsupported,
                  fmt::format("{} needs the operator {:.200}, which is not here", name, full),
                  "take or make a file for XNNPACK without it");
    }
  }
  if (method.size(3) != 2) {
    return no_language_model(name, fmt::format("forward takes {} inputs; expected are the token "
                                               "ids and their positions",
                                               method.size(3)));
  }
  return {};
}

}  // namespace

bool pte_program_uses(std::string_view program, std::string_view llm_operator) {
  for (const FlatTable& method : methods_of(program)) {
    if (method.string(0) != "forward") continue;
    for (std::uint32_t i = 0; i < std::min(method.size(6), most_operators); ++i) {
      if (operator_name(method, i) == llm_operator) return true;
    }
  }
  return false;
}

Result<void> add_pte_program(std::string_view program, const std::string& name,
                             ModelDescription& description) {
  const std::vector<FlatTable> methods = methods_of(program);
  if (methods.empty()) {
    return fail(ErrorCode::bad_model, name + " is damaged: its program has no method",
                "download the file again, or export the model again");
  }
  std::set<std::string> backends;
  std::uint32_t delegates = 0;
  bool has_forward = false;
  for (const FlatTable& method : methods) {
    const std::string_view method_name = *method.string(0);
    if (method_name == "forward") {
      has_forward = true;
      if (auto needs = check_needs(method, name); !needs.ok()) description.refusal = needs.error();
    }
    const auto value = constant(method).value_or(0);
    const std::int64_t known = value > 0 && value < INT32_MAX ? value : 0;
    if (method_name == "get_max_context_len") description.sizes.context = known;
    if (method_name == "get_max_seq_len" && description.sizes.context == 0) {
      description.sizes.context = known;
    }
    if (method_name == "get_vocab_size") description.vocabulary = known;
    for (std::uint32_t d = 0; d < method.size(7) && delegates < most_delegates; ++d, ++delegates) {
      const auto delegate = method.entry(7, d);
      const auto id = delegate ? delegate->string(0) : std::nullopt;
      if (id && id->size() < 100) backends.insert(std::string(*id));
    }
  }
  if (!has_forward) {
    description.refusal = no_language_model(
        name, fmt::format("it has no method \"forward\", only: {}", names_of(methods)));
  }
  description.cache_type = "f32";
  for (const std::string& backend : backends) {
    description.details += (description.details.empty() ? "for " : ", ") + backend;
  }
  return {};
}

}  // namespace tenfold
