#include "service/testing/fake_host.h"

#include <fmt/format.h>

#include <sstream>
#include <stdexcept>
#include <thread>

#include "engine/json.h"

namespace tenfold {

class FakeHostEngine : public Engine {
 public:
  FakeHostEngine(FakeHost& host, std::string id) : host_(host) {
    capabilities_.engine = std::move(id);
    capabilities_.version = "1";
    capabilities_.resumes = host.resumes;
  }
  ~FakeHostEngine() override {
    if (!path_.empty()) host_.write("unload " + path_);
  }

  [[nodiscard]] std::string_view name() const override { return capabilities_.engine; }
  [[nodiscard]] const Capabilities& capabilities() const override { return capabilities_; }
  [[nodiscard]] bool is_initialized() const override { return !path_.empty(); }
  void cancel() override {}
  void cleanup() override {}
  Result<void> keep(const std::stop_token& stop) override {
    while (path_ == "stuck" && !stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (path_ == "unkept") return fail(ErrorCode::disk_full, "the disk is full");
    return {};
  }
  Result<std::vector<double>> score(std::span<const TokenId>, const Control&) override {
    return std::vector<double>{};
  }
  Result<PreparedPrompt> prepare(const Prompt&, const Control&) override {
    return PreparedPrompt{"", {1, 2, 3}};
  }
  Result<std::vector<Embedding>> embed(std::span<const std::string>, const Control&) override {
    return std::vector<Embedding>{};
  }

  [[nodiscard]] std::uint64_t memory() const {
    const std::lock_guard lock(host_.mutex_);
    const auto known = host_.measured_.find(path_);
    return known == host_.measured_.end() ? 0 : known->second;
  }

  Result<ModelInfo> initialize(const ResolvedModel& model, const LoadOptions& options,
                               const OnProgress& on_progress) override {
    const std::string path = model.path;
    host_.write("load " + path);
    worker_number_ = ++host_.loads_;
    if (path == "broken" || host_.fails(capabilities_.engine)) {
      return fail(ErrorCode::engine_died, "died while loading");
    }
    while (path == "slow") {
      if (!on_progress(0.5)) return fail(ErrorCode::cancelled, "load cancelled");
      if (wait_for("load", {}, std::chrono::milliseconds(1), std::chrono::steady_clock::now()) ==
          FinishReason::stop) {
        break;
      }
    }
    path_ = path;
    ModelInfo info;
    info.context_size = options.context_size == 0 ? 512 : options.context_size;
    return info;
  }

  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        const Control& control) override {
    const std::stop_token stop = control.stop;
    const auto start = std::chrono::steady_clock::now();
    const auto* chat = std::get_if<ChatPrompt>(&request.prompt);
    std::string prompt =
        chat != nullptr ? chat->messages.back().content : std::get<std::string>(request.prompt);
    if (chat != nullptr && chat->messages.back().role == "assistant") prompt = "words 1";
    host_.write("answer " + prompt);
    std::istringstream words(prompt);
    std::string verb;
    std::string what;
    words >> verb >> what;
    Answer answer;
    answer.usage.prompt_tokens = 2;
    if (verb == "sampling") {
      answer.text = to_json(request.sampling).dump();
      on_delta({answer.text, "", {}, {}});
      return answer;
    }
    const auto answered = static_cast<TokenId>(request.answered.size());
    answer.usage.answered_tokens = answered;
    if (verb == "share") {
      std::unique_lock lock(host_.mutex_);
      const int before = worker_number_;
      host_.changed_.wait(lock, [&] { return host_.died_ > 0; });
      if (before == 1) return fail(ErrorCode::engine_died, "killed by SIGSEGV");
    }
    if (verb == "fall" && host_dies()) return fail(ErrorCode::engine_died, "killed by SIGSEGV");
    if (verb == "refuse") return fail(ErrorCode::context_exceeded, "the prompt is too long");
    if (verb == "read") {
      control.on_prompt({1, 2, 1});
      control.on_prompt({2, 2, 1});
    }
    const int end = verb == "wait" || verb == "deaf" ? 1 : verb == "die" ? 10 : std::stoi(what);
    for (TokenId token = 0; token < end; ++token) {
      answer.text += fmt::format("w{} ", token);
      answer.tokens.push_back(token);
      if (token < answered) continue;
      on_delta({fmt::format("w{} ", token), "", {token}, {}});
      if (verb == "die" && token == std::max(std::stoi(what), answered) && host_dies()) {
        return fail(ErrorCode::engine_died, "killed by SIGSEGV\nlast words");
      }
    }
    if (verb == "deaf") answer.finish = wait_for(what, {}, {});
    if (verb == "wait") answer.finish = wait_for(what, stop, request.deadline, start);
    answer.usage.generated_tokens = static_cast<int>(answer.tokens.size());
    return answer;
  }

 private:
  bool host_dies() {
    const std::lock_guard lock(host_.mutex_);
    if (host_.deaths[capabilities_.engine] == 0) return false;
    --host_.deaths[capabilities_.engine];
    ++host_.died_;
    host_.changed_.notify_all();
    return true;
  }

  FinishReason wait_for(const std::string& name, std::stop_token stop,
                        std::optional<std::chrono::milliseconds> deadline,
                        std::chrono::steady_clock::time_point start = {}) {
    std::unique_lock lock(host_.mutex_);
    for (;;) {
      if (host_.open_.contains(name)) return FinishReason::stop;
      if (stop.stop_requested()) return FinishReason::cancelled;
      if (deadline && std::chrono::steady_clock::now() > start + *deadline) {
        return FinishReason::deadline;
      }
      host_.changed_.wait_for(lock, std::chrono::milliseconds(1));
    }
  }

  FakeHost& host_;
  Capabilities capabilities_;
  std::string path_;
  int worker_number_ = 0;
};

Result<ModelPlan> FakeHost::plan(const ModelUse& use, int sequences) {
  if (use.model == "missing") return fail(ErrorCode::not_found, "no such model");
  if (use.model == "throws") throw std::runtime_error("thrown by the host");
  ModelPlan plan;
  plan.model.path = use.model == "alias" ? "a" : use.model;
  plan.model.format = "gguf";
  plan.engine = use.engine.empty() ? "first" : use.engine;
  if (use.engine.empty()) plan.other_engines = {"second"};
  plan.model.sha256 = "00ff";
  plan.model.memory = memory.contains(use.model) ? memory[use.model] : 100;
  plan.load.context_size = use.context_size.value_or(0);
  plan.load.sequences = std::min(sequences, most_sequences);
  return plan;
}

Result<StartedEngine> FakeHost::start(const std::string& engine) {
  auto made = std::make_unique<FakeHostEngine>(*this, engine);
  const FakeHostEngine* own = made.get();
  return StartedEngine{std::move(made), [own] { return own->memory(); }};
}

ModelHost::TimePoint FakeHost::now() const {
  const std::lock_guard lock(mutex_);
  return clock_.value_or(std::chrono::steady_clock::now());
}

void FakeHost::open(const std::string& name) {
  const std::lock_guard lock(mutex_);
  open_.insert(name);
  changed_.notify_all();
}

void FakeHost::fail_engine(const std::string& id) {
  const std::lock_guard lock(mutex_);
  failing_.insert(id);
}

void FakeHost::measure(const std::string& model, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  measured_[model] = bytes;
}

bool FakeHost::fails(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return failing_.contains(id);
}

void FakeHost::advance(std::chrono::milliseconds time) {
  const std::lock_guard lock(mutex_);
  clock_ = clock_.value_or(std::chrono::steady_clock::now()) + time;
}

std::vector<std::string> FakeHost::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

void FakeHost::write(const std::string& line) {
  const std::lock_guard lock(mutex_);
  log_.push_back(line);
}

}  // namespace tenfold
