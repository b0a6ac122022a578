// A model, resolved: what a name or a path stands for, found out once and before anything is
// loaded. Engines load it and compute; none of them looks for files or formats again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tenfold/request.h"

namespace tenfold {

/// How the model's text is read. Empty strings, -1 and empty lists: nothing says so.
struct ModelText {
  /// tokenizer.json, a SentencePiece model or a tiktoken file. Empty: the tokenizer is inside the
  /// model's own file.
  std::filesystem::path tokenizer = {};
  /// What tokenizer_config.json says of a tokenizer that is no tokenizer.json, as a JSON object
  /// with its keys added_tokens_decoder and add_bos_token.
  std::string token_settings = {};
  std::string begin_token = {};  ///< as written in tokenizer_config.json
  std::string end_token = {};    ///< likewise
  TokenId begin = -1;            ///< id
  /// More ends as texts, where a container has those: a text counts that begins with a special
  /// token.
  std::vector<std::string> end_texts = {};
  std::vector<TokenId> ends = {};              ///< ids that end a turn
  std::string chat_template = {};              ///< Jinja source
  std::filesystem::path template_source = {};  ///< the file it was read from
  /// Where no file has one, the family whose template this is ("Llama 3").
  std::string template_family = {};
};

/// What the files beside the weights say of the model's dimensions; 0: nothing.
struct ModelSizes {
  std::int64_t context = 0;  ///< tokens it was trained for
  std::int64_t cache_heads = 0;
  std::int64_t head_size = 0;
  std::int64_t vocabulary = 0;
};

/// A value: copied to the worker that loads the model. All paths are absolute.
struct ResolvedModel {
  std::string name = {};  ///< in the store, or what the user wrote
  bool built_in = false;  ///< part of the system: it has no files, and `name` is all there is
  std::filesystem::path path = {};  ///< the file, or the folder of formats that are folders
  /// The file with the graph or the first weights: `path`, or one below it. Empty where an engine
  /// takes the folder as a whole.
  std::filesystem::path file = {};
  std::string format = {};        ///< as in the table of engines
  std::string architecture = {};  ///< "llama"; empty: the format does not tell
  std::string quantization = {};  ///< "q4_0", "int8"
  std::string sha256 = {};        ///< of `path`, lower-case hex; empty: not known
  std::uint64_t parameters = 0;   ///< 0: the format does not tell
  std::uint64_t weight_bytes = 0;
  std::vector<std::filesystem::path> files = {};  ///< all that is read to run it
  ModelSizes sizes = {};
  ModelText text = {};
  /// What its publisher, or the catalogue it comes from, recommends; no seed, no logit_bias.
  Sampling sampling = {};
  std::uint64_t memory = 0;  ///< bytes it is estimated to need as it will be loaded; 0: not known
};

}  // namespace tenfold
