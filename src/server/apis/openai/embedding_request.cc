#include "server/apis/openai/embedding_request.h"

#include <fmt/format.h>

namespace tenfold::server::openai {
namespace {

constexpr std::size_t most_texts = 2048;

Result<std::vector<std::string>> read_texts(const Json& json) {
  const bool has_numbers =
      json.is_array() && !json.empty() && (json.front().is_number() || json.front().is_array());
  if (has_numbers) {
    return fail(ErrorCode::unsupported, "input has token ids, which this server does not embed",
                "send text; with LangChain, set check_embedding_ctx_length=False");
  }
  std::vector<std::string> texts;
  const Json list = json.is_string() ? Json::array({json}) : json;
  TRY(read_value(list, "input", texts));
  if (texts.empty() || texts.size() > most_texts) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("input has {} texts; 1 to {} are allowed", texts.size(), most_texts));
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) {
      return fail(ErrorCode::invalid_argument, fmt::format("input[{}] is an empty text", i));
    }
  }
  return texts;
}

}  // namespace

Result<EmbeddingFields> read_embedding(Json json) {
  EmbeddingFields out;
  out.noted = take_noted(json, Api::embeddings);
  std::string encoding = "float";
  BodyReader reader(json, "");
  reader.optional("model", out.use.model)
      .optional("engine", out.use.engine)
      .optional("dimensions", out.dimensions)
      .optional("encoding_format", encoding);
  const Json* input = reader.take("input");
  if (input == nullptr) reader.keep(fail(ErrorCode::invalid_argument, "input is missing"));
  if (reader.ok()) reader.keep(read_texts(*input), out.texts);
  if (encoding != "float" && encoding != "base64") {
    reader.keep(fail(ErrorCode::invalid_argument, "encoding_format must be float or base64"));
  }
  TRY(reader.finish());
  out.base64 = encoding == "base64";
  return out;
}

}  // namespace tenfold::server::openai
