#include "signature.h"

#include <executorch/runtime/backend/interface.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "framework.h"
#include "log_capture.h"

namespace tenfold::executorch {
namespace {

using ::executorch::aten::ScalarType;
using ::executorch::extension::Module;
using ::executorch::runtime::EValue;
using ::executorch::runtime::MethodMeta;
using ::executorch::runtime::TensorInfo;

constexpr std::string_view export_hint =
    "export it with optimum-executorch or transformers, with a static KV cache";

/// The constant methods of one program.
class Metadata {
 public:
  static Result<Metadata> open(Module& module, const std::string& path) {
    clear_log();
    auto names = module.method_names();
    if (!names.ok()) return framework_error("list the methods of " + path, names.error());
    return Metadata(module, path, {names->begin(), names->end()});
  }

  [[nodiscard]] bool has(const std::string& name) const { return names_.contains(name); }
  [[nodiscard]] std::string names() const { return fmt::format("{}", fmt::join(names_, ", ")); }

  /// All values the method gives; none if the program has no such method.
  Result<std::vector<std::int64_t>> numbers(const std::string& name) const {
    std::vector<std::int64_t> numbers;
    if (!has(name)) return numbers;
    clear_log();
    auto values = module_.execute(name);
    if (!values.ok()) {
      return framework_error(fmt::format("call {}() of {}", name, path_), values.error());
    }
    for (const EValue& value : *values) {
      if (value.isInt()) {
        numbers.push_back(value.toInt());
      } else if (value.isBool()) {
        numbers.push_back(value.toBool() ? 1 : 0);
      } else {
        return fail(ErrorCode::bad_model,
                    fmt::format("{}() of {} does not give whole numbers", name, path_),
                    "export the model again");
      }
    }
    return numbers;
  }

  Result<std::optional<std::int64_t>> number(const std::string& name) const {
    const auto all = TRY(numbers(name));
    return all.empty() ? std::nullopt : std::optional(all.front());
  }

 private:
  Metadata(Module& module, std::string path, std::set<std::string> names)
      : module_(module), path_(std::move(path)), names_(std::move(names)) {}

  Module& module_;
  std::string path_;
  std::set<std::string> names_;
};

std::string shape_text(const TensorInfo& tensor) {
  return fmt::format("[{}]", fmt::join(tensor.sizes().begin(), tensor.sizes().end(), ", "));
}

Error no_language_model(const std::string& path, const std::string& why) {
  return fail(ErrorCode::unsupported,
              fmt::format("{} is no language model this engine can run: {}", path, why),
              std::string(export_hint));
}

/// Dynamic sizes are the greatest possible.
Result<void> read_inputs(const MethodMeta& forward, const std::string& path, Signature& into) {
  if (forward.num_inputs() != 2) {
    return no_language_model(path, fmt::format("forward takes {} inputs; expected are the token "
                                               "ids and their positions",
                                               forward.num_inputs()));
  }
  const auto ids = forward.input_tensor_meta(0);
  const auto positions = forward.input_tensor_meta(1);
  if (!ids.ok() || !positions.ok()) {
    return no_language_model(path, "the inputs of forward are not tensors");
  }
  if (ids->scalar_type() != ScalarType::Long || positions->scalar_type() != ScalarType::Long ||
      ids->sizes().size() != 2 || ids->sizes()[0] != 1 || ids->sizes()[1] < 1 ||
      positions->sizes().size() != 1 ||
      (positions->sizes()[0] != 1 && positions->sizes()[0] != ids->sizes()[1])) {
    return no_language_model(
        path, fmt::format("forward takes inputs of shape {} and {}; expected are [1, n] and [n] or "
                          "[1] of 64-bit integers",
                          shape_text(*ids), shape_text(*positions)));
  }
  into.longest_input = ids->sizes()[1];
  into.position_of_all = positions->sizes()[0] > 1;
  return {};
}

Result<void> read_output(const MethodMeta& forward, const std::string& path, Signature& into) {
  const auto logits = forward.output_tensor_meta(0);
  if (!logits.ok() || logits->sizes().size() < 2) {
    return no_language_model(path, "forward gives no rows of logits");
  }
  const auto type = logits->scalar_type();
  if (type != ScalarType::Float && type != ScalarType::Half && type != ScalarType::BFloat16) {
    return no_language_model(path, "the logits are no floating-point numbers");
  }
  const auto sizes = logits->sizes();
  into.vocabulary_size = sizes[sizes.size() - 1];
  std::int64_t rows = 1;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) rows *= sizes[i];
  if (into.vocabulary_size < 1 || (rows != 1 && rows != into.longest_input)) {
    return no_language_model(path, fmt::format("forward gives logits of shape {} for {} tokens",
                                               shape_text(*logits), into.longest_input));
  }
  into.logits_of_all = rows > 1;
  return {};
}

Result<void> read_backends(const MethodMeta& forward, const std::string& path, Signature& into) {
  for (std::size_t i = 0; i < forward.num_backends(); ++i) {
    const auto name = forward.get_backend_name(i);
    if (!name.ok()) return framework_error("read the backends of " + path, name.error());
    if (::executorch::runtime::get_backend_class(*name) == nullptr) {
      return fail(ErrorCode::unsupported,
                  fmt::format("{} was exported for {}, which is not here", path, *name),
                  "export the model for XNNPACK");
    }
    if (std::ranges::find(into.backends, *name) == into.backends.end()) {
      into.backends.emplace_back(*name);
    }
  }
  return {};
}

void read_memory(const MethodMeta& forward, Signature& into) {
  for (std::size_t i = 0; i < forward.num_memory_planned_buffers(); ++i) {
    const auto size = forward.memory_planned_buffer_size(i);
    if (size.ok()) into.planned += static_cast<std::uint64_t>(*size);
  }
  for (std::size_t i = 0; i < forward.num_attributes(); ++i) {
    const auto buffer = forward.attribute_tensor_meta(i);
    if (buffer.ok()) into.cache += buffer->nbytes();
  }
}

Result<void> read_metadata(const Metadata& metadata, const std::string& path, Signature& into) {
  auto context = TRY(metadata.number("get_max_context_len"));
  if (!context) context = TRY(metadata.number("get_max_seq_len"));
  if (!context) {
    return no_language_model(path,
                             "it has neither get_max_context_len() nor get_max_seq_len(), so the "
                             "size of its KV cache is not known");
  }
  if (*context < 1 || !std::in_range<int>(*context)) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} claims a context of {} tokens", path, *context),
                "export the model again");
  }
  into.context_size = static_cast<int>(*context);
  into.longest_input = std::min(into.longest_input, into.context_size);
  if (TRY(metadata.number("use_kv_cache")).value_or(1) == 0) {
    return no_language_model(path, "it was exported without a KV cache");
  }
  if (TRY(metadata.number("enable_dynamic_shape")).value_or(1) == 0 && into.longest_input > 1) {
    if (!into.logits_of_all) {
      return no_language_model(path, fmt::format("it takes exactly {} tokens at a time, and gives "
                                                 "logits of the last alone",
                                                 into.longest_input));
    }
    if (into.longest_input >= into.context_size) {
      return no_language_model(
          path, fmt::format("it takes exactly {} tokens at a time, and has room for no more",
                            into.longest_input));
    }
    into.exact_input = true;
    into.context_size -= into.longest_input - 1;
  }
  const auto vocabulary = TRY(metadata.number("get_vocab_size"));
  if (vocabulary.value_or(into.vocabulary_size) != into.vocabulary_size) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} claims a vocabulary of {} tokens, but gives {} logits", path,
                            *vocabulary, into.vocabulary_size),
                "export the model again");
  }
  for (const char* name : {"get_eos_ids", "get_eos_id"}) {
    for (const std::int64_t id : TRY(metadata.numbers(name))) {
      if (id >= 0 && id < into.vocabulary_size) into.ends.push_back(static_cast<TokenId>(id));
    }
  }
  const auto begin = TRY(metadata.number("get_bos_id")).value_or(-1);
  if (begin >= 0 && begin < into.vocabulary_size) into.begin = static_cast<TokenId>(begin);
  return {};
}

}  // namespace

Result<Signature> read_signature(Module& module, const std::string& path) {
  const Metadata metadata = TRY(Metadata::open(module, path));
  if (!metadata.has("forward")) {
    return no_language_model(
        path, fmt::format("it has no method \"forward\", only: {}", metadata.names()));
  }
  const auto forward = module.method_meta("forward");
  if (!forward.ok()) return framework_error("read forward of " + path, forward.error());
  Signature signature;
  TRY(read_backends(*forward, path, signature));
  TRY(read_inputs(*forward, path, signature));
  TRY(read_output(*forward, path, signature));
  TRY(read_metadata(metadata, path, signature));
  read_memory(*forward, signature);
  return signature;
}

}  // namespace tenfold::executorch
