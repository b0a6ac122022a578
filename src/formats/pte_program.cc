#include "formats/pte_program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "formats/pte_methods.h"

namespace tenfold {
namespace {

/// Where the framework's own operators are; one of them that is missing shows when it is loaded.
constexpr std::string_view own_operators[] = {
    "aten::", "dim_order_ops::", "executorch_prim::", "quantized_decomposed::"};

/// Of programs that hold more than a cache with a place for each position.
constexpr std::string_view only_add[] = {"llama::update_cache_with_indices.out",
                                         "llama::gated_delta_rule.out",
                                         "llama::channelwise_gated_delta_rule.out"};

bool has_name(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// In their order, as many as people read.
std::string names_of(const std::vector<PteMethod>& methods) {
  constexpr std::size_t most_named = 20;
  std::set<std::string_view> names;
  for (const PteMethod& method : methods) names.insert(method.name().substr(0, 100));
  const auto end = names.size() > most_named ? std::next(names.begin(), most_named) : names.end();
  return fmt::format("{}{}", fmt::join(names.begin(), end, ", "), end == names.end() ? "" : ", …");
}

Error no_language_model(const std::string& name, const std::string& why) {
  return fail(ErrorCode::unsupported,
              fmt::format("{} is no language model this engine can run: {}", name, why),
              "export it with optimum-executorch or transformers, with a static KV cache");
}

Error contradicts(const std::string& why) {
  return fail(ErrorCode::bad_model, why, "export the model again");
}

/// Reads what one program says, in steps of which each has one part of the signature.
class SignatureReader {
 public:
  SignatureReader(const std::vector<PteMethod>& methods, const std::string& name)
      : methods_(methods), name_(name) {}

  Result<PteSignature> read() {
    const PteMethod* forward = method("forward");
    if (forward == nullptr) {
      return no_language_model(
          name_, fmt::format("it has no method \"forward\", only: {}", names_of(methods_)));
    }
    TRY(read_context());
    TRY(read_inputs(*forward));
    TRY(read_output(*forward));
    TRY(read_needs(*forward));
    TRY(read_exactness());
    TRY(read_vocabulary());
    return signature_;
  }

  /// As far as it was read.
  [[nodiscard]] const PteSignature& so_far() const { return signature_; }

 private:
  [[nodiscard]] const PteMethod* method(std::string_view name) const {
    const auto found = std::ranges::find(methods_, name, &PteMethod::name);
    return found == methods_.end() ? nullptr : &*found;
  }

  /// All values the method gives; none if the program has no such method.
  Result<std::vector<std::int64_t>> numbers(std::string_view name) const {
    const PteMethod* of = method(name);
    if (of == nullptr) return std::vector<std::int64_t>{};
    auto given = of->constants();
    if (!given)
      return contradicts(fmt::format("{}() of {} does not give whole numbers", name, name_));
    return std::move(*given);
  }

  Result<std::optional<std::int64_t>> number(std::string_view name) const {
    const auto all = TRY(numbers(name));
    return all.empty() ? std::nullopt : std::optional(all.front());
  }

  Result<void> read_needs(const PteMethod& forward) {
    for (const std::string_view backend : forward.backends()) {
      if (backend != "XnnpackBackend") {
        return fail(ErrorCode::unsupported,
                    fmt::format("{} was exported for {:.100}, which is not here", name_, backend),
                    "take or make a file for XNNPACK");
      }
    }
    for (const std::string& full : forward.operators()) {
      const bool known =
          std::ranges::any_of(own_operators, [&](auto start) { return full.starts_with(start); }) ||
          has_name(pte_llm_operators, full);
      if (!known) {
        return fail(ErrorCode::unsupported,
                    fmt::format("{} needs the operator {:.200}, which is not here", name_, full),
                    "take or make a file for XNNPACK without it");
      }
      if (has_name(only_add, full)) signature_.only_adds = true;
    }
    return {};
  }

  Result<void> read_inputs(const PteMethod& forward) {
    if (forward.inputs() != 2) {
      return no_language_model(name_, fmt::format("forward takes {} inputs; expected are the token "
                                                  "ids and their positions",
                                                  forward.inputs()));
    }
    const auto ids = forward.input(0);
    const auto positions = forward.input(1);
    if (!ids || !positions) {
      return no_language_model(name_, "the inputs of forward are not tensors");
    }
    const auto& taken = ids->sizes;
    const auto& placed = positions->sizes;
    if (ids->type != PteTensor::Type::int64 || positions->type != PteTensor::Type::int64 ||
        taken.size() != 2 || taken[0] != 1 || taken[1] < 1 || placed.size() != 1 ||
        (placed[0] != 1 && placed[0] != taken[1])) {
      return no_language_model(
          name_, fmt::format("forward takes inputs of shape [{}] and [{}]; expected are [1, n] and "
                             "[n] or [1] of 64-bit integers",
                             fmt::join(taken, ", "), fmt::join(placed, ", ")));
    }
    signature_.longest_input = static_cast<int>(taken[1]);
    signature_.position_of_all = placed[0] > 1;
    return {};
  }

  Result<void> read_output(const PteMethod& forward) {
    const auto logits = forward.output(0);
    if (!logits || logits->sizes.size() < 2) {
      return no_language_model(name_, "forward gives no rows of logits");
    }
    using Type = PteTensor::Type;
    if (logits->type != Type::f32 && logits->type != Type::f16 && logits->type != Type::bf16) {
      return no_language_model(name_, "the logits are no floating-point numbers");
    }
    const auto& sizes = logits->sizes;
    bool of_one = sizes.back() > 0;
    bool of_all = of_one && signature_.longest_input > 1;
    int of_length = 0;
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
      if (sizes[i] == 1) continue;
      of_one = false;
      of_all = of_all && sizes[i] == signature_.longest_input && ++of_length == 1;
    }
    of_all = of_all && of_length == 1;
    if (!of_one && !of_all) {
      return no_language_model(name_,
                               fmt::format("forward gives logits of shape [{}] for {} tokens",
                                           fmt::join(sizes, ", "), signature_.longest_input));
    }
    signature_.vocabulary_size = static_cast<int>(sizes.back());
    signature_.logits_of_all = of_all;
    return {};
  }

  Result<void> read_context() {
    auto context = TRY(number("get_max_context_len"));
    if (!context) context = TRY(number("get_max_seq_len"));
    if (!context) {
      return no_language_model(name_,
                               "it has neither get_max_context_len() nor get_max_seq_len(), so the "
                               "size of its KV cache is not known");
    }
    if (*context < 1 || !std::in_range<int>(*context)) {
      return contradicts(fmt::format("{} claims a context of {} tokens", name_, *context));
    }
    signature_.context_size = static_cast<int>(*context);
    if (TRY(number("use_kv_cache")).value_or(1) == 0) {
      return no_language_model(name_, "it was exported without a KV cache");
    }
    return {};
  }

  Result<void> read_exactness() {
    const int length = std::min(signature_.longest_input, signature_.context_size);
    signature_.longest_input = length;
    if (TRY(number("enable_dynamic_shape")).value_or(1) != 0 || length == 1) return {};
    const std::string exactly = fmt::format("it takes exactly {} tokens at a time, and ", length);
    if (!signature_.logits_of_all) {
      return no_language_model(name_, exactly + "gives logits of the last alone");
    }
    if (length >= signature_.context_size) {
      return no_language_model(name_, exactly + "has room for no more");
    }
    if (signature_.only_adds) {
      return fail(ErrorCode::unsupported,
                  fmt::format("{} cannot be run: {}keeps a state or a ring, which would keep what "
                              "fills up fewer",
                              name_, exactly),
                  "export it with dynamic shapes, or for one token at a time");
    }
    signature_.exact_input = true;
    signature_.context_size -= length - 1;
    return {};
  }

  Result<void> read_vocabulary() {
    const int width = signature_.vocabulary_size;
    const auto claimed = TRY(number("get_vocab_size"));
    if (claimed.value_or(width) != width) {
      return contradicts(fmt::format("{} claims a vocabulary of {} tokens, but gives {} logits",
                                     name_, *claimed, width));
    }
    for (const std::string_view name : {"get_eos_ids", "get_eos_id"}) {
      for (const std::int64_t id : TRY(numbers(name))) {
        if (id >= 0 && id < width) signature_.ends.push_back(static_cast<TokenId>(id));
      }
    }
    const auto begin = TRY(number("get_bos_id")).value_or(-1);
    if (begin >= 0 && begin < width) signature_.begin = static_cast<TokenId>(begin);
    return {};
  }

  const std::vector<PteMethod>& methods_;
  const std::string& name_;
  PteSignature signature_;
};

}  // namespace

Result<PteSignature> read_pte_signature(std::string_view program, const std::string& name) {
  return SignatureReader(PteMethod::all(program), name).read();
}

Result<void> add_pte_program(std::string_view program, const std::string& name,
                             ModelDescription& description) {
  const std::vector<PteMethod> methods = PteMethod::all(program);
  if (methods.empty()) {
    return fail(ErrorCode::bad_model, name + " is damaged: its program has no method",
                "download the file again, or export the model again");
  }
  SignatureReader reader(methods, name);
  if (const auto signature = reader.read(); !signature.ok()) {
    description.refusal = signature.error();
  }
  description.sizes.context = reader.so_far().context_size;
  description.vocabulary = reader.so_far().vocabulary_size;
  description.cache_type = "f32";
  std::set<std::string_view> backends;
  for (const PteMethod& method : methods) {
    for (const std::string_view id : method.backends()) backends.insert(id.substr(0, 100));
  }
  if (!backends.empty()) description.details += fmt::format("for {}", fmt::join(backends, ", "));
  return {};
}

}  // namespace tenfold
