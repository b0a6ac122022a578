// Replies of POST /v1/responses.
#pragma once

#include "server/apis/answers/format.h"
#include "server/apis/openai/response_request.h"

namespace tenfold::server::openai {

class ResponseFormat final : public AnswerFormat {
 public:
  explicit ResponseFormat(const ResponseFields& fields);

  std::string begin() override;
  std::string delta(std::size_t choice, const Delta& delta) override;
  std::string notice(const Notice& notice) override;
  std::string end(std::size_t choice, const Answer& answer) override;
  std::string failure(const Error& error) override;
  Json whole(std::span<const Answer> answers) override;

 private:
  enum class Item { none, reasoning, message };

  [[nodiscard]] Json frame(std::string_view status) const;
  [[nodiscard]] Json ended(const Answer& answer) const;
  std::string event(std::string_view type, Json data);
  /// About the open item's one part.
  std::string part_event(std::string_view type, Json data);
  std::string add(Item kind, const std::string& text, const Json& logprobs);
  std::string add_call(const ToolCall& call);
  std::string close();

  std::string id_;
  std::string model_;
  std::int64_t created_;
  bool with_logprobs_;
  Json echo_;
  Json output_ = Json::array();  ///< the items that are complete
  Item open_ = Item::none;
  std::string item_id_;  ///< of the open item
  std::string text_;     ///< of the open item
  Json logprobs_ = Json::array();
  std::uint64_t sequence_ = 0;  ///< of the next event
};

}  // namespace tenfold::server::openai
