// A worker without a framework, installed under the name of a real one: the command line's tests
// need an engine that is quick, always says the same, and fails when told to.
//
// It answers "You said: <last message>." word by word. A prompt that contains
//   die     kills the worker after the first word
//   slow    makes the file `answering` in TENFOLD_HOME, then goes on until it is cancelled or its
//           deadline runs out
//   think   has reasoning before the answer
//
// A model whose path contains "slow" makes that file, too, and is loaded until that is cancelled.
#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stop_token>
#include <thread>

#include "engine/json.h"
#include "engine/table.h"
#include "worker/worker.h"

namespace tenfold {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int context_size = 64;

Capabilities fake_capabilities() {
  Capabilities out = static_capabilities("llama_cpp");
  out.version = "fake 1";
  out.embeddings = out.prefix_reuse = false;
  out.max_sequences = 1;
  out.options = {
      {"batch_size", OptionValue(std::int64_t{512}), "Tokens per batch.", {}, 1, 4096},
      {"mode", OptionValue(std::string("fast")), "How it works.", {"fast", "exact"}, 0, 0}};
  return out;
}

void make_answering() { std::ofstream(std::string(std::getenv("TENFOLD_HOME")) + "/answering"); }

class FakeEngine : public Engine {
 public:
  std::string_view name() const override { return "llama_cpp"; }
  const Capabilities& capabilities() const override { return capabilities_; }
  bool is_initialized() const override { return loaded_; }
  void cancel() override { cancelled_ = true; }
  void cleanup() override { loaded_ = false; }

  Result<ModelInfo> initialize(const ResolvedModel& model, const LoadOptions& options,
                               const OnProgress& on_progress) override {
    TRY(check_engine_options(options, capabilities_));
    if (options.memory_limit > 0 && options.memory_limit < (1 << 20)) {
      return fail(ErrorCode::out_of_memory, "the model needs 1 MiB", "raise --memory-limit");
    }
    const bool slow = model.path.string().find("slow") != std::string::npos;
    if (slow) make_answering();
    do {
      if (on_progress && !on_progress(0.5)) return fail(ErrorCode::cancelled, "load cancelled");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } while (slow);
    loaded_ = true;
    ModelInfo info;
    info.path = model.path;
    info.format = "gguf";
    info.description = "fake 1M q4_0";
    info.parameters = 1'000'000;
    info.weight_bytes = 1 << 20;
    info.vocabulary_size = 100;
    info.context_size = options.context_size > 0 ? options.context_size : context_size;
    info.threads = options.threads > 0 ? options.threads : 1;
    context_ = info.context_size;
    return info;
  }

  Result<PreparedPrompt> prepare(const Prompt& prompt, const Control&) override {
    PreparedPrompt prepared;
    if (const auto* tokens = std::get_if<std::vector<TokenId>>(&prompt)) {
      prepared.tokens = *tokens;
      return prepared;
    }
    if (const auto* chat = std::get_if<ChatPrompt>(&prompt)) {
      for (const Message& message : chat->messages) {
        prepared.text += "<" + message.role + ">" + message.content + "\n";
      }
    } else {
      prepared.text = std::get<std::string>(prompt);
    }
    std::istringstream words(prepared.text);
    for (std::string word; words >> word;) {
      prepared.tokens.push_back(static_cast<TokenId>(word.size()));
    }
    return prepared;
  }

  Result<std::vector<double>> score(std::span<const TokenId> tokens, const Control&) override {
    return std::vector<double>(tokens.size() - 1, -0.5);
  }

  Result<std::vector<Embedding>> embed(std::span<const std::string>, const Control&) override {
    return fail(ErrorCode::unsupported, "no embeddings");
  }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        const Control& control) override {
    TRY(check_request(request, capabilities_));
    cancelled_ = false;
    const std::stop_callback on_stop(control.stop, [this] { cancelled_ = true; });
    const auto start = Clock::now();
    const PreparedPrompt prompt = TRY(prepare(request.prompt, control));
    if (static_cast<int>(prompt.tokens.size()) > context_) {
      return fail(ErrorCode::context_exceeded,
                  "the prompt has " + std::to_string(prompt.tokens.size()) +
                      " tokens, but the context holds " + std::to_string(context_),
                  "shorten it or raise --ctx");
    }
    Answer answer;
    answer.seed = request.sampling.seed.value_or(7);
    answer.usage.prompt_tokens = static_cast<int>(prompt.tokens.size());
    const std::string said = last_message(request.prompt);
    if (said.find("think") != std::string::npos) {
      answer.reasoning = "hmm";
      on_delta({"", "hmm", {}, {}});
    }
    const bool slow = said.find("slow") != std::string::npos;
    if (slow) make_answering();
    std::istringstream words("You said: " + said + ".");
    std::string word;
    while (slow || (words >> word) || (request.ignore_end && request.max_tokens)) {
      if (stopped(request, start, answer)) break;
      if (slow) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      const std::string text = (answer.text.empty() ? "" : " ") + (slow ? "tick" : word);
      answer.text += text;
      answer.tokens.push_back(static_cast<TokenId>(word.size()));
      on_delta({text, "", {answer.tokens.back()}, {}});
      if (said.find("die") != std::string::npos) ::raise(SIGKILL);
    }
    answer.usage.generated_tokens = static_cast<int>(answer.tokens.size());
    answer.usage.prefill_seconds = 0.5;
    answer.usage.decode_seconds = 0.5;
    return answer;
  }

 private:
  bool stopped(const Request& request, Clock::time_point start, Answer& answer) const {
    const std::optional<FinishReason> reason =
        cancelled_ ? std::optional(FinishReason::cancelled)
        : request.deadline && Clock::now() - start > *request.deadline
            ? std::optional(FinishReason::deadline)
        : request.max_tokens && static_cast<int>(answer.tokens.size()) >= *request.max_tokens
            ? std::optional(FinishReason::length)
            : std::nullopt;
    if (reason) answer.finish = *reason;
    return reason.has_value();
  }

  static std::string last_message(const Prompt& prompt) {
    if (const auto* chat = std::get_if<ChatPrompt>(&prompt)) {
      return chat->messages.back().content;
    }
    const auto* text = std::get_if<std::string>(&prompt);
    return text != nullptr ? *text : "tokens";
  }

  Capabilities capabilities_ = fake_capabilities();
  std::atomic<bool> cancelled_ = false;
  bool loaded_ = false;
  int context_ = context_size;
};

}  // namespace
}  // namespace tenfold

int main() { return tenfold::run_worker(std::make_unique<tenfold::FakeEngine>()); }
