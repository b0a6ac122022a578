#include "models/hub_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <set>

#include "base/text.h"
#include "formats/onnx_names.h"
#include "formats/shard_name.h"
#include "formats/tokenizer_file.h"

namespace tenfold {
namespace {

/// Besides the tokenizer.
constexpr const char* companions[] = {
    "tokenizer_config.json", "special_tokens_map.json", "config.json", "generation_config.json",
    "chat_template.jinja",   "chat_template.json",      "vocab.json",  "merges.txt",
    "added_tokens.json"};

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// "model-00002-of-00003.gguf" becomes the name of the first shard.
std::string first_shard(const std::string& path) {
  const auto shard = read_shard_name(path);
  return shard ? shard->part(1) : path;
}

/// Projectors for pictures and importance matrices are no language models.
bool is_language_gguf(const std::string& path) {
  const std::string name = lower_case(last_part(path));
  return name.ends_with(".gguf") && name.find("mmproj") == std::string::npos &&
         name.find("imatrix") == std::string::npos;
}

using Groups = std::map<std::string, HubChoice>;

HubChoice& group(Groups& groups, const std::string& label, std::string_view folder) {
  HubChoice& choice = groups[label];
  choice.label = label;
  choice.folder = folder;
  return choice;
}

HubChoice sorted(HubChoice choice) {
  std::ranges::sort(choice.files, {}, &HubFile::path);
  return choice;
}

Groups gguf_groups(const std::vector<HubFile>& files) {
  Groups groups;
  for (const HubFile& file : files) {
    if (!is_language_gguf(file.path)) continue;
    group(groups, first_shard(file.path), folder_of(file.path)).files.push_back(file);
  }
  return groups;
}

/// Folders that hold `marker`, with everything directly in them.
Groups folders_with(const std::vector<HubFile>& files, std::string_view marker) {
  Groups groups;
  for (const HubFile& mark : files) {
    if (last_part(mark.path) != marker) continue;
    const std::string_view folder = folder_of(mark.path);
    HubChoice& choice = group(groups, folder.empty() ? "." : std::string(folder), folder);
    for (const HubFile& file : files) {
      const std::string_view name = last_part(file.path);
      const bool read = !name.starts_with('.') && !name.ends_with(".md");
      if (folder_of(file.path) == folder && read) choice.files.push_back(file);
    }
  }
  return groups;
}

/// The nearest of this name, in the folder of the model or above it.
void add_nearest(std::string_view name, const std::vector<HubFile>& files, HubChoice& choice) {
  const HubFile* nearest = nullptr;
  for (const HubFile& file : files) {
    const std::string_view folder = folder_of(file.path);
    const bool above = folder.empty() || choice.folder == folder ||
                       choice.folder.starts_with(std::string(folder) + "/");
    if (last_part(file.path) != name || !above) continue;
    if (nearest == nullptr || nearest->path.size() < file.path.size()) nearest = &file;
  }
  if (nearest != nullptr) choice.files.push_back(*nearest);
}

void add_companions(const std::vector<HubFile>& files, HubChoice& choice) {
  for (const char* name : tokenizer_names) add_nearest(name, files, choice);
  for (const char* name : companions) add_nearest(name, files, choice);
}

/// The path of a file called `name` beside `path`.
std::string beside(const std::string& path, const std::string& name) {
  return path.substr(0, path.size() - last_part(path).size()) + name;
}

/// Whether another model in its folder has it as a part, or has the same in one file.
bool is_part(const HubFile& file, const std::vector<HubFile>& files) {
  const std::string_view name = last_part(file.path);
  return leading_decoder(name, [&](const std::string& other) {
           return std::ranges::find(files, beside(file.path, other), &HubFile::path) != files.end();
         }) != name;
}

/// `file` with its external data and companions.
void add_single_file(const HubFile& file, const std::vector<HubFile>& files, Groups& groups) {
  HubChoice& choice = group(groups, file.path, folder_of(file.path));
  std::ranges::copy_if(
      files, std::back_inserter(choice.files),
      [&](const std::string& other) { return is_file_of(file.path, other); }, &HubFile::path);
  const bool alone = file.path.ends_with(".litertlm") || file.path.ends_with(".task");
  if (!alone) add_companions(files, choice);
}

Groups single_files(const std::vector<HubFile>& files, std::string_view suffix) {
  Groups groups;
  for (const HubFile& file : files) {
    if (file.path.ends_with(suffix) && !is_part(file, files)) add_single_file(file, files, groups);
  }
  return groups;
}

/// Decoders in two files that lie beside one file with both in it.
std::vector<HubChoice> pairs_of_merged(const std::vector<HubFile>& files) {
  Groups groups;
  for (const HubFile& file : files) {
    const bool leads_pair = !prompt_decoder(last_part(file.path)).empty();
    if (leads_pair && is_part(file, files)) add_single_file(file, files, groups);
  }
  std::vector<HubChoice> pairs;
  for (auto& [label, choice] : groups) pairs.push_back(sorted(std::move(choice)));
  return pairs;
}

/// The Core ML model that a file is part of, or nothing.
std::string coreml_package_of(const std::string& path) {
  for (const std::string_view mark : {".mlpackage/", ".mlmodelc/"}) {
    const auto at = path.find(mark);
    if (at != std::string::npos) return path.substr(0, at + mark.size() - 1);
  }
  return "";
}

/// Folders of ANEMLL: the Core ML models beside a meta.yaml are parts of one.
Groups anemll_folders(const std::vector<HubFile>& files) {
  Groups groups;
  for (const HubFile& meta : files) {
    if (last_part(meta.path) != "meta.yaml") continue;
    const std::string_view folder = folder_of(meta.path);
    HubChoice choice{folder.empty() ? "." : std::string(folder), {meta}, std::string(folder)};
    for (const HubFile& file : files) {
      const std::string package = coreml_package_of(file.path);
      if (!package.empty() && folder_of(package) == folder) choice.files.push_back(file);
    }
    if (choice.files.size() == 1) continue;
    add_companions(files, choice);
    groups[choice.label] = std::move(choice);
  }
  return groups;
}

Groups packages(const std::vector<HubFile>& files) {
  Groups groups;
  for (const HubFile& file : files) {
    const std::string package = coreml_package_of(file.path);
    if (package.empty()) continue;
    group(groups, package, folder_of(package)).files.push_back(file);
  }
  for (auto& [label, choice] : groups) add_companions(files, choice);
  return groups;
}

Groups safetensors(const std::vector<HubFile>& files) {
  Groups groups;
  for (const HubFile& file : files) {
    const std::string_view folder = folder_of(file.path);
    const std::string config =
        folder.empty() ? "config.json" : std::string(folder) + "/config.json";
    const bool weights =
        file.path.ends_with(".safetensors") || file.path.ends_with(".safetensors.index.json");
    if (!weights || std::ranges::find(files, config, &HubFile::path) == files.end()) continue;
    group(groups, folder.empty() ? "." : std::string(folder), folder).files.push_back(file);
  }
  for (auto& [label, choice] : groups) add_companions(files, choice);
  return groups;
}

bool has_word(std::string_view name, std::string_view word) {
  const std::string text = lower_case(name);
  const std::string wanted = lower_case(word);
  for (std::size_t at = 0; (at = text.find(wanted, at)) != std::string::npos; ++at) {
    const auto is_part = [](unsigned char letter) {
      return std::isalnum(letter) != 0 || letter == '_';
    };
    const bool starts =
        at == 0 || !is_part(static_cast<unsigned char>(text[at - 1])) || text[at - 1] == '_';
    const std::size_t end = at + wanted.size();
    if (starts && (end == text.size() || !is_part(static_cast<unsigned char>(text[end])))) {
      return true;
    }
  }
  return false;
}

std::vector<HubChoice> fitting(const std::vector<HubChoice>& choices, std::string_view select) {
  std::vector<HubChoice> fit;
  const auto keep = [&](const auto& fits) {
    if (fit.empty()) std::ranges::copy_if(choices, std::back_inserter(fit), fits);
  };
  keep([&](const HubChoice& choice) { return choice.label == select; });
  keep([&](const HubChoice& choice) { return last_part(choice.label) == select; });
  keep([&](const HubChoice& choice) { return has_word(last_part(choice.label), select); });
  return fit;
}

std::string listed(const std::vector<HubChoice>& choices) {
  std::string text;
  for (const HubChoice& choice : choices) {
    const auto bytes = total_bytes(choice);
    text += fmt::format("\n  {} ({})", choice.label, bytes ? size_text(*bytes) : "size unknown");
  }
  return text;
}

}  // namespace

std::string stored_name(const HubChoice& choice, const HubFile& file) {
  const std::string prefix = choice.folder.empty() ? "" : choice.folder + "/";
  if (file.path.starts_with(prefix)) return file.path.substr(prefix.size());
  return std::string(last_part(file.path));
}

std::optional<std::uint64_t> total_bytes(const HubChoice& choice) {
  std::uint64_t total = 0;
  for (const HubFile& file : choice.files) {
    if (!file.bytes) return std::nullopt;
    total += *file.bytes;
  }
  return total;
}

std::vector<HubChoice> hub_choices(const std::vector<HubFile>& files) {
  std::vector<HubChoice> choices;
  std::set<std::string> taken;  // a folder's model.onnx is no model of its own
  const auto take = [&](Groups groups) {
    for (auto& [label, choice] : groups) {
      if (taken.contains(label)) continue;
      for (const HubFile& file : choice.files) taken.insert(file.path);
      choices.push_back(sorted(std::move(choice)));
    }
  };
  take(gguf_groups(files));
  take(folders_with(files, "genai_config.json"));
  take(folders_with(files, "mlc-chat-config.json"));
  Groups anemll = anemll_folders(files);
  Groups parts = packages(files);
  std::erase_if(parts, [&](const auto& part) {
    const std::string_view folder = folder_of(part.first);
    return anemll.contains(folder.empty() ? "." : std::string(folder));
  });
  take(std::move(anemll));
  take(std::move(parts));
  for (const std::string_view suffix : {".litertlm", ".task", ".tflite", ".pte", ".onnx"}) {
    take(single_files(files, suffix));
  }
  take(safetensors(files));
  return choices;
}

Result<HubChoice> choose_from_hub(const std::vector<HubFile>& files, std::string_view select,
                                  const std::string& repo) {
  const std::vector<HubChoice> all = hub_choices(files);
  if (all.empty()) {
    return fail(ErrorCode::bad_model, fmt::format("{} holds no model that an engine opens", repo),
                "choose a repository with GGUF, safetensors, ONNX, .pte, LiteRT, Core ML or MLC "
                "files");
  }
  std::vector<HubChoice> fit = select.empty() ? all : fitting(all, select);
  if (fit.empty()) fit = fitting(pairs_of_merged(files), select);
  // A .task is the older form of what lies beside it.
  const auto is_task = [](const HubChoice& choice) { return choice.label.ends_with(".task"); };
  if (!std::ranges::all_of(fit, is_task)) std::erase_if(fit, is_task);
  if (fit.size() == 1) return fit.front();
  return fail(
      ErrorCode::invalid_argument,
      fit.empty()
          ? fmt::format("{} holds no \"{}\"; it holds:{}", repo, select, listed(all))
          : fmt::format("{} holds several models{}:{}", repo,
                        select.empty() ? "" : fmt::format(" that fit \"{}\"", select), listed(fit)),
      fmt::format("choose one: tenfold pull hf:{}:FILE", repo));
}

}  // namespace tenfold
