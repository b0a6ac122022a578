// The model that is part of macOS, over Apple's C bridge.
#include "apple_foundation_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <random>
#include <vector>

#include "base/machine.h"
#include "bridge.h"
#include "conversation.h"
#include "engine/table.h"
#include "generation/text_engine.h"
#include "reply.h"
#include "schema_dialect.h"
#include "tools.h"

namespace tenfold {
namespace {

using namespace apple_foundation;
using Clock = Interruption::Clock;

class AppleModel final : public TextModel {
 public:
  AppleModel(const Bridge& bridge, Object model, ModelInfo info)
      : bridge_(bridge), model_(std::move(model)), info_(std::move(info)) {}

  [[nodiscard]] const ModelInfo& info() const override { return info_; }

  Result<Answer> answer(const Request& request, const Interruption& interruption,
                        const OnDelta& on_delta, const OnPrompt& on_prompt,
                        Clock::time_point start) override {
    const Conversation conversation = TRY(read_conversation(request.prompt));
    GrowingAnswer growing(bridge_);
    const std::vector<Object> tools = TRY(make_tools(bridge_, request, growing));
    const Object session = TRY(open_session(conversation, tools));
    const Object prompt = make_prompt(conversation.prompt);
    Answer answer;
    int& prompt_tokens = answer.usage.prompt_tokens;
    prompt_tokens = count_tokens(bridge_, model_.get(), session.get(),
                                 bridge_.SystemLanguageModelTokenCountForTranscript)
                        .value_or(0) +
                    count_text(prompt);
    if (prompt_tokens >= info_.context_size) {
      return fail(ErrorCode::context_exceeded,
                  fmt::format("the prompt has {} tokens and the context of {} holds {} with the "
                              "answer",
                              prompt_tokens, info_.description, info_.context_size),
                  "shorten it, or begin a new conversation");
    }
    const int room = info_.context_size - prompt_tokens;
    const int limit = std::min(request.max_tokens.value_or(room), room);
    answer.seed = request.sampling.seed.value_or(std::random_device()());
    const std::string options = TRY(generation_options(request, answer.seed, limit));
    PromptProgress progress{0, prompt_tokens, 0};
    if (on_prompt) on_prompt(progress);

    Object running = TRY(begin(request, session, prompt, options, growing));
    Clock::time_point first;
    Clock::time_point last = Clock::now();
    const auto advanced = [&] {
      last = Clock::now();
      if (first != Clock::time_point()) return;
      first = last;
      progress.read = progress.total;
      if (on_prompt) on_prompt(progress);
    };
    while (!interruption.reason()) {
      const auto piece = growing.next(interruption.token());
      if (!piece) break;
      advanced();
      answer.text += *piece;
      if (on_delta) on_delta({*piece, "", {}, {}});
    }
    const auto calls = growing.calls(request.parallel_tool_calls, interruption.token());
    const auto ended = growing.is_complete();
    const bool is_complete = ended.ok() && *ended;
    if (!is_complete) end(request, running, growing, tools);
    if (!calls.empty() && !interruption.reason()) {
      answer.tool_calls = TRY(name_calls(calls, request, conversation, answer.seed));
      advanced();
      if (on_delta) on_delta({"", "", {}, {}, answer.tool_calls});
    } else if (!ended.ok() && !interruption.reason()) {
      return ended.error();
    }
    answer.usage.generated_tokens = count_answer(answer);
    answer.finish = is_complete ? finish_reason(request, answer.usage.generated_tokens, room)
                                : interruption.reason().value_or(FinishReason::cancelled);
    if (!answer.tool_calls.empty()) answer.finish = FinishReason::tool_call;
    if (first == Clock::time_point()) first = last;
    answer.usage.ttft_seconds = std::chrono::duration<double>(first - start).count();
    answer.usage.prefill_seconds = answer.usage.ttft_seconds;
    answer.usage.decode_seconds = std::chrono::duration<double>(last - first).count();
    answer.usage.peak_memory_bytes = peak_memory_bytes();
    return answer;
  }

 private:
  Result<Object> open_session(const Conversation& conversation,
                              const std::vector<Object>& tools) const {
    int code = 0;
    char* failure = nullptr;
    const Object transcript(bridge_, bridge_.TranscriptCreateFromJSONString(
                                         conversation.transcript.c_str(), &code, &failure));
    const std::string words = take_string(bridge_, failure);
    if (transcript.get() == nullptr) return explain(static_cast<Status>(code), words);
    std::vector<Ref> refs;
    for (const Object& tool : tools) refs.push_back(tool.get());
    return Object(bridge_, bridge_.LanguageModelSessionCreateFromTranscript(
                               transcript.get(), model_.get(), refs.empty() ? nullptr : refs.data(),
                               static_cast<int>(refs.size())));
  }

  /// A stream or a task.
  Result<Object> begin(const Request& request, const Object& session, const Object& prompt,
                       const std::string& options, GrowingAnswer& growing) const {
    if (request.constraint.kind == Constraint::Kind::json_schema) {
      const std::string schema = TRY(schema_in_dialect(request.constraint.text));
      return growing.ask(session.get(), prompt.get(), schema, options);
    }
    Object stream(bridge_, bridge_.LanguageModelSessionStreamResponse(session.get(), prompt.get(),
                                                                      options.c_str()));
    if (stream.get() == nullptr) return explain(Status::invalid_argument, "its options");
    growing.follow(stream.get());
    return stream;
  }

  /// A stream ends with its last owner, a task does not.
  void end(const Request& request, Object& running, GrowingAnswer& growing,
           const std::vector<Object>& tools) const {
    if (request.constraint.kind == Constraint::Kind::json_schema) {
      bridge_.TaskCancel(running.get());
    }
    running.reset();
    if (!tools.empty()) growing.end_calls(tools);
  }

  [[nodiscard]] int count_answer(const Answer& answer) const {
    std::string all = answer.text;
    for (const ToolCall& call : answer.tool_calls) all += call.name + call.arguments;
    return count_text(make_prompt(all));
  }

  [[nodiscard]] Object make_prompt(const std::string& text) const {
    Object prompt(bridge_, bridge_.ComposedPromptInitialize());
    bridge_.ComposedPromptAddText(prompt.get(), text.c_str());
    return prompt;
  }

  [[nodiscard]] int count_text(const Object& prompt) const {
    return count_tokens(bridge_, model_.get(), prompt.get(),
                        bridge_.SystemLanguageModelTokenCountForPrompt)
        .value_or(0);
  }

  /// The bridge does not say why an answer ended.
  static FinishReason finish_reason(const Request& request, int generated, int room) {
    if (generated >= request.max_tokens.value_or(std::numeric_limits<int>::max())) {
      return FinishReason::length;
    }
    return generated >= room ? FinishReason::context_full : FinishReason::stop;
  }

  const Bridge& bridge_;
  Object model_;
  ModelInfo info_;
};

Result<std::unique_ptr<TextModel>> open_model(const ResolvedModel& wanted,
                                              const LoadOptions& options,
                                              const OnProgress& on_progress) {
  if (!wanted.built_in) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} is a file; Apple's model is part of macOS", wanted.path.string()),
                "name the model apple-foundation");
  }
  const Bridge& bridge = *TRY(load_bridge());
  Object model(bridge, bridge.SystemLanguageModelGetDefault());
  Unavailable reason = Unavailable::unknown;
  if (!bridge.SystemLanguageModelIsAvailable(model.get(), &reason)) return explain(reason);
  for (const double share : {0.0, 1.0}) {
    if (on_progress && !on_progress(share)) {
      return fail(ErrorCode::cancelled, "cancelled while the model was loaded");
    }
  }
  ModelInfo info;
  info.format = static_capabilities("apple_foundation").formats.front();
  info.architecture = "apple-foundation";
  info.description = "Apple's on-device model";
  info.context_size = info.trained_context_size =
      bridge.SystemLanguageModelGetContextSize(model.get());
  info.threads = std::max(options.threads, 1);
  return std::unique_ptr<TextModel>(
      std::make_unique<AppleModel>(bridge, std::move(model), std::move(info)));
}

}  // namespace

std::unique_ptr<Engine> make_apple_foundation_engine() {
  TextBackend backend;
  backend.capabilities = static_capabilities("apple_foundation");
  backend.capabilities.version = "apple-fm-sdk 0.2.1";  // the bridge does not tell
  backend.open = open_model;
  return make_text_engine(std::move(backend));
}

}  // namespace tenfold
