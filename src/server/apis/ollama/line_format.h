// Replies of POST /api/chat and /api/generate.
#pragma once

#include <chrono>

#include "server/apis/answers/format.h"
#include "server/apis/ollama/ollama_request.h"

namespace tenfold::server::ollama {

/// "2026-11-25T18:00:00.123Z"
std::string timestamp(std::chrono::system_clock::time_point time);

/// As Ollama's clients read it: nanoseconds.
std::int64_t nanoseconds(double seconds);

/// Every event is a JSON object on a line of its own.
class LineFormat final : public AnswerFormat {
 public:
  enum class Kind { chat, generate };

  LineFormat(Kind kind, const AnswerFields& fields);

  [[nodiscard]] std::string_view stream_type() const override { return "application/x-ndjson"; }
  std::string begin() override { return {}; }
  std::string delta(std::size_t choice, const Delta& delta) override;
  std::string notice(const Notice& notice) override;
  std::string end(std::size_t choice, const Answer& answer) override;
  std::string failure(const Error& error) override;
  /// Clients take an empty line for a fault, and an empty piece of text for nothing.
  [[nodiscard]] std::string keep_alive() const override;
  Json whole(std::span<const Answer> answers) override;

  /// The reply to a request that only loads or unloads; `reason` is "load" or "unload".
  [[nodiscard]] Json empty(std::string_view reason) const;

 private:
  /// What was said, in the place where the kind has it.
  [[nodiscard]] Json frame(const std::string& text, const std::string& reasoning,
                           const std::vector<ToolCall>& calls) const;
  void add_end(Json& json, const Answer& answer) const;

  Kind kind_;
  std::string model_;
  bool with_logprobs_;
  bool show_thinking_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace tenfold::server::ollama
