// Replies of POST /v1/completions.
#pragma once

#include "server/apis/answers/format.h"
#include "server/apis/openai/completion_request.h"
#include "server/apis/openai/prompt_timer.h"

namespace tenfold::server::openai {

class CompletionFormat final : public AnswerFormat {
 public:
  explicit CompletionFormat(const CompletionFields& fields);

  std::string begin() override { return {}; }
  std::string progress(std::size_t choice, const PromptProgress& progress) override;
  std::string delta(std::size_t choice, const Delta& delta) override;
  std::string notice(const Notice& notice) override;
  std::string end(std::size_t choice, const Answer& answer) override;
  std::string failure(const Error& error) override;
  std::string finish() override;
  Json whole(std::span<const Answer> answers) override;

 private:
  [[nodiscard]] Json frame() const;
  Json choice_json(std::size_t choice, const std::string& text,
                   const std::vector<TokenLogprob>& logprobs, Json finish_reason);
  void count(std::size_t choice, const Usage& usage);

  std::string id_;
  std::string model_;
  std::int64_t created_;
  std::size_t choices_;  ///< of each prompt
  bool stream_usage_;
  bool with_logprobs_;
  std::optional<PromptTimer> timer_;  ///< absent: nobody asked for the progress
  Usage usage_;                       ///< of the answers that have ended
  std::vector<std::size_t> offsets_;  ///< characters whose logprobs were sent, by choice
};

}  // namespace tenfold::server::openai
