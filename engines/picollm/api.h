// The part of picoLLM's C API that is used, declared here because no registry carries its headers.
// Names and order of parameters as in libpv_picollm.so of PyPI picollm 2.1.4.
#pragma once

#include <cstdint>

#include "tenfold/result.h"

namespace tenfold::picollm {

enum class Status : int {
  success,
  out_of_memory,
  io_error,
  invalid_argument,
  stop_iteration,
  key_error,
  invalid_state,
  runtime_error,
  activation_error,
  activation_limit_reached,
  activation_throttled,
  activation_refused,
};

/// Why an answer ended. The library may give other numbers.
enum class Endpoint : std::int32_t { end_of_sentence, token_limit, stop_phrase, interrupted };

struct Object;  // only ever seen through a pointer

struct TokenCounts {
  std::int32_t prompt;
  std::int32_t completion;
};

struct ScoredToken {
  char* text;
  float log_probability;
};

struct CompletionToken {
  ScoredToken token;
  std::int32_t choice_count;
  ScoredToken* choices;
};

using StreamCallback = void (*)(const char* text, void* context);

// clang-format off
#define TENFOLD_PICOLLM_FUNCTIONS(X)                                                               \
  X(Status, get_error_stack, char*** messages, std::int32_t* depth)                                \
  X(void, free_error_stack, char** messages)                                                       \
  X(const char*, status_to_string, Status)                                                         \
  X(const char*, picollm_version)                                                                  \
  X(std::int32_t, picollm_max_top_choices)                                                         \
  X(Status, picollm_list_hardware_devices, char*** devices, std::int32_t* count)                   \
  X(void, picollm_free_hardware_devices, char** devices, std::int32_t count)                       \
  X(Status, picollm_init, const char* access_key, const char* model_path, const char* device,      \
    bool context_caching, Object**)                                                                \
  X(void, picollm_delete, Object*)                                                                 \
  X(Status, picollm_model, const Object*, const char** name)                                       \
  X(Status, picollm_context_length, const Object*, std::int32_t*)                                  \
  X(Status, picollm_tokenize, const Object*, const char* text, bool begin, bool end,               \
    std::int32_t* count, std::int32_t** tokens)                                                    \
  X(void, picollm_delete_tokens, std::int32_t*)                                                    \
  X(Status, picollm_generate, Object*, const char* prompt, std::int32_t limit,                     \
    const char* const* stop_phrases, std::int32_t stop_phrase_count, std::int32_t seed,            \
    float presence_penalty, float frequency_penalty, float temperature, float top_p,               \
    std::int32_t top_choices, StreamCallback, void* context, TokenCounts*, Endpoint*,              \
    CompletionToken**, std::int32_t* token_count, char** completion)                               \
  X(void, picollm_delete_completion_tokens, CompletionToken*, std::int32_t count)                  \
  X(void, picollm_delete_completion, char*)                                                        \
  X(Status, picollm_interrupt, Object*)                                                            \
  X(Status, picollm_reset, Object*)                                                                \
  X(Status, picollm_context_load, Object*, const char* path)                                       \
  X(Status, picollm_context_save, Object*, const char* path)                                       \
  X(Status, picollm_forward, Object*, std::int32_t token, std::int32_t* count, float** logits)     \
  X(void, picollm_delete_logits, float*)                                                           \
  X(Status, picollm_generate_embeddings, Object*, const char* text, std::int32_t* count,           \
    float** values)                                                                                \
  X(void, picollm_delete_embeddings, float*)
// clang-format on

/// The functions, without their prefix "pv_".
struct Api {
#define TENFOLD_PICOLLM_MEMBER(result, name, ...) result (*name)(__VA_ARGS__) = nullptr;
  TENFOLD_PICOLLM_FUNCTIONS(TENFOLD_PICOLLM_MEMBER)
#undef TENFOLD_PICOLLM_MEMBER
};

/// Opens the library at the first call; see SharedLibrary. unavailable if it is missing or lacks a
/// function. Thread-safe.
Result<const Api*> load_api();

}  // namespace tenfold::picollm
