// dlopen, so that nothing of the bridge meets the rest of the program.
#include "bridge.h"

#include <fmt/format.h>

#include <type_traits>

#include "base/shared_library.h"

namespace tenfold::apple_foundation {
namespace {

Result<Bridge> open_bridge() {
  const auto library = TRY(SharedLibrary::open(
      "apple_foundation", "libFoundationModels.dylib",
      "build the bridge on a Mac with macOS 26 and Xcode 26: see docs/apple_foundation.md"));
  Bridge bridge;
#define TENFOLD_APPLE_FIND(result, name, ...) \
  bridge.name = TRY(library.function<std::remove_pointer_t<decltype(bridge.name)>>("FM" #name));
  TENFOLD_APPLE_FUNCTIONS(TENFOLD_APPLE_FIND)
#undef TENFOLD_APPLE_FIND
  return bridge;
}

}  // namespace

Result<const Bridge*> load_bridge() {
  static const Result<Bridge> bridge = open_bridge();
  if (!bridge.ok()) return bridge.error();
  return &bridge.value();
}

std::string take_string(const Bridge& bridge, char* text) {
  if (text == nullptr) return {};
  std::string taken = text;
  bridge.FreeString(text);
  return taken;
}

Error explain(Status status, const std::string& words) {
  const auto error = [&](ErrorCode code, std::string_view what, std::string hint) {
    std::string message = fmt::format("Apple's model {}", what);
    if (!words.empty()) message += ": " + words;
    return fail(code, std::move(message), std::move(hint));
  };
  switch (status) {
    case Status::exceeded_context_window_size:
      return error(ErrorCode::context_exceeded, "cannot take so long a conversation",
                   "begin a new one, or shorten it");
    case Status::assets_unavailable:
      return error(ErrorCode::unavailable, "is not on this Mac yet",
                   "wait until macOS has downloaded it, then try again");
    case Status::guardrail_violation:
      return error(ErrorCode::refused, "does not answer this, by the rules of macOS",
                   "word the question differently");
    case Status::refusal:
      return error(ErrorCode::refused, "refuses to answer this", "word the question differently");
    case Status::unsupported_guide:
    case Status::invalid_schema:
      return error(ErrorCode::invalid_argument, "cannot hold an answer to this schema",
                   "simplify json_schema");
    case Status::unsupported_language_or_locale:
      return error(ErrorCode::unsupported, "does not know this language",
                   "ask in a language that Apple Intelligence supports");
    case Status::decoding_failure:
      return error(ErrorCode::internal, "wrote what does not fit the schema", "try again");
    case Status::rate_limited:
      return error(ErrorCode::busy, "has had too many requests",
                   "wait a moment, or bring the program to the foreground");
    case Status::concurrent_requests:
      return error(ErrorCode::busy, "is answering this session already", "wait for it to return");
    case Status::invalid_argument:
      return error(ErrorCode::invalid_argument, "cannot take what it was given",
                   "change the value that it names");
    default:
      return error(ErrorCode::internal, fmt::format("failed (status {})", static_cast<int>(status)),
                   "try again");
  }
}

Error explain(Unavailable reason) {
  const auto unavailable = [](std::string why, std::string hint) {
    return fail(ErrorCode::unavailable, "Apple's model cannot be had: " + std::move(why),
                std::move(hint));
  };
  switch (reason) {
    case Unavailable::apple_intelligence_not_enabled:
      return unavailable("Apple Intelligence is turned off", "turn it on in the system's settings");
    case Unavailable::device_not_eligible:
      return unavailable("this Mac cannot run Apple Intelligence",
                         "use one with Apple silicon, or another engine");
    case Unavailable::model_not_ready:
      return unavailable("macOS is still downloading it", "wait, then try again");
    default:
      return unavailable("macOS does not say why",
                         "see the system's settings on Apple Intelligence");
  }
}

}  // namespace tenfold::apple_foundation
