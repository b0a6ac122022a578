#include "formats/named_templates.h"

#include <utility>

namespace tenfold {
namespace {

/// Jinja drops the newline after a block's tag, and one at the end of a source.
std::string body_of(std::string source) {
  if (source.ends_with('\n')) source.pop_back();
  return source.starts_with('\n') ? "\n" + source : source;
}

}  // namespace

std::string with_tool_template(std::string standard, std::string for_tools) {
  if (for_tools.empty() || for_tools == standard) return standard;
  if (standard.empty()) return for_tools;
  return "{% if tools %}" + body_of(std::move(for_tools)) + "{% else %}" +
         body_of(std::move(standard)) + "{% endif %}";
}

std::string chat_template_of(const GgufFile& header) {
  const auto named = [&](std::string_view key) {
    const std::string* text = header.text(key);
    return text == nullptr ? std::string() : *text;
  };
  return with_tool_template(named("tokenizer.chat_template"),
                            named("tokenizer.chat_template.tool_use"));
}

}  // namespace tenfold
