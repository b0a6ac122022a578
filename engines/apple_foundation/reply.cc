#include "reply.h"

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
  std::optional<Result<void>> result;

  void grow(std::string whole) {
    const std::lock_guard lock(mutex);
    text = std::move(whole);
    changed.notify_all();
  }
  void end(Result<void> how) {
    const std::lock_guard lock(mutex);
    result = std::move(how);
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

std::optional<std::string> GrowingText::wait(std::size_t known, const std::stop_token& stop) {
  std::unique_lock lock(state_->mutex);
  const bool came = state_->changed.wait(
      lock, stop, [&] { return state_->text.size() > known || state_->result.has_value(); });
  if (!came || stop.stop_requested()) return std::nullopt;
  return state_->text;
}

bool GrowingText::has_ended() const {
  const std::lock_guard lock(state_->mutex);
  return state_->result.has_value();
}

Result<void> GrowingText::result() const {
  const std::lock_guard lock(state_->mutex);
  return *state_->result;
}

}  // namespace tenfold::apple_foundation
