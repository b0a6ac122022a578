#include "engine/options.h"

#include <sstream>

#include "base/paths.h"

namespace tenfold {

std::string_view to_string(OptionKind kind) {
  switch (kind) {
    case OptionKind::path:
      return "path";
    case OptionKind::folder:
      return "folder";
    case OptionKind::secret:
      return "secret";
    case OptionKind::hosts:
      return "hosts";
    case OptionKind::layers_on_hosts:
      return "layers_on_hosts";
    case OptionKind::value:
      break;
  }
  return "value";
}

std::vector<std::string> option_paths(OptionKind kind, const OptionValue& value) {
  std::vector<std::string> paths;
  if (kind == OptionKind::folder) {
    if (const auto& folder = std::get<std::string>(value); !folder.empty()) paths = {folder};
  } else if (kind == OptionKind::path) {
    std::istringstream entries(std::get<std::string>(value));
    for (std::string entry; std::getline(entries, entry, ',');) {
      entry.resize(std::min(entry.size(), entry.rfind(';')));
      if (!entry.empty()) paths.push_back(std::move(entry));
    }
  }
  return paths;
}

std::vector<std::string> secret_values(const std::map<std::string, OptionValue>& values,
                                       const std::vector<OptionSpec>& specs) {
  std::vector<std::string> secrets;
  for (const OptionSpec& spec : specs) {
    const auto found = values.find(spec.name);
    if (spec.kind != OptionKind::secret || found == values.end()) continue;
    const auto* secret = std::get_if<std::string>(&found->second);
    if (secret != nullptr && !secret->empty()) secrets.push_back(*secret);
  }
  return secrets;
}

std::string without_secrets(std::string text, std::span<const std::string> secrets) {
  constexpr std::string_view instead = "(hidden)";
  for (const std::string& secret : secrets) {
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + instead.size())) {
      text.replace(at, secret.size(), instead);
    }
  }
  return text;
}

std::filesystem::path default_option_folder(std::string_view engine_id) {
  return cache_folder() / engine_id;
}

OptionValues::OptionValues(const LoadOptions& load, const std::vector<OptionSpec>& specs)
    : given_(load.engine_options) {
  for (const OptionSpec& spec : specs) defaults_.emplace(spec.name, spec.default_value);
}

}  // namespace tenfold
