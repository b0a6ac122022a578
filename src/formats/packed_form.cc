#include "formats/packed_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tenfold {
namespace {

using nlohmann::json;

constexpr std::array widths{2, 3, 4, 5, 6, 8};
constexpr std::array groups{32, 64, 128};

Result<PackedForm> read_form(const ConfigFields& fields) {
  const std::string mode = TRY(fields.text("mode"));
  if (mode == "mxfp4") return PackedForm{PackedForm::Kind::mxfp4, 4, 32};
  if (!mode.empty() && mode != "affine") {
    return fields.not_computed(fmt::format("the quantization {}", quoted_value(mode)));
  }
  PackedForm form;
  // What mlx-lm's predicates for mixed bits leave open is MLX's own.
  form.bits = TRY(fields.whole("bits", 1, 32, 4));
  form.group = TRY(fields.whole("group_size", 1, 1 << 16, 64));
  if (std::ranges::count(widths, form.bits) == 0) {
    return fields.not_computed(fmt::format("quantization to {} bits", form.bits));
  }
  if (std::ranges::count(groups, form.group) == 0) {
    return fields.not_computed(fmt::format("quantization by groups of {}", form.group));
  }
  return form;
}

}  // namespace

Result<void> read_packed_forms(const ConfigFields& config, DecoderSpec& spec) {
  const char* key = config.has("quantization") ? "quantization" : "quantization_config";
  if (!config.has(key)) return {};
  const ConfigFields fields = TRY(config.part(key));
  const std::string method = TRY(fields.text("quant_method"));
  if (!method.empty()) {
    return fields.not_computed(fmt::format("what {} has quantized", quoted_value(method)));
  }
  spec.packed = TRY(read_form(fields));
  const json all = config.value(key);
  for (const auto& [name, value] : all.items()) {
    if (value.is_object()) {
      spec.packed_by_name[name] = TRY(
          read_form(ConfigFields(value, fmt::format("{}: {}", fields.name(), quoted_value(name)))));
    } else if (value == false) {
      spec.packed_by_name[name] = std::nullopt;
    }
  }
  return {};
}

}  // namespace tenfold
