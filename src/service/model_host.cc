#include "service/model_host.h"

#include <fmt/format.h>

#include <algorithm>

#include "service/memory_need.h"
#include "service/service.h"

namespace tenfold {
namespace {

class WorkerHost : public ModelHost {
 public:
  explicit WorkerHost(HostOptions options) : options_(std::move(options)) {}

  Result<ModelPlan> plan(const ModelUse& use, int sequences) override {
    const std::vector<ModelChoice> choices =
        TRY(choose_engines(options_.store, use.model, use.engine));
    const ModelDescription& model = choices[0].model;
    ModelPlan plan;
    plan.model = model;
    plan.engine = choices[0].engine->id;
    for (std::size_t i = 1; i < choices.size(); ++i) {
      plan.other_engines.emplace_back(choices[i].engine->id);
    }
    plan.load.context_size = use.context_size.value_or(options_.context_size);
    plan.load.threads = options_.threads;
    plan.load.sequences = std::min(sequences, choices[0].engine->traits.max_sequences);
    if (const auto own = options_.engine_options.find(plan.engine);
        own != options_.engine_options.end()) {
      plan.load.engine_options = own->second;
    }
    plan.model.memory = memory_need(model, plan.load, choices[0].engine->option_uses);
    return plan;
  }

  Result<StartedEngine> start(const std::string& engine) override {
    StartedEngine started;
    started.engine = TRY(start_engine(*TRY(engine_named(engine)), options_.worker));
    started.memory = [worker = started.engine.get()] { return worker_memory(*worker); };
    return started;
  }

  [[nodiscard]] TimePoint now() const override { return std::chrono::steady_clock::now(); }

 private:
  HostOptions options_;  ///< constant, and thread-safe where it is not
};

}  // namespace

std::shared_ptr<ModelHost> make_model_host(HostOptions options) {
  return std::make_shared<WorkerHost>(std::move(options));
}

}  // namespace tenfold
