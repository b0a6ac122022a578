#include "own_loop_engine.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>

#include "base/files.h"
#include "base/machine.h"
#include "engine/json.h"
#include "engine/table.h"
#include "generation/stop_strings.h"

namespace tenfold::contract {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view first_line = "own loop\n";
constexpr int context_size = 256;
constexpr int usual_length = 12;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string text_of(const Prompt& prompt) {
  if (const auto* text = std::get_if<std::string>(&prompt)) return *text;
  std::string text;
  for (const Message& message : std::get<ChatPrompt>(prompt).messages) {
    text += message.content + "\n";
  }
  return text;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

class OwnLoopEngine final : public Engine {
 public:
  OwnLoopEngine() : capabilities_(static_capabilities("picollm")) {
    capabilities_.version = "stand-in";
    OptionSpec key{"access_key", std::string(), "The key of the account.", {}};
    key.kind = OptionKind::secret;
    capabilities_.options = {key};
  }

  [[nodiscard]] std::string_view name() const override { return capabilities_.engine; }
  [[nodiscard]] const Capabilities& capabilities() const override { return capabilities_; }
  [[nodiscard]] bool is_initialized() const override {
    const std::lock_guard lock(mutex_);
    return !words_.empty();
  }

  Result<ModelInfo> initialize(const ResolvedModel& model, const LoadOptions& options,
                               const OnProgress& on_progress) override {
    cleanup();
    const std::string path = model.path;
    TRY(check_engine_options(options, capabilities_));
    const auto bad = [&] {
      return fail(ErrorCode::bad_model, path + " is no model of this engine", "name another file");
    };
    if (std::filesystem::is_directory(path)) return bad();
    const std::string bytes = TRY(read_file(path, 1 << 20));
    if (!bytes.starts_with(first_line) || !bytes.ends_with('\n')) return bad();
    std::vector<std::string> words = words_of(bytes.substr(first_line.size()));
    if (words.size() < usual_length) return bad();
    if (options.memory_limit > 0 && options.memory_limit < (2 << 20)) {
      return fail(ErrorCode::out_of_memory, path + " needs 2 MiB", "raise the memory limit");
    }
    if (on_progress && !on_progress(1)) return fail(ErrorCode::cancelled, "load cancelled");
    const std::lock_guard lock(mutex_);
    words_ = std::move(words);
    ModelInfo info;
    info.path = path;
    info.format = capabilities_.formats.front();
    info.architecture = info.description = "words";
    info.weight_bytes = bytes.size();
    info.context_size = info.trained_context_size = context_size;
    info.threads = options.threads > 0 ? options.threads : 1;
    info.load_seconds = 1e-3;
    return info;
  }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        const Control& control) override {
    const std::stop_token& stop = control.stop;
    const auto start = Clock::now();
    if (stop.stop_requested()) return fail(ErrorCode::cancelled, "cancelled before it began");
    const std::unique_lock running(running_, std::try_to_lock);
    if (!running.owns_lock()) return fail(ErrorCode::busy, "an answer is in progress");
    cancelled_ = false;
    const auto words = [&] {
      const std::lock_guard lock(mutex_);
      return words_;
    }();
    if (words.empty()) return no_model();
    TRY(check_request(request, capabilities_));
    const std::string prompt = text_of(request.prompt);
    const auto prompt_words = static_cast<int>(words_of(prompt).size());
    if (prompt_words >= context_size) {
      return fail(ErrorCode::context_exceeded, "the prompt has " + std::to_string(prompt_words) +
                                                   " words and the context holds " +
                                                   std::to_string(context_size));
    }
    Answer answer;
    answer.usage.prompt_tokens = prompt_words;
    answer.usage.prefill_seconds = since(start);
    answer.seed = request.sampling.seed.value_or(std::random_device()());
    std::mt19937_64 random(request.sampling.temperature == 0 ? 0 : answer.seed);
    StopStrings stops(request.stop);
    const auto give = [&](const std::string& text, std::vector<TokenLogprob> logprobs) {
      answer.text += text;
      answer.logprobs.insert(answer.logprobs.end(), logprobs.begin(), logprobs.end());
      if (on_delta) on_delta({text, "", {}, std::move(logprobs)});
    };
    const auto most =
        std::min(request.max_tokens.value_or(context_size), context_size - prompt_words);
    int& count = answer.usage.generated_tokens;
    for (;; ++count) {
      if (cancelled_ || stop.stop_requested()) {
        answer.finish = FinishReason::cancelled;
      } else if (request.deadline && Clock::now() > start + *request.deadline) {
        answer.finish = FinishReason::deadline;
      } else if (count >= most) {
        answer.finish =
            count == request.max_tokens ? FinishReason::length : FinishReason::context_full;
      } else if (count < usual_length) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));  // else a cancel comes too late
        const std::string word = words[(prompt.size() + random()) % words.size()] + " ";
        const bool wanted = request.logprobs.has_value();
        give(stops.push(word),
             wanted ? std::vector<TokenLogprob>{{0, word, -1.0, {}}} : std::vector<TokenLogprob>());
        if (count == 0) answer.usage.ttft_seconds = since(start);
        if (!stops.matched()) continue;
        answer.finish = FinishReason::stop_string;
        ++count;
      }
      break;
    }
    give(stops.finish(), {});
    answer.stop_string = stops.matched().value_or("");
    answer.usage.decode_seconds = since(start) - answer.usage.ttft_seconds;
    answer.usage.peak_memory_bytes = peak_memory_bytes();
    return answer;
  }

  void cancel() override { cancelled_ = true; }
  void cleanup() override {
    cancel();
    const std::lock_guard lock(mutex_);
    words_.clear();
  }

  Result<std::vector<double>> score(std::span<const TokenId>, const Control&) override {
    return lacks("score");
  }
  Result<PreparedPrompt> prepare(const Prompt&, const Control&) override {
    return lacks("prepare");
  }
  Result<std::vector<Embedding>> embed(std::span<const std::string>, const Control&) override {
    return lacks("embeddings");
  }

 private:
  [[nodiscard]] Error lacks(const std::string& what) const {
    if (!is_initialized()) return no_model();
    return fail(ErrorCode::unsupported, capabilities_.engine + " does not have " + what);
  }
  static Error no_model() { return fail(ErrorCode::not_initialized, "no model is loaded"); }

  Capabilities capabilities_;
  mutable std::mutex mutex_;  ///< guards words_
  std::vector<std::string> words_;
  std::mutex running_;  ///< held by an answer
  std::atomic<bool> cancelled_ = false;
};

}  // namespace

std::unique_ptr<Engine> make_own_loop_engine() { return std::make_unique<OwnLoopEngine>(); }

}  // namespace tenfold::contract
