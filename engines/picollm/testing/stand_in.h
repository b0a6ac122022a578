// A stand-in for picoLLM's library, with the same functions: it writes words of its model's file.
// It is ours and knows nothing of Picovoice; tests use it for what needs an AccessKey.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenfold::picollm::stand_in {

/// AccessKeys "status N" make init() fail with that status. Its messages quote the key, as messages
/// of a real library may.
constexpr std::string_view status_key = "status ";
/// Those that begin so are accepted after two seconds, as if over a slow network.
constexpr std::string_view slow_key = "slow ";
/// Those that begin so are never checked.
constexpr std::string_view stuck_key = "stuck ";

/// A context's file that begins with this line is never read to its end.
constexpr std::string_view stuck_context = "stuck context";

/// Words in a prompt that make generate() misbehave.
constexpr std::string_view fails = "!fails";              ///< invalid_state
constexpr std::string_view crashes = "!crashes";          ///< prints the AccessKey, aborts
constexpr std::string_view starts_late = "!starts-late";  ///< after 100 ms, deaf until then
constexpr std::string_view never_ends = "!never-ends";    ///< but by an interruption
constexpr std::string_view is_slow = "!is-slow";          ///< likewise, 10 ms a token
constexpr std::string_view is_silent = "!is-silent";      ///< its text comes at the end only
constexpr std::string_view cuts = "!cuts";                ///< "déjà vu" byte by byte
constexpr std::string_view counts = "!counts";            ///< "N-read" first, N tokens
constexpr std::string_view thinks = "!thinks";            ///< <think>hm</think> first
constexpr std::string_view wrong_endpoint = "!wrong-endpoint";
constexpr std::string_view no_text = "!no-text";
constexpr std::string_view no_tokens = "!no-tokens";    ///< counts them, but lists none
constexpr std::string_view no_choices = "!no-choices";  ///< likewise
constexpr std::string_view negative_count = "!negative-count";

constexpr int vocabulary_size = 1000;
constexpr int usual_length = 12;  ///< tokens of an answer that ends by itself

/// The content of a model's file: a length, that many bytes of header, and words. Names that end in
/// "text-only" have no embeddings.
inline std::string model_file(const std::string& name, int context = 256) {
  const std::string words =
      "the sea is blue and the hills are green while a small boat sails far from the quiet harbour "
      "toward an island of birds\n";
  const std::string header = "context " + std::to_string(context) + "\nsize " +
                             std::to_string(words.size()) + "\nname " + name + "\n";
  std::string file;
  for (unsigned shift = 0; shift < 32; shift += 8) {
    file += static_cast<char>((header.size() >> shift) & 0xffU);
  }
  return file + header + words;
}

}  // namespace tenfold::picollm::stand_in
