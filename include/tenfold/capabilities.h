// What an engine can do and what its process needs, independent of any model.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/options.h"

namespace tenfold {

/// What is fixed for an engine, and so known before its worker starts. A row of the table of ten
/// (engine/table.h) says it; what a worker says of itself is made from the same row.
struct EngineTraits {
  // Prompts that it takes.
  bool chat_prompts = false;
  bool system_role = false;  ///< a conversation may begin with a message of the system
  bool text_prompts = false;
  bool token_prompts = false;
  // What it gives. Log-probabilities and calls of tools are among the request options.
  bool token_ids = false;     ///< with the text of an answer
  bool prepare = false;       ///< Engine::prepare(): the prompt as the model sees it
  bool score = false;         ///< Engine::score()
  bool embeddings = false;    ///< Engine::embed(), if the model has them
  bool resumes = false;       ///< goes on after Request::answered, as after those of a dead worker
  bool prefix_reuse = false;  ///< does not compute again what a prompt shares with those before
  // How it loads models.
  bool fixed_context = false;  ///< a model has one context size, and none can be chosen
  int max_sequences = 1;       ///< that one batch can hold: the most of LoadOptions::sequences
  // What its process needs beside the files of the model and the paths among its options.
  bool needs_network = false;  ///< whatever its options say
  /// Maps new machine code after it started: that of a compiled model, or of a compiler in it.
  bool needs_executable_memory = false;
};

/// What an engine's worker says of itself.
struct Capabilities : EngineTraits {
  std::string engine;                        ///< id, e.g. "llama_cpp"
  std::string version;                       ///< of the framework
  std::vector<std::string> formats;          ///< model formats it opens, e.g. "gguf"
  std::vector<std::string> request_options;  ///< the request fields it honours, by JSON name
  std::vector<std::string> adjustable;       ///< what Engine::adjust() can change, e.g. "threads"
  std::vector<OptionSpec> options;           ///< engine options for LoadOptions

  /// Whether it honours this request field.
  [[nodiscard]] bool honours(std::string_view field) const {
    return std::ranges::find(request_options, field) != request_options.end();
  }
};

}  // namespace tenfold
