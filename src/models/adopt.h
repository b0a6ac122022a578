// Finds the models that other programs keep on this machine, to be used where they lie.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/store.h"

namespace tenfold {

/// What was looked at and is no model that Tenfold can open.
struct SkippedModel {
  std::filesystem::path path;
  std::string program;
  std::string reason;
};

struct FoundModels {
  std::vector<StoredModel> models;  ///< adopted, not owned; names may repeat or be taken
  std::vector<SkippedModel> skipped;
  std::vector<std::filesystem::path> folders;  ///< those that exist and were searched
};

/// Ollama: OLLAMA_MODELS, ~/.ollama/models and those of its system services; the model layer of
/// each manifest, with the digest its blob is named by and the system message beside it.
void find_ollama_models(FoundModels& found);
/// The Hugging Face hub's cache (HF_HUB_CACHE, HF_HOME, ~/.cache/huggingface/hub): the snapshot
/// that refs/main names, else each. Layout: https://huggingface.co/docs/hub/local-cache
void find_hub_models(FoundModels& found);
/// LM Studio (~/.lmstudio/models, or the home that ~/.lmstudio-home-pointer names, and the older
/// ~/.cache/lm-studio/models), llama.cpp (LLAMA_CACHE, ~/.cache/llama.cpp) and GPT4All
/// (~/.local/share/nomic.ai/GPT4All).
void find_folder_models(FoundModels& found);

/// All of the above. Reads headers only.
FoundModels find_models_of_others();

/// Shared by them: adds what `path`, a file or folder, holds, or the reason why not.
void look_at_found(const std::filesystem::path& path, const std::string& name,
                   const std::string& program, const std::string& source, FoundModels& found);
/// The user's home folder; empty if unknown.
std::filesystem::path home_folder();
/// The value of an environment variable as a path; empty if it is not set.
std::filesystem::path path_variable(const char* name);
/// $XDG_CACHE_HOME or ~/.cache.
std::filesystem::path user_cache();

}  // namespace tenfold
