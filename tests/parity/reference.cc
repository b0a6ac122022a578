#include "reference.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace tenfold::parity {
namespace {

using Json = nlohmann::json;
constexpr TokenId end_of_turn = 2;

std::vector<TokenId> ids(const Json& json) { return json.get<std::vector<TokenId>>(); }

std::vector<TopTokens> top_tokens(const Json& positions) {
  std::vector<TopTokens> all;
  for (const Json& position : positions) {
    TopTokens& top = all.emplace_back();
    for (const Json& token : position) {
      top.push_back({token.at(0).get<TokenId>(), {}, token.at(1).get<double>(), {}});
    }
  }
  return all;
}

ParityCase known_case(const Json& json, std::size_t number) {
  std::vector<Message> messages;
  for (const Json& message : json.at("messages")) {
    messages.push_back({message.at("role"), message.at("content")});
  }
  return {fmt::format("known {}", number),
          std::move(messages),
          {json.at("prompt"), ids(json.at("prompt_ids"))},
          ids(json.at("answer_ids")),
          {},
          true};
}

ParityCase free_case(const Json& json, std::size_t number) {
  const auto text = json.at("prompt").get<std::string>();
  const std::vector<TokenId> answer = ids(json.at("ids"));
  return {fmt::format("free {}", number),     text,
          {text, ids(json.at("prompt_ids"))}, answer,
          top_tokens(json.at("top")),         answer.back() == end_of_turn};
}

}  // namespace

Reference read_reference(const std::string& model) {
  std::ifstream file("tests/models/reference.json");
  const Json json = Json::parse(file);
  const Json& of_model = json.at("models").at(model);
  Reference out;
  for (const Json& text : json.at("tokenization")) {
    out.tokenization.push_back({text.at("text"), ids(text.at("ids"))});
  }
  for (const Json& one : of_model.at("known")) {
    out.known.push_back(known_case(one, out.known.size()));
  }
  for (const Json& one : of_model.at("free")) out.free.push_back(free_case(one, out.free.size()));
  for (const Json& one : of_model.at("score")) {
    out.scored.push_back({ids(one.at("ids")), one.at("logprobs").get<std::vector<double>>()});
  }
  return out;
}

}  // namespace tenfold::parity
