// A worker program like tenfold-engine-llama_cpp whose answers say when their tokens came: instead
// of its text, a delta has the nanoseconds of the monotonic clock at which the engine gave it to
// the worker; the first one before that "asked:" and when the question came. For serve_speed.py.
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "engines/llama_cpp/llama_cpp_engine.h"
#include "worker/worker.h"

namespace {

using namespace tenfold;

std::string stamp() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::to_string(std::chrono::nanoseconds(now).count()) + " ";
}

class StampedEngine : public Engine {
 public:
  explicit StampedEngine(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

  [[nodiscard]] std::string_view name() const override { return engine_->name(); }
  [[nodiscard]] const Capabilities& capabilities() const override {
    return engine_->capabilities();
  }
  Result<ModelInfo> initialize(const ResolvedModel& model, const LoadOptions& options,
                               const OnProgress& on_progress) override {
    return engine_->initialize(model, options, on_progress);
  }
  [[nodiscard]] bool is_initialized() const override { return engine_->is_initialized(); }
  Result<Answer> stream(const Request& request, const OnDelta& on_delta,
                        const Control& control) override {
    std::string stamps = "asked:" + stamp();
    const auto stamped = [&](Delta delta) {
      delta.text = std::exchange(stamps, "") + stamp();
      on_delta(delta);
    };
    return engine_->stream(request, stamped, control);
  }
  void cancel() override { engine_->cancel(); }
  Result<void> adjust(const Adjustment& adjustment) override { return engine_->adjust(adjustment); }
  Result<std::vector<double>> score(std::span<const TokenId> tokens,
                                    const Control& control) override {
    return engine_->score(tokens, control);
  }
  Result<PreparedPrompt> prepare(const Prompt& prompt, const Control& control) override {
    return engine_->prepare(prompt, control);
  }
  Result<std::vector<Embedding>> embed(std::span<const std::string> texts,
                                       const Control& control) override {
    return engine_->embed(texts, control);
  }
  void cleanup() override { engine_->cleanup(); }

 private:
  std::unique_ptr<Engine> engine_;
};

}  // namespace

int main() { return run_worker(std::make_unique<StampedEngine>(make_llama_cpp_engine())); }
