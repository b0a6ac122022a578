#include "formats/onnx_names.h"

namespace tenfold {
namespace {

constexpr std::string_view merged_decoder = "decoder_model_merged";
constexpr std::string_view decoder_with_past = "decoder_with_past_model";
constexpr std::string_view decoder_for_prompts = "decoder_model";

/// What follows `stem` in the name of a file: ".onnx" or "_q4.onnx"; empty: another name.
std::string_view after_stem(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem) || !name.ends_with(".onnx")) return {};
  name.remove_prefix(stem.size());
  return name.starts_with('.') || name.starts_with('_') ? name : std::string_view();
}

std::string joined(std::string_view stem, std::string_view rest) {
  return std::string(stem) + std::string(rest);
}

}  // namespace

std::string leading_decoder(std::string_view name,
                            const std::function<bool(const std::string&)>& is_there) {
  if (!after_stem(name, merged_decoder).empty()) return std::string(name);
  for (const std::string_view part : {decoder_with_past, decoder_for_prompts}) {
    const std::string_view rest = after_stem(name, part);
    if (rest.empty()) continue;
    for (const std::string_view leader : {merged_decoder, decoder_with_past}) {
      if (is_there(joined(leader, rest))) return joined(leader, rest);
    }
  }
  return std::string(name);
}

std::string prompt_decoder(std::string_view name) {
  const std::string_view rest = after_stem(name, decoder_with_past);
  return rest.empty() ? std::string() : joined(decoder_for_prompts, rest);
}

bool is_file_of(std::string_view name, std::string_view other) {
  const auto is_of = [&](std::string_view file) {
    if (!other.starts_with(file)) return false;
    const std::string_view rest = other.substr(file.size());
    return rest.empty() || rest.starts_with("_data") || rest.starts_with(".data");
  };
  const std::size_t folder = name.rfind('/') + 1;
  const std::string prompts = prompt_decoder(name.substr(folder));
  return is_of(name) || (!prompts.empty() && is_of(joined(name.substr(0, folder), prompts)));
}

}  // namespace tenfold
