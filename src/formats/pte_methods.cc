// Program → execution_plan (1) → name (0), values (2), inputs (3), outputs (4), operators (6) →
// name (0), overload (1), delegates (7). Value → kind (0), table (1); Tensor → scalar_type (0),
// sizes (2).
#include "formats/pte_methods.h"

#include <algorithm>

namespace tenfold {
namespace {

constexpr std::uint32_t most_methods = 1000;
constexpr std::uint32_t most_delegates = 10'000;
constexpr std::uint32_t most_operators = 10'000;
constexpr std::uint32_t most_constants = 1000;
constexpr std::uint32_t most_sizes = 16;

enum class Kind : std::uint8_t { whole_number = 2, truth = 3, tensor = 5 };

std::optional<PteTensor> tensor_of(const std::optional<FlatTable>& value) {
  if (!value || value->number<Kind>(0) != Kind::tensor) return std::nullopt;
  const auto table = value->table(1);
  if (!table || table->size(2) > most_sizes) return std::nullopt;
  PteTensor tensor{table->number<PteTensor::Type>(0).value_or(PteTensor::Type{}), {}};
  for (std::uint32_t i = 0; i < table->size(2); ++i) {
    tensor.sizes.push_back(*table->element<std::int32_t>(2, i));
  }
  return tensor;
}

}  // namespace

std::vector<PteMethod> PteMethod::all(std::string_view program) {
  const auto root = FlatTable::root(program);
  std::vector<PteMethod> methods;
  for (std::uint32_t i = 0; root && i < std::min(root->size(1), most_methods); ++i) {
    const auto plan = root->entry(1, i);
    if (plan && plan->string(0)) methods.push_back(PteMethod(*plan));
  }
  return methods;
}

std::optional<FlatTable> PteMethod::value(int field, std::uint32_t number) const {
  const auto index = plan_.element<std::int32_t>(field, number);
  if (!index || *index < 0) return std::nullopt;
  return plan_.entry(2, static_cast<std::uint32_t>(*index));
}

std::optional<PteTensor> PteMethod::input(std::uint32_t number) const {
  return tensor_of(value(3, number));
}

std::optional<PteTensor> PteMethod::output(std::uint32_t number) const {
  return tensor_of(value(4, number));
}

std::optional<std::vector<std::int64_t>> PteMethod::constants() const {
  std::vector<std::int64_t> numbers;
  for (std::uint32_t i = 0; i < std::min(plan_.size(4), most_constants); ++i) {
    const auto given = value(4, i);
    const auto kind = given ? given->number<Kind>(0) : std::nullopt;
    const auto table = given ? given->table(1) : std::nullopt;
    if (table && kind == Kind::whole_number) {
      numbers.push_back(table->number<std::int64_t>(0).value_or(0));
    } else if (table && kind == Kind::truth) {
      numbers.push_back(table->number<std::uint8_t>(0).value_or(0) != 0 ? 1 : 0);
    } else {
      return std::nullopt;
    }
  }
  return numbers;
}

std::vector<std::string> PteMethod::operators() const {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < std::min(plan_.size(6), most_operators); ++i) {
    const auto entry = plan_.entry(6, i);
    const auto base = entry ? entry->string(0) : std::nullopt;
    if (!base || base->empty()) continue;
    const std::string_view overload = entry->string(1).value_or("");
    names.emplace_back(*base);
    if (!overload.empty()) names.back().append(".").append(overload);
  }
  return names;
}

std::vector<std::string_view> PteMethod::backends() const {
  std::vector<std::string_view> names;
  for (std::uint32_t i = 0; i < std::min(plan_.size(7), most_delegates); ++i) {
    const auto delegate = plan_.entry(7, i);
    const auto id = delegate ? delegate->string(0) : std::nullopt;
    if (id && std::ranges::find(names, *id) == names.end()) names.push_back(*id);
  }
  return names;
}

}  // namespace tenfold
