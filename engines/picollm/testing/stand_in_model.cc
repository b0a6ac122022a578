#include "stand_in_model.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "stand_in.h"

namespace tenfold::picollm::stand_in {
namespace {

bool has(const Wish& wish, std::string_view word) {
  return wish.prompt.find(word) != std::string::npos;
}

/// How many tokens of a prompt are not those of the context.
std::size_t tokens_to_read(const Object& model, const std::vector<std::int32_t>& prompt) {
  const auto [known, end] = std::ranges::mismatch(model.remembered, prompt);
  return static_cast<std::size_t>(prompt.end() - end);
}

/// The next word, at a pace that lets an interruption come in time.
std::string next_token(const Object& model, const Wish& wish, std::mt19937_64& random,
                       std::size_t index) {
  std::this_thread::sleep_for(std::chrono::milliseconds(has(wish, is_slow) ? 10 : 1));
  constexpr std::string_view cut = "d\xc3\xa9j\xc3\xa0 vu";
  if (has(wish, cuts)) return std::string(1, cut[index % cut.size()]);
  if (has(wish, counts) && index == 0) {
    return std::to_string(tokens_to_read(model, tokenize(wish.prompt, true))) + "-read ";
  }
  if (has(wish, thinks) && index == 0) return "<think>hm</think>";
  return model.words[(wish.prompt.size() + random()) % model.words.size()] + " ";
}

}  // namespace

Status read_model(const char* path, Object& model) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Status::io_error;
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.size() < 4) return Status::io_error;
  std::size_t length = 0;
  for (unsigned i = 0; i < 4; ++i) {
    length |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  if (length > bytes.size() - 4) return Status::io_error;
  std::istringstream header(bytes.substr(4, length));
  std::string context_word;
  std::string size_word;
  std::string name_word;
  std::size_t size = 0;
  header >> context_word >> model.context >> size_word >> size >> name_word >> std::ws;
  std::getline(header, model.name);
  if (!header || name_word != "name" || size != bytes.size() - 4 - length) {
    return Status::invalid_argument;
  }
  std::istringstream words(bytes.substr(4 + length));
  model.words.assign(std::istream_iterator<std::string>(words), {});
  return Status::success;
}

std::vector<std::int32_t> tokenize(std::string_view text, bool begin) {
  std::vector<std::int32_t> tokens;
  if (begin) tokens.push_back(1);
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    std::uint32_t hash = 17;
    for (const char c : word) hash = hash * 31 + static_cast<unsigned char>(c);
    tokens.push_back(static_cast<std::int32_t>(2 + hash % (vocabulary_size - 2)));
  }
  return tokens;
}

Status load_context(const char* path, Object& model) {
  if (!model.caches) return Status::invalid_state;
  std::ifstream file(path);
  std::string mark;
  std::string name;
  std::getline(file, mark);
  std::getline(file, name);
  if (mark == stuck_context) std::this_thread::sleep_for(std::chrono::hours(1));
  if (!file || mark != context_mark) return Status::io_error;
  if (name != model.name) return Status::invalid_argument;
  const std::vector<std::int32_t> tokens{std::istream_iterator<std::int32_t>(file), {}};
  if (tokens.empty() || tokens.back() != 0) return Status::io_error;  // cut
  model.remembered.assign(tokens.begin(), tokens.end() - 1);
  return Status::success;
}

Status save_context(const char* path, const Object& model) {
  if (!model.caches || model.remembered.empty()) return Status::invalid_state;
  std::ofstream file(path);
  file << context_mark << '\n' << model.name << '\n';
  for (const std::int32_t token : model.remembered) file << token << ' ';
  file << "0\n";
  return file.flush() ? Status::success : Status::io_error;
}

Written write_answer(Object& model, const Wish& wish, StreamCallback stream, void* context) {
  if (has(wish, crashes)) {
    std::fprintf(stderr, "the AccessKey is %s\n", model.access_key.c_str());
    std::abort();
  }
  if (has(wish, starts_late)) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  model.is_interrupted = false;
  model.is_generating = true;
  std::mt19937_64 random(wish.temperature == 0 ? 0 : wish.seed);
  const bool is_endless = has(wish, never_ends) || has(wish, is_slow);
  const int usual = has(wish, cuts) ? 9 : is_endless ? wish.limit : usual_length;
  Written written;
  while (true) {
    if (model.is_interrupted) {
      written.endpoint = Endpoint::interrupted;
      break;
    }
    const auto count = static_cast<int>(written.tokens.size());
    if (count >= wish.limit) {
      written.endpoint = Endpoint::token_limit;
      break;
    }
    if (count >= usual) break;
    const std::string token = next_token(model, wish, random, written.tokens.size());
    written.text += token;
    written.tokens.push_back(token);
    if (stream != nullptr && !has(wish, is_silent)) stream(token.c_str(), context);
    const bool is_stopped = std::ranges::any_of(wish.stop, [&](const std::string& phrase) {
      return written.text.find(phrase) != std::string::npos;
    });
    if (is_stopped) {
      written.endpoint = Endpoint::stop_phrase;
      break;
    }
  }
  if (model.caches) {
    model.remembered = tokenize(wish.prompt, true);
    std::ranges::copy(tokenize(written.text, false), std::back_inserter(model.remembered));
  }
  model.is_generating = false;
  return written;
}

}  // namespace tenfold::picollm::stand_in
