// Replies of POST /v1/chat/completions.
#pragma once

#include "server/apis/answers/format.h"
#include "server/apis/openai/generation_fields.h"
#include "server/apis/openai/prompt_timer.h"

namespace tenfold::server::openai {

class ChatFormat final : public AnswerFormat {
 public:
  explicit ChatFormat(const GenerationFields& fields);

  std::string begin() override;
  std::string progress(std::size_t choice, const PromptProgress& progress) override;
  std::string delta(std::size_t choice, const Delta& delta) override;
  std::string notice(const Notice& notice) override;
  std::string end(std::size_t choice, const Answer& answer) override;
  std::string failure(const Error& error) override;
  std::string finish() override;
  Json whole(std::span<const Answer> answers) override;

 private:
  [[nodiscard]] Json frame(std::string_view object) const;
  [[nodiscard]] std::string chunk(std::size_t choice, Json delta, Json finish_reason,
                                  Json logprobs = nullptr) const;

  std::string id_;
  std::string model_;
  std::int64_t created_;
  std::size_t choices_;
  bool stream_usage_;
  bool with_logprobs_;
  std::optional<PromptTimer> timer_;  ///< absent: nobody asked for the progress
  Usage usage_;                       ///< of the choices that have ended
  std::vector<std::size_t> calls_;    ///< tool calls sent, by choice
};

}  // namespace tenfold::server::openai
