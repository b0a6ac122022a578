// The stand-in's object, behind its C functions.
#pragma once

#include <atomic>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "api.h"

namespace tenfold::picollm {

/// What init() made.
struct Object {
  std::string access_key;
  std::string name;
  int context = 0;
  std::vector<std::string> words;
  std::vector<std::int32_t> sequence;  ///< of forward()
  bool caches = false;
  std::vector<std::int32_t> remembered;     ///< tokens it has read and written, if it caches
  std::atomic<bool> is_generating = false;  ///< interrupt() has no effect otherwise
  std::atomic<bool> is_interrupted = false;
};

namespace stand_in {

/// io_error or invalid_argument for a file that is no model.
Status read_model(const char* path, Object& model);

/// 1 for the beginning, then one id a word, of 2 … vocabulary_size - 1.
std::vector<std::int32_t> tokenize(std::string_view text, bool begin);

struct Wish {
  std::string prompt;
  int limit;
  std::vector<std::string> stop;
  std::uint64_t seed;
  float temperature;
};

struct Written {
  std::string text;
  std::vector<std::string> tokens;
  Endpoint endpoint = Endpoint::end_of_sentence;
};

/// The first line of a file that has a context; the model's name and the tokens follow.
constexpr std::string_view context_mark = "stand-in's context";

Status load_context(const char* path, Object& model);
Status save_context(const char* path, const Object& model);

/// Writes an answer, handing each piece to `stream` on this thread.
Written write_answer(Object& model, const Wish& wish, StreamCallback stream, void* context);

}  // namespace stand_in
}  // namespace tenfold::picollm
