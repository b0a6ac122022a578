#include "server/apis/openai/embedding_format.h"

#include <fmt/format.h>

#include <bit>
#include <boost/beast/core/detail/base64.hpp>

namespace tenfold::server::openai {
namespace {

Json vector_json(const std::vector<float>& vector, bool base64) {
  if (!base64) return vector;
  static_assert(std::endian::native == std::endian::little);
  namespace coder = boost::beast::detail::base64;
  const std::size_t bytes = vector.size() * sizeof(float);
  std::string text(coder::encoded_size(bytes), '\0');
  text.resize(coder::encode(text.data(), vector.data(), bytes));
  return text;
}

}  // namespace

Result<Reply> embedding_reply(const EmbeddingFields& fields, const Embedded& embedded) {
  const std::size_t width = embedded.vectors.front().size();
  if (fields.dimensions && static_cast<std::size_t>(*fields.dimensions) != width) {
    return fail(ErrorCode::unsupported,
                fmt::format("dimensions is {}, but this model's vectors have {}",
                            *fields.dimensions, width),
                "leave it out");
  }
  Json data = Json::array();
  for (const std::vector<float>& vector : embedded.vectors) {
    data.push_back({{"object", "embedding"},
                    {"index", data.size()},
                    {"embedding", vector_json(vector, fields.base64)}});
  }
  return json_reply(
      {{"object", "list"},
       {"data", std::move(data)},
       {"model", fields.use.model},
       {"usage", {{"prompt_tokens", embedded.tokens}, {"total_tokens", embedded.tokens}}}});
}

}  // namespace tenfold::server::openai
