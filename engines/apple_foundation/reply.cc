#include "reply.h"

#include <deque>
#include <nlohmann/json.hpp>

namespace tenfold::apple_foundation {
namespace {

struct Count {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<std::optional<int>> tokens;
};

}  // namespace

std::optional<int> count_tokens(const Bridge& bridge, Ref model, Ref prompt_or_session,
                                Ref (*count)(Ref, Ref, void*, CountCallback)) {
  Count waited;
  const CountCallback callback = [](Status status, int tokens, const char*, void* context) {
    auto& into = *static_cast<Count*>(context);
    const std::lock_guard lock(into.mutex);
    into.tokens = status == Status::success ? std::optional(tokens) : std::nullopt;
    into.changed.notify_all();
  };
  const Object task(bridge, count(model, prompt_or_session, &waited, callback));
  std::unique_lock lock(waited.mutex);
  waited.changed.wait(lock, [&] { return waited.tokens.has_value(); });
  return *waited.tokens;
}

struct GrowingText::State {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::string text;
  std::deque<std::string> pieces;  ///< of the text, not yet taken
  std::optional<Result<void>> result;

  void grow(std::string whole) {
    const std::lock_guard lock(mutex);
    if (result) return;
    if (whole.starts_with(text)) {
      if (whole.size() > text.size()) pieces.push_back(whole.substr(text.size()));
      text = std::move(whole);
    } else {
      result = fail(ErrorCode::internal, "Apple's model changed what it had written", "try again");
    }
    changed.notify_all();
  }
  void end(Result<void> how) {
    const std::lock_guard lock(mutex);
    if (!result) result = std::move(how);
    changed.notify_all();
  }
};

void GrowingText::follow(const Bridge& bridge, Ref stream) {
  state_ = std::make_shared<State>();
  const TextCallback callback = [](Status status, const char* text, std::size_t length,
                                   void* context) {
    auto* state = static_cast<std::shared_ptr<State>*>(context);
    const std::string given = text == nullptr ? std::string() : std::string(text, length);
    if (status == Status::success && text != nullptr) return (*state)->grow(given);
    (*state)->end(status == Status::success ? Result<void>() : explain(status, given));
    delete state;  // the last call
  };
  bridge.LanguageModelSessionResponseStreamIterate(stream, new std::shared_ptr<State>(state_),
                                                   callback);
}

Object GrowingText::ask(const Bridge& bridge, Ref session, Ref prompt, const std::string& schema,
                        const std::string& options) {
  struct Context {
    std::shared_ptr<State> state;
    const Bridge& bridge;
  };
  state_ = std::make_shared<State>();
  const ContentCallback callback = [](Status status, Ref content, void* context) {
    const std::unique_ptr<Context> owned(static_cast<Context*>(context));
    const Object object(owned->bridge, content);
    std::string text;
    if (content != nullptr) {
      text = take_string(owned->bridge, owned->bridge.GeneratedContentGetJSONString(content));
    }
    if (status == Status::success) {
      owned->state->grow(std::move(text));
      return owned->state->end({});
    }
    // Words come as content, too: a JSON text.
    const auto words = nlohmann::json::parse(text, nullptr, false);
    owned->state->end(explain(status, words.is_string() ? words.get<std::string>() : text));
  };
  return Object(bridge, bridge.LanguageModelSessionRespondWithSchemaFromJSON(
                            session, prompt, schema.c_str(), options.c_str(),
                            new Context{state_, bridge}, callback));
}

std::optional<std::string> GrowingText::next(const std::stop_token& stop) {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, stop,
                       [&] { return !state_->pieces.empty() || state_->result.has_value(); });
  if (stop.stop_requested() || state_->pieces.empty()) return std::nullopt;
  std::string piece = std::move(state_->pieces.front());
  state_->pieces.pop_front();
  return piece;
}

Result<bool> GrowingText::is_complete() const {
  const std::lock_guard lock(state_->mutex);
  if (!state_->result || !state_->pieces.empty()) return false;
  if (!state_->result->ok()) return state_->result->error();
  return true;
}

}  // namespace tenfold::apple_foundation
