#include "reply.h"

#include <chrono>
#include <deque>
#include <nlohmann/json.hpp>

namespace tenfold::apple_foundation {
namespace {

using namespace std::chrono_literals;

/// How long after a call of a tool another one of the same turn may come. One that comes later is
/// made again after the results of these.
constexpr auto moment = 50ms;
/// The bridge forgets the end of a call for which it does not wait yet.
constexpr auto again_after = 5ms;
constexpr auto longest_end = 2s;

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

struct GrowingAnswer::State {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::string text;
  std::deque<std::string> pieces;  ///< of the text, not yet taken
  std::vector<WaitingCall> calls;
  std::optional<Result<void>> result;
  std::vector<CallSlot> slots;  ///< of this answer's tools, until its end

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
  void call(WaitingCall call) {
    const std::lock_guard lock(mutex);
    calls.push_back(std::move(call));
    changed.notify_all();
  }
  /// By the bridge's last callback.
  void end(Result<void> how) {
    const std::lock_guard lock(mutex);
    slots.clear();
    if (!result) result = std::move(how);
    changed.notify_all();
  }
};

GrowingAnswer::GrowingAnswer(const Bridge& bridge)
    : bridge_(bridge), state_(std::make_shared<State>()) {}

std::optional<ToolCallback> GrowingAnswer::next_tool() {
  const std::size_t tool = state_->slots.size();
  auto slot = CallSlot::take(
      [&bridge = bridge_, weak = std::weak_ptr(state_), tool](Ref content, unsigned call) {
        const Object object(bridge, content);
        std::string arguments = take_string(bridge, bridge.GeneratedContentGetJSONString(content));
        if (const auto state = weak.lock()) state->call({tool, call, std::move(arguments)});
      });
  if (!slot) return std::nullopt;
  state_->slots.push_back(std::move(*slot));
  return state_->slots.back().function();
}

void GrowingAnswer::follow(Ref stream) {
  const TextCallback callback = [](Status status, const char* text, std::size_t length,
                                   void* context) {
    auto* state = static_cast<std::shared_ptr<State>*>(context);
    const std::string given = text == nullptr ? std::string() : std::string(text, length);
    if (status == Status::success && text != nullptr) return (*state)->grow(given);
    (*state)->end(status == Status::success ? Result<void>() : explain(status, given));
    delete state;  // the last call
  };
  bridge_.LanguageModelSessionResponseStreamIterate(stream, new std::shared_ptr<State>(state_),
                                                    callback);
}

Object GrowingAnswer::ask(Ref session, Ref prompt, const std::string& schema,
                          const std::string& options) {
  struct Context {
    std::shared_ptr<State> state;
    const Bridge& bridge;
  };
  const ContentCallback callback = [](Status status, Ref content, void* context) {
    const std::unique_ptr<Context> owned(static_cast<Context*>(context));
    const Object object(owned->bridge, content);
    std::string text;
    if (content != nullptr) {
      text = take_string(owned->bridge, owned->bridge.GeneratedContentGetJSONString(content));
    }
    // Words come as content, too: a JSON text.
    const auto words = nlohmann::json::parse(text, nullptr, false);
    if (status == Status::success && words.is_discarded()) {
      return owned->state->end(
          fail(ErrorCode::internal, "Apple's model wrote no JSON", "try again"));
    }
    if (status == Status::success) {
      owned->state->grow(std::move(text));
      return owned->state->end({});
    }
    owned->state->end(explain(status, words.is_string() ? words.get<std::string>() : text));
  };
  return Object(bridge_, bridge_.LanguageModelSessionRespondWithSchemaFromJSON(
                             session, prompt, schema.c_str(), options.c_str(),
                             new Context{state_, bridge_}, callback));
}

std::optional<std::string> GrowingAnswer::next(const std::stop_token& stop) {
  std::unique_lock lock(state_->mutex);
  const State& state = *state_;
  state_->changed.wait(lock, stop, [&] {
    return !state.pieces.empty() || !state.calls.empty() || state.result.has_value();
  });
  if (stop.stop_requested() || state.pieces.empty()) return std::nullopt;
  std::string piece = std::move(state_->pieces.front());
  state_->pieces.pop_front();
  return piece;
}

Result<bool> GrowingAnswer::is_complete() const {
  const std::lock_guard lock(state_->mutex);
  if (!state_->result || !state_->pieces.empty()) return false;
  if (!state_->result->ok()) return state_->result->error();
  return true;
}

std::vector<WaitingCall> GrowingAnswer::calls(bool all, const std::stop_token& stop) {
  std::unique_lock lock(state_->mutex);
  if (state_->calls.empty()) return {};
  std::size_t known = 1;
  while (all) {
    known = state_->calls.size();
    const auto has_more = [&] { return state_->calls.size() > known; };
    if (!state_->changed.wait_for(lock, stop, moment, has_more)) break;
  }
  return {state_->calls.begin(), state_->calls.begin() + static_cast<std::ptrdiff_t>(known)};
}

void GrowingAnswer::end_calls(const std::vector<Object>& tools) {
  const auto last = std::chrono::steady_clock::now() + longest_end;
  std::unique_lock lock(state_->mutex);
  while (!state_->result && std::chrono::steady_clock::now() < last) {
    const std::vector<WaitingCall> waiting = state_->calls;
    lock.unlock();
    for (const WaitingCall& call : waiting) {
      bridge_.BridgedToolFinishCall(tools[call.tool].get(), call.id, "");
    }
    lock.lock();
    state_->changed.wait_for(lock, again_after, [&] { return state_->result.has_value(); });
  }
}

}  // namespace tenfold::apple_foundation
