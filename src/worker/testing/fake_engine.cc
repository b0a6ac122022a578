#include "worker/testing/fake_engine.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <new>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "engine/json.h"
#include "engine/table.h"
#include "worker/frame.h"
#include "worker/protocol.h"

namespace tenfold {
namespace {

using std::chrono::milliseconds;

void sleep(int count) { std::this_thread::sleep_for(milliseconds(count)); }

[[noreturn]] void die_by(int signal_number) {
  // Sanitizers handle SIGSEGV themselves; this is about dying of it.
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
  std::abort();
}

void write_raw(const std::string& bytes) {
  if (::write(protocol::worker_descriptor, bytes.data(), bytes.size()) < 0) std::abort();
}

class FakeEngine : public Engine {
 public:
  FakeEngine() {
    capabilities_ = static_capabilities("llama_cpp");
    capabilities_.engine = "fake";
    capabilities_.version = "1";
    capabilities_.max_sequences = 8;
    OptionSpec token{"token", std::string(), "A key.", {}};
    token.kind = OptionKind::secret;
    capabilities_.options = {token};
  }

  std::string_view name() const override { return capabilities_.engine; }
  const Capabilities& capabilities() const override { return capabilities_; }
  bool is_initialized() const override { return !path_.empty(); }
  void cancel() override {}  // workers use stop tokens
  void cleanup() override { path_.clear(); }
  Result<void> keep(const std::stop_token& stop) override {
    if (path_ == "unkept") return fail(ErrorCode::disk_full, "nothing can be kept");
    if (path_ == "keeps for ever") sleep(60'000);
    if (path_ == "keeps long" && wait_for_stop(stop)) return fail(ErrorCode::cancelled, "stopped");
    return {};
  }
  Result<void> adjust(const Adjustment& adjustment) override {
    threads_ = adjustment.threads.value_or(threads_);
    return {};
  }

  Result<ModelInfo> initialize(const ResolvedModel& model, const LoadOptions& options,
                               const OnProgress& on_progress) override {
    path_.clear();
    const std::string path = model.path;
    if (path == "missing") return fail(ErrorCode::not_found, "no such model", "pull it");
    if (path == "quota") {
      Error error = fail(ErrorCode::license, "the quota is used up");
      error.retry_after = std::chrono::seconds(7);
      return error;
    }
    if (path == "crash") die_by(SIGSEGV);
    if (path == "throw") throw std::runtime_error("thrown by a framework");
    if (path == "silent") sleep(60'000);
    if (path == "compiles") sleep(1500);
    for (int i = 1; path == "slow" && i <= 50; ++i) {
      sleep(5);
      if (!on_progress(i / 50.0)) return fail(ErrorCode::cancelled, "load cancelled");
    }
    path_ = path;
    threads_ = options.threads;
    if (const auto token = options.engine_options.find("token");
        token != options.engine_options.end()) {
      token_ = std::get<std::string>(token->second);
    }
    ModelInfo info;
    info.path = path;
    info.context_size = options.context_size;
    info.chat_template = "odd byte \xFF";
    return info;
  }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        const Control& control) override {
    if (path_.empty()) return fail(ErrorCode::not_initialized, "no model");
    return act(request, on_delta, control);
  }

  Result<std::vector<double>> score(std::span<const TokenId> tokens,
                                    const Control& control) override {
    if (tokens.size() == 60 && wait_for_stop(control.stop)) {
      return fail(ErrorCode::cancelled, "stopped");
    }
    if (tokens.size() < 2) return fail(ErrorCode::invalid_argument, "score needs two tokens");
    return std::vector<double>(tokens.begin() + 1, tokens.end());
  }

  Result<PreparedPrompt> prepare(const Prompt& prompt, const Control&) override {
    return PreparedPrompt{to_json(prompt).dump(), {1, 2, 3}};
  }

  Result<std::vector<Embedding>> embed(std::span<const std::string> texts,
                                       const Control& control) override {
    std::vector<Embedding> out;
    for (const std::string& text : texts) {
      const auto size = static_cast<int>(text.size());
      out.push_back({{0.1F, static_cast<float>(size)}, size});
      if (text.starts_with("wide ")) out.back().values.resize(std::stoul(text.substr(5)), 0.5F);
      const int read = static_cast<int>(out.size());
      if (control.on_prompt) control.on_prompt({read, static_cast<int>(texts.size()), 0});
      if (text == "wait" && !wait_for_stop(control.stop)) continue;
      if (control.stop.stop_requested()) return fail(ErrorCode::cancelled, "stopped");
    }
    return out;
  }

 private:
  /// Whether it came within a minute.
  static bool wait_for_stop(const std::stop_token& stop) {
    for (int i = 0; i < 60'000 && !stop.stop_requested(); ++i) sleep(1);
    return stop.stop_requested();
  }

  Result<Answer> act(const Request& request, const OnDelta& on_delta, const Control& control) {
    const std::stop_token& stop = control.stop;
    std::istringstream words(std::get<std::string>(request.prompt));
    std::string verb;
    words >> verb;
    int count = 0;
    words >> count;
    if (verb == "crash") die_by(SIGSEGV);
    if (verb == "kill") die_by(SIGKILL);
    if (verb == "exit") ::_exit(count);
    if (verb == "hang") sleep(60'000);
    if (verb == "throw") throw std::runtime_error("thrown by a framework");
    if (verb == "no") throw std::bad_alloc();
    if (verb == "talk") talk(count);
    if (verb == "spill") throw std::runtime_error("the token " + token_ + " is not right");
    if (verb == "leak") {
      fmt::print(stderr, "with token={}\n", token_);
      ::_exit(3);
    }
    if (verb == "slow") sleep(500);
    if (verb == "garbage") write_raw(std::string(64, '\x07'));
    if (verb == "huge") write_raw(std::string(4, '\xFF'));
    if (verb == "bad") write_raw(bad_delta());
    if (verb == "print") std::printf("a framework prints\n");
    if (verb == "pid") return say(std::to_string(::getpid()), on_delta);
    if (verb == "path") return say(path_, on_delta);
    if (verb == "threads") return say(std::to_string(threads_), on_delta);
    if (verb == "echo") return say(to_json(request).dump(), on_delta);
    if (verb == "big") return say(std::string(static_cast<std::size_t>(count), 'x'), on_delta);
    int pause = 0;
    words >> pause;
    if (verb == "read") {
      read_slowly(count, pause, control);
      return say("done", on_delta);
    }
    return say_words(count, pause, on_delta, stop);
  }

  static void read_slowly(int steps, int pause, const Control& control) {
    for (int i = 0; i <= steps && !control.stop.stop_requested(); ++i) {
      if (i > 0) sleep(pause);
      control.on_prompt({10 + i, 10 + steps, 10});
    }
  }

  static void talk(int lines) {
    for (int i = 0; i < lines; ++i) fmt::print(stderr, "line {}\n", i);
    ::_exit(3);
  }

  /// For the second call of a worker, the first being the load.
  static std::string bad_delta() {
    return encode_frame({{"type", "delta"}, {"id", 2}, {"delta", 7}}).value();
  }

  static Answer say(const std::string& text, const OnDelta& on_delta) {
    Answer answer;
    answer.text = text;
    answer.tokens = {1};
    on_delta({text, "", {1}, {}});
    return answer;
  }

  static Answer say_words(int count, int pause, const OnDelta& on_delta,
                          const std::stop_token& stop) {
    Answer answer;
    for (int i = 0; i < count; ++i) {
      if (pause > 0) sleep(pause);
      if (stop.stop_requested()) {
        answer.finish = FinishReason::cancelled;
        break;
      }
      const std::string word = fmt::format("w{} ", i);
      if (i < 100'000) answer.text += word;
      on_delta({word, "", {i}, {}});
      ++answer.usage.generated_tokens;
    }
    return answer;
  }

  Capabilities capabilities_;
  std::string token_;  ///< the option
  std::string path_;
  int threads_ = 0;
};

}  // namespace

std::unique_ptr<Engine> make_fake_engine() { return std::make_unique<FakeEngine>(); }

}  // namespace tenfold
