#include "service/model_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "formats/estimate.h"
#include "formats/untrusted.h"
#include "models/store.h"
#include "service/recommendation.h"
#include "service/service.h"

namespace tenfold {
namespace {

constexpr int most_context = 8192;  // that an engine chooses by itself
constexpr std::uint64_t unknown_buffers = std::uint64_t{256} << 20;

/// Formats that do not tell their shape: the weights, a quarter more, and room for buffers.
std::uint64_t memory_need(const ModelDescription& model, const LoadOptions& load) {
  if (!model.shape || model.weight_bytes == 0) {
    return std::max(model.weight_bytes, model.bytes) / 4 * 5 + unknown_buffers;
  }
  CacheSettings cache;
  cache.key_type = cache.value_type = model.cache_type;
  cache.sequences = load.sequences;
  const auto trained =
      static_cast<int>(std::clamp<std::int64_t>(model.trained_context, 0, std::int64_t{1} << 28));
  const int usual = trained > 0 ? std::min(trained, most_context) : most_context;
  cache.context = load.context_size > 0 ? load.context_size : usual;
  const MemoryEstimate estimate = estimate_memory(model.weight_bytes, *model.shape, cache);
  if (!load.engine_options.contains("rpc")) return estimate.total();
  const auto remote = load.engine_options.find("rpc_layers");
  return local_part(
             estimate, *model.shape,
             remote == load.engine_options.end() ? -1 : std::get<std::int64_t>(remote->second))
      .total();
}

/// Empty if the store does not know.
std::string known_digest(const StoredModel& model) {
  const auto file = std::ranges::find(model.files, model.path, &StoredFile::path);
  return file == model.files.end() ? std::string() : file->sha256;
}

class WorkerHost : public ModelHost {
 public:
  explicit WorkerHost(HostOptions options) : options_(std::move(options)) {}

  Result<ModelPlan> plan(const ModelUse& use, int sequences) override {
    const std::vector<ModelChoice> choices = TRY(choose_engines(use.model, use.engine));
    const ModelDescription model = TRY(describe_untrusted(choices[0].path));
    ModelPlan plan;
    plan.path = choices[0].path;
    plan.format = model.format;
    plan.engine = choices[0].engine->id;
    for (std::size_t i = 1; i < choices.size(); ++i) {
      plan.other_engines.emplace_back(choices[i].engine->id);
    }
    auto store = TRY(ModelStore::open());
    const auto stored = TRY(store.find_path(plan.path));
    if (stored) plan.sha256 = known_digest(*stored);
    plan.load.sampling = recommended_sampling(model, stored ? &*stored : nullptr);
    plan.load.context_size = use.context_size.value_or(options_.context_size);
    plan.load.threads = options_.threads;
    plan.load.sequences = std::min(sequences, TRY(most_sequences(*choices[0].engine)));
    if (const auto own = options_.engine_options.find(plan.engine);
        own != options_.engine_options.end()) {
      plan.load.engine_options = own->second;
    }
    plan.memory = memory_need(model, plan.load);
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
  /// Asks the engine once.
  Result<int> most_sequences(const EngineEntry& entry) {
    {
      const std::lock_guard lock(mutex_);
      const auto known = most_sequences_.find(std::string(entry.id));
      if (known != most_sequences_.end()) return known->second;
    }
    const auto engine = TRY(start_engine(entry));
    const std::lock_guard lock(mutex_);
    return most_sequences_[std::string(entry.id)] = engine->capabilities().max_sequences;
  }

  const HostOptions options_;
  std::mutex mutex_;
  std::map<std::string, int> most_sequences_;
};

}  // namespace

std::shared_ptr<ModelHost> make_model_host(HostOptions options) {
  return std::make_shared<WorkerHost>(std::move(options));
}

}  // namespace tenfold
