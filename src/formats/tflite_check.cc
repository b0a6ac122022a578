// Model → buffers, subgraphs (tensors, operators), signatures, external buffers.
#include "formats/tflite_check.h"

#include <fmt/format.h>

#include <set>

#include "formats/flatbuffer.h"

namespace tenfold {
namespace {

/// Lists may overlap in a hostile file, so that going through all of them takes no end. A model of
/// 30 layers and 5 signatures has some 100,000 entries.
constexpr std::uint64_t most_entries = 4'000'000;

class Check {
 public:
  Check(std::string_view bytes, const std::string& name, std::uint64_t outside)
      : bytes_(bytes), name_(name), outside_(outside) {}

  Result<void> run() {
    if (bytes_.size() < 8 || bytes_.substr(4, 4) != "TFL3") return bad("it is no TFLite model");
    const auto model = FlatTable::root(bytes_);
    if (!model || model->size(2) == 0 || model->size(4) == 0) return bad("it has no graph");
    operator_codes_ = model->size(1);
    buffers_ = model->size(4);
    TRY(spend(buffers_));
    for (std::uint32_t i = 0; i < buffers_; ++i) TRY(check_buffer(model->entry(4, i)));
    TRY(check_external(*model));
    for (std::uint32_t i = 0; i < model->size(2); ++i) TRY(check_subgraph(model->entry(2, i)));
    TRY(spend(model->size(7)));
    for (std::uint32_t i = 0; i < model->size(7); ++i) {
      const auto signature = model->entry(7, i);
      if (!signature || !signature->string(2) ||
          signature->number<std::uint32_t>(4).value_or(0) >= model->size(2)) {
        return bad("a signature is damaged");
      }
    }
    return {};
  }

 private:
  [[nodiscard]] Error bad(std::string_view problem) const {
    return fail(ErrorCode::bad_model,
                fmt::format("{} is damaged or incomplete: {}", name_, problem),
                "download the file again, or convert the model again");
  }

  /// Counts entries that are about to be looked at.
  Result<void> spend(std::uint64_t entries) {
    entries_ += entries;
    return entries_ <= most_entries ? Result<void>() : bad("it has more entries than any model");
  }

  Result<void> check_buffer(const std::optional<FlatTable>& buffer) const {
    if (!buffer) return bad("its list of weights is damaged");
    const auto offset = buffer->number<std::uint64_t>(1).value_or(0);
    const auto size = buffer->number<std::uint64_t>(2).value_or(0);
    if (offset > bytes_.size() || size > bytes_.size() - offset) {
      return bad(
          fmt::format("weights end at byte {}, the file at {}", offset + size, bytes_.size()));
    }
    if (buffer->has(0) && !buffer->string(0)) return bad("weights end behind the file");
    return {};
  }

  /// Weights outside the bytes. LiteRT would open whatever file the model names.
  Result<void> check_external(const FlatTable& model) {
    const std::uint32_t count = model.size(9);
    if (count == 0) {
      return !model.has(9) || model.is_empty(9) ? Result<void>() : bad("its weights are damaged");
    }
    if (outside_ == 0) {
      return fail(ErrorCode::unsupported,
                  name_ + " has its weights in another file, which its own does not bring",
                  "choose a .litertlm bundle, which brings them, or a model in one file");
    }
    TRY(spend(count));
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto external = model.entry(9, i);
      const auto offset = external ? external->number<std::uint64_t>(2).value_or(0) : 0;
      const auto length = external ? external->number<std::uint64_t>(3).value_or(0) : 0;
      if (!external || offset > outside_ || length > outside_ - offset) {
        return bad("weights end behind the section that has them");
      }
      external_.insert(external->number<std::uint32_t>(0).value_or(0));
    }
    for (std::uint32_t i = 0; i < buffers_; ++i) {
      if (model.entry(4, i)->number<std::uint64_t>(1).value_or(0) > 1) {
        return bad("it has weights both behind it and in another section");
      }
    }
    return {};
  }

  Result<void> check_subgraph(const std::optional<FlatTable>& subgraph) {
    if (!subgraph) return bad("a graph is damaged");
    const std::uint32_t tensors = subgraph->size(0);
    TRY(spend(std::uint64_t{tensors} + subgraph->size(1) + subgraph->size(2) + subgraph->size(3)));
    for (std::uint32_t i = 0; i < tensors; ++i) {
      const auto tensor = subgraph->entry(0, i);
      if (tensor) TRY(spend(tensor->size(0)));
      if (!tensor || tensor->number<std::uint32_t>(2).value_or(0) >= buffers_ ||
          (tensor->has(3) && !tensor->string(3)) || !indices_below(*tensor, 0, UINT32_MAX)) {
        return bad("a tensor is damaged");
      }
      const auto external = tensor->number<std::uint32_t>(10).value_or(0);
      if (external != 0 && !external_.contains(external)) {
        return bad("the weights of a tensor are nowhere");
      }
    }
    if (!indices_below(*subgraph, 1, tensors) || !indices_below(*subgraph, 2, tensors)) {
      return bad("a graph's inputs or outputs are damaged");
    }
    for (std::uint32_t i = 0; i < subgraph->size(3); ++i) {
      const auto operation = subgraph->entry(3, i);
      if (operation) TRY(spend(std::uint64_t{operation->size(1)} + operation->size(2)));
      if (!operation || operation->number<std::uint32_t>(0).value_or(0) >= operator_codes_ ||
          !indices_below(*operation, 1, tensors) || !indices_below(*operation, 2, tensors)) {
        return bad("an operator is damaged");
      }
    }
    return {};
  }

  /// A list of int32, where -1 stands for an optional tensor.
  static bool indices_below(const FlatTable& table, int field, std::uint32_t limit) {
    const std::uint32_t count = table.size(field);
    if (count == 0) return !table.has(field) || table.is_empty(field);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto index = table.element<std::int32_t>(field, i);
      if (!index || (*index >= 0 && static_cast<std::uint32_t>(*index) >= limit)) return false;
    }
    return true;
  }

  std::string_view bytes_;
  const std::string& name_;
  std::uint64_t outside_;
  std::uint32_t operator_codes_ = 0;
  std::uint32_t buffers_ = 0;
  std::set<std::uint32_t> external_;  ///< the weights outside, by id
  std::uint64_t entries_ = 0;
};

}  // namespace

Result<void> check_tflite(std::string_view bytes, const std::string& name, std::uint64_t outside) {
  return Check(bytes, name, outside).run();
}

}  // namespace tenfold
