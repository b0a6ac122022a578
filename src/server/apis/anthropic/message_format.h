// Replies of POST /v1/messages.
#pragma once

#include "server/apis/answers/format.h"
#include "server/apis/anthropic/message_request.h"

namespace tenfold::server::anthropic {

class MessageFormat final : public AnswerFormat {
 public:
  explicit MessageFormat(const MessageFields& fields);

  std::string begin() override;
  std::string delta(std::size_t choice, const Delta& delta) override;
  std::string notice(const Notice& notice) override;
  std::string end(std::size_t choice, const Answer& answer) override;
  std::string failure(const Error& error) override;
  std::string finish() override;
  [[nodiscard]] std::string keep_alive() const override;
  Json whole(std::span<const Answer> answers) override;

 private:
  enum class Block { none, thinking, text };

  [[nodiscard]] Json frame() const;
  std::string add(Block kind, const std::string& text);
  std::string add_call(const ToolCall& call);
  std::string close();

  std::string id_;
  std::string model_;
  bool show_thinking_;
  Block open_ = Block::none;
  std::size_t index_ = 0;  ///< of the open block, or of the next
};

}  // namespace tenfold::server::anthropic
