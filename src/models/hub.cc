#include "models/hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/files.h"

namespace tenfold {
namespace {

using Json = nlohmann::json;

constexpr std::size_t largest_token = 4096;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::filesystem::path token_file() {
  if (const std::string path = variable("HF_TOKEN_PATH"); !path.empty()) return path;
  if (const std::string home = variable("HF_HOME"); !home.empty()) {
    return std::filesystem::path(home) / "token";
  }
  return std::filesystem::path(variable("HOME")) / ".cache/huggingface/token";
}

/// RFC 3986, all but unreserved characters and slashes.
std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = byte < 0x80 && (std::isalnum(byte) != 0 ||
                                       std::string_view("-._~/").find(letter) != text.npos);
    encoded += plain ? std::string(1, letter) : fmt::format("%{:02X}", byte);
  }
  return encoded;
}

std::string text_at(const Json& json, const char* field) {
  const auto at = json.find(field);
  return at != json.end() && at->is_string() ? at->get<std::string>() : std::string();
}

HubFile read_hub_file(const Json& json) {
  HubFile file{text_at(json, "rfilename"), std::nullopt, {}};
  if (const auto size = json.find("size"); size != json.end() && size->is_number_unsigned()) {
    file.bytes = size->get<std::uint64_t>();
  }
  if (const auto lfs = json.find("lfs"); lfs != json.end() && lfs->is_object()) {
    const std::string sha256 = text_at(*lfs, "sha256");
    const bool is_digest =
        sha256.size() == 64 && sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (is_digest) file.sha256 = sha256;
  }
  return file;
}

}  // namespace

std::string hub_endpoint() {
  std::string endpoint = variable("HF_ENDPOINT");
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return endpoint.empty() ? "https://huggingface.co" : endpoint;
}

std::string hub_token() {
  std::string token = variable("HF_TOKEN");
  if (token.empty()) {
    const Result<std::string> text = read_file(token_file(), largest_token);
    if (text.ok()) token = text.value();
  }
  std::erase_if(token, [](unsigned char letter) { return std::isspace(letter) != 0; });
  return token;
}

std::string hub_listing_url(const HubSource& source) {
  // A branch may hold a slash, which must not end the revision.
  std::string revision = percent_encoded(source.revision);
  for (std::size_t at = 0; (at = revision.find('/', at)) != std::string::npos;) {
    revision.replace(at, 1, "%2F");
  }
  return fmt::format("{}/api/models/{}/revision/{}?blobs=true", hub_endpoint(),
                     percent_encoded(source.repo), revision);
}

std::string hub_file_url(const std::string& repo, const std::string& commit,
                         const std::string& path) {
  return fmt::format("{}/{}/resolve/{}/{}", hub_endpoint(), percent_encoded(repo),
                     percent_encoded(commit), percent_encoded(path));
}

Result<HubRepository> parse_hub_listing(std::string_view text, const std::string& repo) {
  const auto wrong = [&](const std::string& what) {
    return fail(ErrorCode::protocol, fmt::format("the hub's list of files of {} {}", repo, what),
                "check HF_ENDPOINT and proxy settings, or try again later");
  };
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("siblings") || !json["siblings"].is_array()) {
    return wrong("is not what a hub sends");
  }
  HubRepository repository;
  repository.commit = text_at(json, "sha");
  if (!is_model_name(repository.commit)) return wrong("names no commit");
  const auto gated = json.find("gated");  // false, "auto" or "manual"
  repository.gated = gated != json.end() && !(gated->is_boolean() && !gated->get<bool>());
  if (const auto card = json.find("cardData"); card != json.end() && card->is_object()) {
    repository.licence = text_at(*card, "license");
  }
  for (const Json& entry : json["siblings"]) {
    if (!entry.is_object()) return wrong("has an entry that is no file");
    repository.files.push_back(read_hub_file(entry));
    if (!is_safe_path(repository.files.back().path)) {
      return wrong("names a file that would leave the model's folder");
    }
  }
  return repository;
}

Result<HubSource> parse_hub_name(std::string_view text) {
  HubSource source;
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    source.revision = text.substr(at + 1);
    text = text.substr(0, at);
  }
  const auto colon = text.find(':');
  source.repo = text.substr(0, colon);
  if (colon != std::string_view::npos) source.select = text.substr(colon + 1);
  const auto slash = source.repo.find('/');
  const bool named = slash != std::string::npos && is_model_name(source.repo.substr(0, slash)) &&
                     is_model_name(source.repo.substr(slash + 1));
  // "." is the label of a model that lies at the top of its repository.
  const bool selects =
      colon == std::string_view::npos || source.select == "." || is_safe_path(source.select);
  if (named && selects && is_safe_path(source.revision)) return source;
  return fail(ErrorCode::invalid_argument,
              fmt::format("hf:{} does not name a repository of the hub", text),
              "write hf:OWNER/NAME[:FILE or QUANTIZATION][@REVISION]");
}

}  // namespace tenfold
