// The part of Apple's C bridge to the Foundation Models framework that is used, declared here
// because the bridge is built on a Mac only. Names and order of parameters as in FoundationModels.h
// of PyPI apple-fm-sdk 0.2.1.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "tenfold/result.h"

namespace tenfold::apple_foundation {

enum class Status : int {
  success = 0,
  exceeded_context_window_size = 1,
  assets_unavailable = 2,
  guardrail_violation = 3,
  unsupported_guide = 4,
  unsupported_language_or_locale = 5,
  decoding_failure = 6,
  rate_limited = 7,
  concurrent_requests = 8,
  refusal = 9,
  invalid_schema = 10,
  invalid_argument = 11,
  unknown = 255,
};

/// Why the model cannot be had.
enum class Unavailable : int {
  apple_intelligence_not_enabled = 0,
  device_not_eligible = 1,
  model_not_ready = 2,
  unknown = 255,
};

using Ref = const void*;  // an object that FMRelease() lets go

// Called on threads of the bridge's own.
using TextCallback = void (*)(Status, const char* text, std::size_t length, void* context);
using ContentCallback = void (*)(Status, Ref content, void* context);
using CountCallback = void (*)(Status, int tokens, const char* failure, void* context);
// Gives the content away. It has no context: see call_slots.h.
using ToolCallback = void (*)(Ref content, unsigned call);

// clang-format off
#define TENFOLD_APPLE_FUNCTIONS(X)                                                                 \
  X(Ref, SystemLanguageModelGetDefault)                                                            \
  X(bool, SystemLanguageModelIsAvailable, Ref model, Unavailable* reason)                          \
  X(int, SystemLanguageModelGetContextSize, Ref model)                                             \
  X(Ref, SystemLanguageModelTokenCountForPrompt, Ref model, Ref prompt, void* context,             \
    CountCallback)                                                                                 \
  X(Ref, SystemLanguageModelTokenCountForTranscript, Ref model, Ref session, void* context,        \
    CountCallback)                                                                                 \
  X(Ref, ComposedPromptInitialize)                                                                 \
  X(void, ComposedPromptAddText, Ref prompt, const char* text)                                     \
  X(Ref, TranscriptCreateFromJSONString, const char* json, int* code, char** failure)              \
  X(Ref, LanguageModelSessionCreateFromTranscript, Ref transcript, Ref model, Ref* tools,          \
    int tool_count)                                                                                \
  X(Ref, LanguageModelSessionStreamResponse, Ref session, Ref prompt, const char* options)         \
  X(void, LanguageModelSessionResponseStreamIterate, Ref stream, void* context, TextCallback)      \
  X(Ref, LanguageModelSessionRespondWithSchemaFromJSON, Ref session, Ref prompt,                   \
    const char* schema, const char* options, void* context, ContentCallback)                       \
  X(char*, GeneratedContentGetJSONString, Ref content)                                             \
  X(Ref, GenerationSchemaCreate, const char* name, const char* description)                        \
  X(Ref, GenerationSchemaPropertyCreate, const char* name, const char* description,                \
    const char* type, bool is_optional)                                                            \
  X(void, GenerationSchemaPropertyAddAnyOfGuide, Ref property, const char** choices, int count,    \
    bool of_items)                                                                                 \
  X(void, GenerationSchemaPropertyAddMinimumGuide, Ref property, double minimum, bool of_items)    \
  X(void, GenerationSchemaPropertyAddMaximumGuide, Ref property, double maximum, bool of_items)    \
  X(void, GenerationSchemaPropertyAddMinItemsGuide, Ref property, int items)                       \
  X(void, GenerationSchemaPropertyAddMaxItemsGuide, Ref property, int items)                       \
  X(void, GenerationSchemaPropertyAddRegex, Ref property, const char* pattern, bool of_items)      \
  X(void, GenerationSchemaAddProperty, Ref schema, Ref property)                                   \
  X(void, GenerationSchemaAddReferenceSchema, Ref schema, Ref other)                               \
  X(Ref, BridgedToolCreate, const char* name, const char* description, Ref schema, ToolCallback,   \
    int* code, char** failure)                                                                     \
  X(void, BridgedToolFinishCall, Ref tool, unsigned call, const char* output)                      \
  X(void, TaskCancel, Ref task)                                                                    \
  X(void, Release, Ref object)                                                                     \
  X(void, FreeString, char* text)
// clang-format on

/// The functions, without their prefix "FM".
struct Bridge {
#define TENFOLD_APPLE_MEMBER(result, name, ...) result (*name)(__VA_ARGS__) = nullptr;
  TENFOLD_APPLE_FUNCTIONS(TENFOLD_APPLE_MEMBER)
#undef TENFOLD_APPLE_MEMBER
};

/// Opens the bridge at the first call; see SharedLibrary. unavailable if it is missing or lacks a
/// function. Thread-safe.
Result<const Bridge*> load_bridge();

/// An object of the bridge, released with its last owner.
class Object {
 public:
  Object() = default;
  Object(const Bridge& bridge, Ref ref)
      : ref_(ref, [&bridge](Ref held) {
          if (held != nullptr) bridge.Release(held);
        }) {}
  [[nodiscard]] Ref get() const { return ref_.get(); }
  void reset() { ref_.reset(); }

 private:
  std::shared_ptr<const void> ref_;
};

/// A string of the bridge, copied and freed; empty for none.
std::string take_string(const Bridge& bridge, char* text);

/// The bridge's failures as errors that say what to do. `status` is anything but success.
Error explain(Status status, const std::string& words);
Error explain(Unavailable reason);

}  // namespace tenfold::apple_foundation
